"""What is answered without a command: mentions, questions, greetings, and what happens on a stream."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import re2

from ai_interaction_module_flask.choices import CommunityChoices, EventReply, Triggers
from ai_interaction_module_flask.events import facts_of, filled
from ai_interaction_module_flask.tests.pond import Pond
from ai_interaction_module_flask.triggers import Hearing, wishes, without_name
from flask_core.contracts import ai
from flask_core.datamodels import Account, Event, MessageType, RepliedTo
from flask_core.testing.fake_openai import Failure
from router_module_flask.introductions.manifests import check_interests

ALL = Triggers(question=True, greeting=True, farewell=True)


def line(text: str, **more: Any) -> Event:
    account = more.pop("account", Account("dee", "dee", "Dee"))
    return Event("e1", MessageType.CHAT, "twitch:1:1", datetime.now(UTC), account, text, **more)


def kind(text: str, triggers: Triggers = ALL, **more: Any) -> str | None:
    return Hearing().kind_of(line(text, **more), triggers)


@pytest.mark.promise("ai.2")
@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("hi all", "greeting"),
        ("Hello!", "greeting"),
        ("o7", "greeting"),
        ("this is what support said", None),
        ("what", None),
        ("support", None),
        ("history is fun", None),
        ("hi_there", None),
        ("!hi", None),
        ("#hello", None),
        ("see ya tomorrow", "farewell"),
        ("see yaks", None),
        ("goodbye", "farewell"),
        ("how does this work?", "question"),
        ("really now?", None),
        ("how is it @eve?", None),
        ("it works", None),
        ("@waddlebot how does it work", "mention"),
        ("thanks WaddleBot", "mention"),
        ("waddlebots are many", None),
    ],
)
def test_words_fire_as_whole_words_and_commands_never_do(text: str, fires: str | None) -> None:
    assert kind(text) == fires
    usual = Triggers()
    assert kind(text, usual) == ("mention" if fires == "mention" else None)
    # The router brings us every line that fires, and of the others few.
    patterns = [wish.matches for wish in wishes(ALL)]
    if fires in ("greeting", "farewell", "question"):
        assert any(re2.search(pattern, text) for pattern in patterns)


def test_bots_fire_nothing_and_answers_to_the_bot_do() -> None:
    bot = Account("b", "b", "B", bot=True)
    assert kind("hi all", account=bot) is None
    assert kind("why so?", reply_to=RepliedTo("m", bot)) == "mention"
    assert kind("yes", reply_to=RepliedTo("m", Account("eve"))) is None
    assert kind("yes", data={"mentions_bot": True}) == "mention"
    assert kind("!quote", data={"mentions_bot": True}) is None
    slack = {"mentions_bot": True, "as_command": True}
    assert kind("!what is up?", data=slack) == "mention"
    assert without_name(line("!what is up?", data=slack)) == "what is up?"


def test_the_bots_name_is_no_part_of_the_question() -> None:
    assert without_name(line("@WaddleBot, what is up?")) == "what is up?"
    assert without_name(line("<@100> hello", data={"mentions_bot": True})) == "hello"
    assert without_name(line("@coolbot hello", data={"mentions_bot": True})) == "hello"
    assert without_name(line("@eve hello waddlebot")) == "@eve hello waddlebot"


def test_one_question_in_a_few_is_answered_where_a_community_wants_that() -> None:
    hearing = Hearing(random.Random(7))
    lucky = sum(hearing.lucky(Triggers(question_chance=25)) for _ in range(400))
    assert 70 < lucky < 130
    assert all(hearing.lucky(Triggers()) for _ in range(50))


def test_whatever_a_community_chooses_the_router_takes() -> None:
    odd = tuple(f"{'x' * 30}({number}[" for number in range(30))
    triggers = Triggers(
        question=True, question_marks="?!]^-", greeting=True, greetings=odd, farewell=True, farewells=("\\", "ñandú"),
        events={"follow": EventReply(), "cheer": EventReply(minimum=10), "raid": EventReply(on=False)},
    )  # fmt: skip
    wanted = wishes(triggers)
    check_interests(wanted)
    assert any(re2.search(wish.matches, f"{odd[29]} hello") for wish in wanted if wish.matches)
    assert any(re2.search(wish.matches, "what is this]") for wish in wanted if wish.matches)
    assert {(wish.message_type, wish.min_amount) for wish in wanted if not wish.matches} == {
        (MessageType.FOLLOW, 0), (MessageType.CHEER, 10),
    }  # fmt: skip


def test_events_are_told_as_they_are() -> None:
    event = line("", account=Account("1", "ann", "Ann"), amount=500, currency="EUR")
    donation = msgspec.structs.replace(event, message_type=MessageType.DONATION)
    assert filled("{user} gave {amount}!", facts_of(donation)) == "Ann gave 5.00 EUR!"
    resub = msgspec.structs.replace(event, message_type=MessageType.RESUB, amount=None, data={"months": 14})
    assert filled("{months} months", facts_of(resub)) == "14 months"


async def test_a_mention_goes_through_the_router_and_remembers(pond: Pond) -> None:
    assert await pond.ask("@waddlebot what do penguins do?") == "> Penguins waddle."
    assert "Dee: what do penguins do?" in pond.model.questions()[0]
    assert pond.model.asked[0]["messages"][-1]["role"] == "user"
    assert await pond.silent("just words, no question")
    # Too soon, and nobody is told.
    assert await pond.silent("@waddlebot again?")
    assert await pond.ask("!ai and then?") == "> Penguins waddle."
    assert len(pond.model.asked[1]["messages"]) == 4


@pytest.mark.promise("ai.2")
async def test_greetings_are_answered_where_they_are_switched_on(pond: Pond) -> None:
    assert await pond.silent("hi all")
    await pond.choose(triggers={"greeting": True, "question": True})
    assert await pond.silent("this is what support said")
    assert await pond.silent("!hi")
    assert await pond.ask("hi all") == "> Penguins waddle."
    assert "Greet them back" in pond.model.questions()[0]
    assert await pond.silent("how does all of this work?", "eve")
    assert len(pond.model.asked) == 1


async def test_what_goes_wrong_with_an_unasked_answer_is_never_said(pond: Pond) -> None:
    pond.model.failures = [Failure(500)]
    assert await pond.silent("@waddlebot are you there?")
    assert len(pond.model.asked) == 1
    (row,) = (await pond.as_person(ai.ANSWERS, ai.AnswersOf(pond.here))).items
    assert (row.kind, row.outcome, row.reason) == ("mention", "failed", "500 Internal Server Error")


async def test_a_quiet_channel_gets_answers_to_commands_only(pond: Pond) -> None:
    await pond.parts.ai.chatting.hush(pond.invocation("x", "mod"), quiet=True)
    assert await pond.silent("@waddlebot are you there?")
    assert await pond.ask("!ai are you there?", "eve") == "> Penguins waddle."


@pytest.mark.promise("ai.18")
async def test_fifty_gifts_get_one_answer(pond: Pond) -> None:
    for _ in range(50):
        await pond.town.happens(MessageType.SUBGIFT, "gus", amount=1)
    await pond.town.router.deliveries.settle()
    assert [delivery.action.text for delivery in pond.town.said] == ["Penguins waddle."]  # type: ignore[union-attr]
    assert "Gus: (subgift)" in pond.model.questions()[0]
    assert "under 150 characters" in pond.model.questions()[0]


@pytest.mark.promise("ai.18")
@pytest.mark.parametrize(("fallback", "said"), [("Welcome {user} and {amount} friends!", 1), ("", 0)])
async def test_without_a_model_the_owners_words_are_said_or_nothing(pond: Pond, fallback: str, said: int) -> None:
    await pond.choose(triggers={"events": {"raid": {"fallback": fallback}}})
    pond.model.failures = [Failure(500), Failure(500)]
    await pond.town.happens(MessageType.RAID, "gus", amount=42)
    await pond.town.router.deliveries.settle()
    texts = [delivery.action.text for delivery in pond.town.said]  # type: ignore[union-attr]
    assert texts == ["Welcome Gus and 42 friends!"][:said]


async def test_an_event_below_its_minimum_is_left_alone(pond: Pond) -> None:
    await pond.town.happens(MessageType.CHEER, "gus", amount=99)
    await pond.town.happens(MessageType.FOLLOW, "gus")
    await pond.choose(triggers={"events": {"raid": {"minimum": 10}, "follow": {}}})
    await pond.town.happens(MessageType.RAID, "gus", amount=9)
    assert pond.model.asked == []
    await pond.town.happens(MessageType.FOLLOW, "gus")
    assert len(pond.model.asked) == 1


def test_the_usual_choices_are_as_documented() -> None:
    usual = CommunityChoices().triggers
    assert [name for name in ("subscription", "raid", "cheer", "follow", "boost") if usual.event(name)] == [
        "subscription", "raid", "cheer",
    ]  # fmt: skip
