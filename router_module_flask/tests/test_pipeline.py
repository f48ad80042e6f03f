"""What the pipeline decides about a line, against fakes of everything around it."""

from __future__ import annotations

import pytest

from flask_core.datamodels import (
    CommandCard,
    Cooldowns,
    EventInterest,
    Manifest,
    MessageType,
    Moderate,
    Reply,
    Role,
    Ticker,
)
from flask_core.errors import Forbidden, Unavailable
from router_module_flask.delivering.addressing import outgoing
from router_module_flask.invocations import execution_id_of
from router_module_flask.models import Outgoing, Speaker
from router_module_flask.moderation.verdicts import Verdict
from router_module_flask.tests.fakes import CHANNEL, FakeContexts, World, chat_event, entry

ROLL = (CommandCard("roll", "Roll a die.", "#roll"),)
FAST = (CommandCard("fast", "Quick.", "!fast", cooldowns=Cooldowns()),)


async def test_a_command_reaches_its_module_with_parsed_arguments() -> None:
    world = World()
    assert await world.say("!quote 12") == "ran quote"
    module, invocation = world.modules.asked[0]
    assert (module, invocation.arguments, invocation.community.name) == ("memories", {"number": 12}, "Penguins")
    assert invocation.execution_id == execution_id_of(invocation.event.event_id, "quote")


@pytest.mark.parametrize(
    "line", ["hello all", "!", "!!!", "!?", "! quote", "?quote", "!unknown word", "", "   ", "/ban ann", "!quotes"]
)
async def test_what_is_no_command_stays_unanswered(line: str) -> None:
    world = World()
    assert await world.say(line) == ""
    assert world.outcome == "plain"
    assert world.modules.asked == []


@pytest.mark.parametrize(
    "line", ["!QUOTE 3", "!q 3", "@WaddleBot quote 3", "!quote #3", "!quo\u200bte 3", "  !quote 3"]
)
async def test_the_same_command_written_in_other_ways(line: str) -> None:
    world = World()
    assert await world.say(line) == "ran quote"
    assert world.modules.asked[0][1].arguments == {"number": 3}


async def test_the_longest_path_wins() -> None:
    world = World()
    assert await world.say('!quote add "ship it"', moderator=True) == "ran quote add"
    assert world.modules.asked[0][1].arguments == {"text": "ship it"}


@pytest.mark.promise("router.9")
async def test_wrong_words_get_the_usage_line_and_spend_no_cooldown() -> None:
    world = World()
    assert await world.say("!quote seven") == "Usage: !quote [number]"
    assert world.outcome == "usage"
    assert await world.say("!quote 7") == "ran quote"


@pytest.mark.promise("router.9")
async def test_of_three_buckets_none_is_taken_when_one_is_not_ready() -> None:
    world = World()
    assert await world.say("!so", user="ann") == "ran so"
    world.now += 12  # ann's own and the channel's bucket are ready again, the one of everybody is not
    assert await world.say("!so", user="ben") == "Ready in 8 s."
    world.now += 8
    assert await world.say("!so", user="ben") == "ran so"


@pytest.mark.promise("router.9")
async def test_waiting_is_told_once_per_window() -> None:
    world = World()
    assert await world.say("!quote 1") == "ran quote"
    assert await world.say("!quote 1") == "Ready in 10 s."
    assert await world.say("!quote 1") == ""
    assert world.outcome == "cooldown"


async def test_a_refusal_of_the_module_gives_the_cooldown_back() -> None:
    world = World()
    world.modules.fails = Forbidden("That is not yours.")
    assert await world.say("!quote 1") == "That is not yours."
    world.modules.fails = None
    assert await world.say("!quote 1") == "ran quote"


async def test_a_module_that_is_away_gets_an_apology_in_its_name() -> None:
    world = World()
    world.modules.fails = Unavailable("The memories module is not answering right now.")
    assert await world.say("!quote 1") == "The memories module is not answering right now."
    assert world.outcome == "failed"


