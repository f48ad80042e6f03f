"""Questions in chat: asked, answered, refused, and never twice for one execution."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

import msgspec
import pytest

from ai_interaction_module_flask.conversations import Conversations, Exchange
from ai_interaction_module_flask.tests.pond import Pond, pond_on, words
from flask_core.auth import utc_now
from flask_core.datamodels import Account, Chat, MessageType, Origin, RepliedTo, Role
from flask_core.errors import InvalidInput
from flask_core.shared_memory import MemoryState
from flask_core.testing.fake_openai import Failure
from flask_core.testing.installation import until


async def test_a_question_goes_through_the_router_to_the_model_and_back(pond: Pond) -> None:
    assert await pond.ask("!ai what do penguins do?") == "> Penguins waddle."
    assert "Dee: what do penguins do?" in pond.model.questions()[0]
    assert "You are the chat bot of the community Penguins" in pond.model.systems()[0]
    action = pond.town.said[-1].action
    assert isinstance(action, Chat)
    assert action.origin is Origin.EXTERNAL
    assert action.reply
    assert await pond.ask("!ask", "eve") == "Usage: !ai <question>"
    with pytest.raises(InvalidInput, match="under 1,000 characters"):
        await pond.run("a" * 1_001)


@pytest.mark.promise("ai.1")
async def test_without_a_model_a_viewer_is_told_once_and_a_moderator_where(database_url: str) -> None:
    async with pond_on(database_url, AI_PROVIDER="none") as pond:
        assert await pond.ask("!ai hello") == "AI isn't set up here yet."
        assert await pond.run("hello", "eve") == ""
        told = await pond.run("hello", "ann", role=Role.OWNER)
        assert told == (f"AI isn't set up here yet. An owner can connect a model: https://bot.example/c/{pond.here}/ai")
        assert await pond.silent("@waddlebot are you there?", "fay")
        before = len(pond.town.said)
        await pond.town.happens(MessageType.RAID, "gus", amount=50)
        assert len(pond.town.said) == before
        ready = await pond.inst.app("ai").test_client().get("/ready")
        assert ready.status_code == 200
        assert pond.model.asked == []


@pytest.mark.promise("ai.3")
async def test_two_communities_share_neither_words_nor_rules_nor_models(pond: Pond) -> None:
    pond.model.models = ("gpt-test", "gpt-other")
    await pond.choose(2, system_prompt="Speak like a pirate.")
    await pond.choose(3, system_prompt="Speak like a poet.", model="gpt-other")
    await asyncio.gather(
        pond.run("my secret is herring", community=2, channel="twitch:2:2"),
        pond.run("my secret is krill", community=3, channel="twitch:3:3"),
    )
    await asyncio.gather(
        pond.run("what is my secret?", community=2, channel="twitch:2:2"),
        pond.run("what is my secret?", community=3, channel="twitch:3:3"),
    )
    seen = {"pirate": "herring", "poet": "krill"}
    for body in pond.model.asked[2:]:
        everything = str(body["messages"])
        style = next(word for word in seen if word in everything)
        other = next(word for word in seen if word != style)
        assert seen[style] in everything
        assert seen[other] not in everything
        assert other not in everything
        assert body["model"] == ("gpt-test" if style == "pirate" else "gpt-other")


@pytest.mark.promise("ai.3")
async def test_a_conversation_is_over_after_half_an_hour() -> None:
    clock = [0.0]
    talks = Conversations(MemoryState(clock=lambda: clock[0]))
    await talks.add(2, "twitch:2:2", "member-dee", Exchange("Dee", "what?", "that."))
    clock[0] += 1_799
    assert len(await talks.of(2, "twitch:2:2", "member-dee")) == 1
    assert await talks.of(3, "twitch:2:2", "member-dee") == []
    clock[0] += 2
    assert await talks.of(2, "twitch:2:2", "member-dee") == []


async def test_a_conversation_keeps_five_exchanges_and_four_thousand_characters() -> None:
    talks = Conversations(MemoryState())
    for number in range(7):
        await talks.add(2, "c", "m", Exchange("Dee", f"question {number}", "answer"))
    assert [one.question for one in await talks.of(2, "c", "m")] == [f"question {number}" for number in range(2, 7)]
    await talks.add(2, "c", "m", Exchange("Dee", "long", "a" * 3_990))
    assert [one.question for one in await talks.of(2, "c", "m")] == ["long"]


async def test_somebody_forgets_their_own_conversation(pond: Pond) -> None:
    await pond.run("I like herring")
    await pond.run("I like krill", "eve")
    assert await pond.run("", command="ai forget") == "I forgot our conversation here."
    await pond.run("what do I like?")
    await pond.run("what do I like?", "eve")
    assert "herring" not in str(pond.model.asked[2]["messages"])
    assert "krill" in str(pond.model.asked[3]["messages"])
    await pond.run("what else?", channel="console:other:1")
    assert len(pond.model.asked[4]["messages"]) == 2


async def test_a_channel_may_talk_as_one(pond: Pond) -> None:
    await pond.choose(context_scope="channel")
    await pond.run("I like herring")
    await pond.run("who likes what?", "eve")
    assert "Dee: I like herring" in str(pond.model.asked[1]["messages"])
    assert await pond.run("", command="ai forget") == "I forgot our conversation here."
    await pond.run("and who else?", "fay")
    assert "herring" not in str(pond.model.asked[2]["messages"])
    assert "Eve: who likes what?" in str(pond.model.asked[2]["messages"])


@pytest.mark.promise("ai.5")
async def test_an_execution_that_comes_again_asks_no_model_again(pond: Pond) -> None:
    pond.model.holds = asyncio.Event()
    invocation = pond.invocation("what?")
    both = asyncio.gather(pond.execute(invocation), pond.execute(invocation))
    await until(lambda: pond.model.asked)
    pond.model.holds.set()
    first, second = await both
    third = await pond.replica().ai.ask(invocation)
    assert first == second == third
    assert len(first.actions) == 1
    assert len(pond.model.asked) == 1


@pytest.mark.promise("ai.5")
async def test_a_failure_that_comes_again_asks_no_model_again_either(pond: Pond) -> None:
    pond.model.failures = [Failure(500)]
    invocation = pond.invocation("what?")
    first = await pond.execute(invocation)
    assert first == await pond.execute(invocation)
    assert len(pond.model.asked) == 1


async def test_a_moderator_pauses_ai_and_status_tells_it(pond: Pond) -> None:
    status = await pond.run("", command="ai status")
    assert status == "AI is on: gpt-test (openai), 0 of 500 answers used today."
    await pond.run("one")
    assert "1 of 500" in await pond.run("", command="ai status")
    assert await pond.ask("!ai off 30m") == "Only moderators can do that. You are viewer here."


@pytest.mark.promise("ai.20")
async def test_a_break_holds_in_one_channel_over_a_restart_and_ends_by_itself(pond: Pond) -> None:
    off = pond.invocation("!ai off 30m", "mod", role=Role.MODERATOR, command="ai off")
    off = msgspec.structs.replace(off, arguments={"time": 1_800})
    assert words(await pond.execute(off)) == "AI is paused in this channel for 30 minutes."
    restarted = pond.replica()
    assert words(await restarted.ai.ask(pond.invocation("hello"))).startswith("AI is taking a break until ⟦t:")
    assert await pond.run("hello", "eve", channel="console:other:1") == "> Penguins waddle."
    assert not await restarted.ai.chatting.wanted(pond.invocation("@waddlebot hello there", command=""))

    def later() -> datetime:
        return utc_now() + timedelta(minutes=31)

    after = await pond.replica(now=later).ai.ask(pond.invocation("hello", "fay"))
    assert words(after) == "> Penguins waddle."


async def test_a_pause_without_a_time_lasts_until_somebody_ends_it(pond: Pond) -> None:
    assert await pond.run("", "mod", command="ai off", role=Role.MODERATOR) == "AI is paused in this channel."
    assert await pond.run("hello") == "AI is paused here."
    assert await pond.run("", "mod", command="ai on", role=Role.MODERATOR) == "AI is on in this channel."
    assert await pond.run("hello") == "> Penguins waddle."


async def test_what_the_community_switched_off_is_refused(pond: Pond) -> None:
    await pond.choose(enabled=False)
    assert await pond.run("hello") == "AI is switched off here."
    await pond.choose(enabled=True, ask_role="subscriber")
    assert await pond.run("hello") == "Only subscribers can ask. You are viewer here."
    assert await pond.run("hello", "eve", role=Role.SUBSCRIBER) == "> Penguins waddle."


async def test_an_answer_of_nothing_is_told(pond: Pond) -> None:
    pond.model.says = lambda _: " "
    assert await pond.run("hello") == "> I have no answer to that."


async def test_the_bot_answers_who_answers_it(pond: Pond) -> None:
    ours = RepliedTo("m1", Account("bot", "bot", "Bot", bot=True))
    assert await pond.ask("why is that?", "dee", reply_to=ours) == "> Penguins waddle."


async def test_no_log_tells_what_was_asked_and_answered(pond: Pond, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    pond.model.says = lambda _: "Herring it is."
    assert await pond.ask("!ai what is my krill?") == "> Herring it is."
    pond.model.failures = [Failure(500, message="krill")]
    await pond.run("what is my krill?", "eve")
    ours = [record for record in caplog.records if not record.name.startswith(("aiosqlite", "asyncio"))]
    assert ours
    assert "krill" not in caplog.text
    assert "Herring" not in caplog.text


async def test_without_a_key_the_real_openai_is_not_asked(pond: Pond) -> None:
    bare = pond.replica(openai_base_url="https://api.openai.com/v1", openai_key="")
    assert words(await bare.ai.ask(pond.invocation("what?"))) == "AI isn't set up here yet."


async def test_a_moderator_types_a_break(pond: Pond) -> None:
    assert await pond.ask("!ai off 30m", "mod", moderator=True) == "AI is paused in this channel for 30 minutes."
    assert (await pond.ask("!ai what?")).startswith("AI is taking a break until ⟦t:")
    assert await pond.ask("!ai auto off", "mod", moderator=True) == "I answer commands only in this channel."