async def test_roles_and_labels_open_commands() -> None:
    world = World()
    refusal = "Only moderators or members with the label memories can do that."
    assert await world.say("!quote add x", user="dee") == refusal
    assert await world.say("!quote add x", user="dee") == ""
    world.contexts.labels["dee"] = ("memories",)
    assert await world.say("!quote add x", user="dee") == "ran quote add"
    world.contexts.assigned["ben"] = Role.MODERATOR
    assert await world.say("!quote add x", user="ben") == "ran quote add"


@pytest.mark.promise("router.11")
async def test_the_broadcaster_of_a_channel_does_not_own_the_community() -> None:
    world = World()
    assert await world.say("!reset", user="caster", broadcaster=True) == "Only admins can do that. You are viewer here."
    world.contexts.assigned["ann"] = Role.OWNER
    assert await world.happens(chat_event("!reset", "ann", channel="slack:T1:C1")) == "ran reset"


@pytest.mark.promise("router.12")
async def test_a_module_off_in_one_channel_runs_in_the_next() -> None:
    world = World()
    world.customs.states["memories", CHANNEL] = False
    assert await world.say("!quote") == "memories is off here."
    assert await world.happens(chat_event("!quote", "ann", channel="console:2:other")) == "ran quote"


@pytest.mark.promise("router.12")
async def test_a_third_partys_module_is_off_until_it_is_switched_on() -> None:
    world = World()
    world.directory.take(Manifest("dice", "1", "interaction", "", "", commands=ROLL), external=True)
    assert await world.say("#roll") == "dice is off here."
    world.customs.states["dice", ""] = True
    world.directory.forget_customs(None)
    assert await world.say("#roll", user="ben") == "ran roll"


async def test_a_channel_without_community_runs_only_what_is_always_on() -> None:
    world = World()
    world.contexts.community = type(world.contexts.community)(1, "global", "Global")
    assert "belongs to no community" in await world.say("!quote")


@pytest.mark.promise("community.10")
async def test_a_guest_is_a_viewer_whatever_the_platform_says_unless_they_moderate() -> None:
    world = World()
    world.contexts.guests.add("gil")
    cards = (CommandCard("toast", "Raise a glass.", "!toast", role=Role.VIP),)
    world.directory.take(Manifest("bar", "1", "interaction", "", "one", commands=cards))
    assert await world.say("!quote 1", "gil") == "ran quote"
    assert world.modules.asked[-1][1].member.guest
    refused = "Only vips can do that. You are a guest here: !community join"
    assert await world.say("!toast", "gil", vip=True) == refused
    assert await world.say("!toast", "dee", vip=True) == "ran toast"
    assert not world.modules.asked[-1][1].member.guest
    assert await world.say('!quote add "ship it"', "gil", moderator=True) == "ran quote add"
    assert await world.say("hello", "gil") == ""
    assert world.outcome == "plain"


async def test_a_banned_member_is_met_with_silence() -> None:
    world = World()
    world.contexts.banned.add("cy")
    assert await world.say("!quote", user="cy") == ""
    assert world.outcome == "banned"


@pytest.mark.parametrize("data", [{"edited": True}, {"own_action": True}, {"no_commands": True}])
async def test_edits_our_own_acts_and_lines_where_none_are_taken_run_no_commands(data: dict[str, bool]) -> None:
    world = World()
    assert await world.say("!quote", data=data) == ""
    assert world.modules.asked == []


async def test_lines_of_bots_run_no_commands() -> None:
    world = World()
    assert await world.say("!quote", user="otherbot", bot=True) == ""


async def test_a_line_that_came_too_late_is_counted_but_not_answered() -> None:
    world = World()
    assert await world.say("!quote", data={"late": True}) == ""
    assert world.outcome == "late"


async def test_a_taken_over_entry_is_not_refused_by_its_own_cooldown() -> None:
    world = World()
    event = chat_event("!quote 1")
    assert await world.happens(event) == "ran quote"
    assert await world.happens(event, attempts=2) == "ran quote"


async def test_a_flood_of_commands_is_dropped() -> None:
    world = World()
    world.directory.take(Manifest("fast", "1", "interaction", "", "", commands=FAST))
    answers = [await world.say("!fast", moderator=True) for _ in range(21)]
    assert answers[:20] == ["ran fast"] * 20
    assert answers[20] == ""
    assert world.outcome == "flooded"
    world.now += 11
    assert await world.say("!fast", moderator=True) == "ran fast"


async def test_without_a_context_nothing_runs() -> None:
    world = World()
    world.contexts.away = True
    with pytest.raises(Unavailable):
        await world.pipeline.begin(entry(chat_event("!quote")))
    assert world.records.finished == []


async def test_modules_hear_what_they_asked_for_each_failing_alone() -> None:
    world = World()
    interests = (
        EventInterest(MessageType.RAID, min_amount=10),
        EventInterest(MessageType.CHAT, matches="^good (morning|evening)"),
        EventInterest(MessageType.CHAT, mentions_bot=True),
    )
    world.directory.take(Manifest("greeter", "1", "interaction", "", "", events=interests))
    assert await world.say("good evening everybody") == "ran "
    assert await world.say("bad evening") == ""
    assert await world.say("hey @WaddleBot there") == "ran "
    raid = chat_event("", "raider")
    small = type(raid)(raid.event_id, MessageType.RAID, CHANNEL, raid.occurred_at, raid.account, amount=3)
    assert await world.happens(small) == ""
    big = type(raid)("console:big", MessageType.RAID, CHANNEL, raid.occurred_at, raid.account, amount=30)
    world.modules.fails = Unavailable("The greeter module is not answering right now.")
    assert await world.happens(big) == ""
    assert world.records.finished[-1].runs[0].outcome == "unavailable"


async def test_actions_go_to_whoever_can_do_them() -> None:
    world = World()
    world.modules.answer = lambda _: Reply.chat("saved", Ticker("saved"))
    await world.say("!quote")
    outgoing = world.records.finished[-1].outgoing
    assert [(out.module, out.key[-2:]) for out in outgoing] == [("portal", ":0"), ("browser_source", ":1")]


def _act(operation: str = "delete") -> Outgoing:
    speaker = Speaker(FakeContexts().known(chat_event("hi")), Role.VIEWER, "member-dee", "Dee")  # type: ignore[arg-type]
    reply = Reply((Moderate(operation, target="dee", message_id="m1"),))  # type: ignore[arg-type]
    return outgoing(chat_event("hi"), speaker, "rule-1", "router", reply)[0]


async def test_a_blocked_line_reaches_no_command_and_what_it_deserves_is_recorded_with_it() -> None:
    world = World()
    world.moderation.verdicts["spam"] = Verdict((_act(),), blocked=True)
    assert await world.say("!quote spam") == ""
    assert (world.outcome, world.modules.asked) == ("blocked", [])
    assert world.records.finished[-1].outgoing[0].action.operation == "delete"


async def test_what_a_line_deserves_does_not_wait_for_its_command() -> None:
    world = World()
    world.moderation.verdicts["!quote"] = Verdict((_act(),))
    world.modules.answer = lambda invocation: Reply.chat(f"after {len(world.records.handed_out)}")
    assert await world.say("!quote 3") == "after 1"


async def test_an_edited_line_is_judged_and_nothing_else() -> None:
    world = World()
    assert await world.say("!quote 3", data={"edited": True}) == ""
    assert (world.outcome, world.modules.asked) == ("edited", [])
    world.moderation.verdicts["spam"] = Verdict((_act(),), blocked=True)
    await world.say("!quote spam", data={"edited": True})
    assert world.outcome == "blocked"


@pytest.mark.parametrize(("attempts", "first"), [(1, True), (2, False)])
async def test_a_module_is_told_whether_anybody_ran_this_before(attempts: int, first: bool) -> None:
    world = World()
    await world.happens(chat_event("!quote 1"), attempts=attempts)
    ((_, invocation),) = world.modules.asked
    assert invocation.first_run is first
