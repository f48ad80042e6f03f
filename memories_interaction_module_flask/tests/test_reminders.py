"""Conversations about reminders, with a clock that the test moves."""

from __future__ import annotations

import pytest

from flask_core.contracts import community
from flask_core.datamodels import Chat, CommunityRef
from memories_interaction_module_flask.tests.conftest import World

MOD = {"role": "moderator", "user": "ben"}


@pytest.mark.promise("memories.8")
@pytest.mark.parametrize(
    "line", ['in "2h" "check the oven"', '"check the oven" in "2h"', "in 2h check the oven", "check the oven in 2h"]
)
async def test_both_orders_quoted_or_not_mean_the_same(world: World, line: str) -> None:
    assert await world.chat.say(f"!remind me {line}") == "R1: I'll remind you Wed 11 Mar 19:00 UTC (in 2 h)."
    assert await world.chat.say("!reminders") == "R1 Wed 11 Mar 19:00 UTC: check the oven"


@pytest.mark.promise("memories.7")
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("in a bit", 'I don\'t understand "in a bit". Try: in 2h30m, tomorrow 18:00, every monday 20:00.'),
        ("check the oven", 'I don\'t understand "check the oven". Try: in 2h30m, tomorrow 18:00, every monday 20:00.'),
        ("in 2h", "What shall I remind you of?"),
        ("in 2h tea in 3h", "I see two times."),
    ],
)
async def test_words_that_are_no_time_are_told(world: World, line: str, said: str) -> None:
    assert (await world.chat.say(f"!remind me {line}")).startswith(said)


@pytest.mark.promise("memories.9")
async def test_a_due_reminder_is_said_once_with_two_replicas(world: World) -> None:
    await world.chat.say("!remind me in 10m tea", user="grace")
    world.later(minutes=10)
    assert await world.loop("one").step() + await world.loop("two").step() == 1
    world.later(seconds=6)
    await world.loop("two").step()
    await world.loop("one").step()
    assert world.router.said == ["@grace, you wanted to be reminded: tea"]
    world.later(days=1)
    assert await world.loop("one").step() == 0


@pytest.mark.promise("memories.9")
async def test_a_replica_that_dies_after_claiming_loses_nothing(world: World) -> None:
    await world.chat.say("!remind me in 10m tea")
    world.later(minutes=10)
    reminders = world.memories.reminding.reminders
    assert len(await reminders.repository.claim("dead", world.now, 50)) == 1
    assert await world.loop("alive").step() == 0
    world.later(seconds=61)
    assert await world.loop("alive").step() == 1
    assert world.router.said == ["@dee, you wanted to be reminded: tea"]


@pytest.mark.promise("memories.9")
async def test_a_router_that_was_away_gets_it_late_and_once(world: World) -> None:
    await world.chat.say("!remind me in 10m tea")
    world.router.away = True
    world.later(minutes=10)
    for _ in range(40):
        await world.loop().step()
        world.later(seconds=30)
    world.router.away = False
    world.later(minutes=15)
    await world.time_passes()
    assert len(world.router.said) == 1
    assert "(late by" in world.router.said[0]


@pytest.mark.promise("memories.10")
async def test_a_refused_channel_ends_as_failed_with_the_reason(world: World) -> None:
    await world.chat.say("!remind me in 10m tea")
    world.router.state = "not_permitted"
    await world.time_passes(minutes=10)
    reminder = await world.memories.reminding.reminders.repository.one(2, 1)
    assert reminder is not None
    assert (reminder.status, reminder.last_error) == ("failed", "The platform said no.")


@pytest.mark.promise("memories.10")
async def test_delivered_only_when_the_router_says_so(world: World) -> None:
    await world.chat.say("!remind me in 10m tea")
    world.router.state = "waiting"
    await world.time_passes(minutes=10)
    repository = world.memories.reminding.reminders.repository
    waiting = await repository.one(2, 1)
    assert waiting is not None
    assert waiting.status == "handed_over"
    world.router.state = "done"
    await world.time_passes(seconds=6)
    done = await repository.one(2, 1)
    assert done is not None
    assert done.status == "delivered"


@pytest.mark.promise("memories.11")
async def test_a_private_reminder_has_a_public_form_without_its_text(world: World) -> None:
    await world.chat.say("!remind me in 10m buy the ring privately", user="grace")
    stored = await world.memories.reminding.reminders.repository.one(2, 1)
    assert stored is not None
    assert "ring" not in stored.text
    assert await world.chat.say("!reminders", user="grace") == "R1 Wed 11 Mar 17:10 UTC: (private)"
    await world.time_passes(minutes=10)
    (request,) = world.router.asked.values()
    said = request.actions[0]
    assert isinstance(said, Chat)
    assert (said.private, said.text) == (True, "@grace, you wanted to be reminded: buy the ring")
    assert said.public_fallback == "@grace, a private reminder is due."


@pytest.mark.promise("memories.12")
async def test_twenty_oclock_stays_twenty_oclock_over_the_change_of_clocks(world: World) -> None:
    world.chat.community = CommunityRef(2, "Penguins", "Europe/Berlin")
    said = await world.chat.say("!remind here every mon 20:00 raid", **MOD)
    assert said == "R1: every Mon 20:00 CET, next 16 Mar 20:00 in this channel."
    repository = world.memories.reminding.reminders.repository
    due = []
    for _ in range(4):
        reminder = await repository.one(2, 1)
        assert reminder is not None
        due.append(reminder.due_at)
        await world.time_passes(seconds=(reminder.due_at - world.now).total_seconds())
    assert [f"{at:%d %b %H:%M}" for at in due] == ["16 Mar 19:00", "23 Mar 19:00", "30 Mar 18:00", "06 Apr 18:00"]
    world.later(weeks=3, days=1)
    await world.time_passes()
    after = await repository.one(2, 1)
    assert after is not None
    assert f"{after.due_at:%d %b %H:%M}" == "04 May 18:00"


@pytest.mark.promise("memories.13")
async def test_other_peoples_reminders_are_theirs(world: World) -> None:
    await world.chat.say("!remind me in 1h tea", user="grace")
    assert await world.chat.say("!reminder cancel R1", user="eve") == "R1 is not yours."
    assert await world.chat.say("!reminder cancel R1", **MOD) == "R1 is not yours."
    assert (await world.chat.say("!reminder move R1 in 2h", user="eve")) == "R1 is not yours."
    assert (await world.chat.say("!reminders", user="eve")).startswith("Nothing waits.")
    await world.chat.say("!remind here in 1h raid", **MOD)
    assert await world.chat.say("!reminder cancel R2", role="moderator", user="bea") == "R2 is cancelled."
    assert await world.chat.say("!reminder move 1 in 2h", user="grace") == "R1: Wed 11 Mar 19:00 UTC (in 2 h)."
    assert await world.chat.say("!reminder cancel R1", user="grace") == "R1 is cancelled."
    assert await world.chat.say("!reminder cancel R1", user="grace") == "R1 is over already."
    assert await world.chat.say("!reminder cancel R9", user="grace") == "There is no R9."


@pytest.mark.promise("memories.14")
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("in 5s tea", "Give me at least 10 seconds."),
        ("in 3 years tea", "That is more than two years ahead."),
        ("every 30 minutes tea", "Every 60 minutes is the most often that I repeat myself here."),
        ("in 1h " + "x" * 501, "This is 501 characters long; a reminder has at most 500."),
    ],
)
async def test_reminders_have_limits(world: World, line: str, said: str) -> None:
    assert await world.chat.say(f"!remind me {line}") == said


@pytest.mark.promise("memories.14")
async def test_the_twenty_sixth_is_one_too_many(world: World) -> None:
    for number in range(25):
        assert (await world.chat.say(f"!remind me in 1h number {number}")).startswith(f"R{number + 1}: ")
    assert (await world.chat.say("!remind me in 1h one more")).startswith("25 reminders are waiting already.")


@pytest.mark.promise("memories.16")
async def test_snoozing_moves_this_once_not_the_rule(world: World) -> None:
    await world.chat.say("!remind me every day at 18:00 tea")
    await world.time_passes(hours=1)
    assert len(world.router.said) == 1
    assert await world.chat.say("!reminder snooze R1 10m") == "R2: again Wed 11 Mar 18:10 UTC."
    rule = await world.memories.reminding.reminders.repository.one(2, 1)
    assert rule is not None
    assert f"{rule.due_at:%d %H:%M}" == "12 18:00"
    await world.time_passes(minutes=10)
    assert len(world.router.said) == 2


async def test_a_single_one_can_be_snoozed_within_a_week(world: World) -> None:
    await world.chat.say("!remind me in 10m tea")
    assert await world.chat.say("!reminder snooze R1 10m") == "R1 has not fired in the last 7 days."
    await world.time_passes(minutes=10)
    assert await world.chat.say("!reminder snooze R1 40d") == "Snooze for 1 minute to 30 days."
    assert (await world.chat.say("!reminder snooze R1 10m")).startswith("R1: again ")
    await world.time_passes(minutes=10)
    assert len(world.router.said) == 2
    await world.chat.say("!reminder snooze R1 10m")
    await world.chat.say("!reminder cancel R1")
    assert await world.chat.say("!reminder snooze R1 10m") == "R1 is over already."


async def test_what_is_a_day_old_is_missed_and_listed_so(world: World) -> None:
    await world.chat.say("!remind me in 10m tea")
    await world.time_passes(hours=30)
    reminder = await world.memories.reminding.reminders.repository.one(2, 1)
    assert reminder is not None
    assert reminder.status == "missed"
    assert world.router.said == []
    world.later(days=91)
    assert await world.memories.reminding.reminders.repository.forget_old(world.now) == 1


async def test_lists_tell_rules_and_what_is_private_only_in_private(world: World) -> None:
    await world.chat.say("!remind me every mon 20:00 tea")
    await world.chat.say("!remind me in 1h the ring", channel="twitch:dm:dee")
    assert await world.chat.say("!reminders") == "R2 Wed 11 Mar 18:00 UTC: (private) · R1 every Mon 20:00 UTC: tea"
    assert (await world.chat.say("!reminders", channel="twitch:dm:dee")).startswith("R2 Wed 11 Mar 18:00 UTC: the ring")
    for number in range(5):
        await world.chat.say(f"!remind me in 2h number {number}")
    assert (await world.chat.say("!reminders")).endswith(" (+2 more)")
    await world.chat.say("!remind here in 3h raid", **MOD)
    assert await world.chat.say("!reminders here", **MOD) == "R8 Wed 11 Mar 20:00 UTC: raid"


async def test_everybody_sees_times_as_their_own(world: World) -> None:
    await world.chat.say("!remind me in 2h tea")
    said = world.chat.actions[0]
    assert isinstance(said, Chat)
    assert said.text == "R1: I'll remind you ⟦t:2026-03-11T19:00:00Z⟧ (in 2 h)."
    assert (await world.chat.say("!remind me 13 march 2027 tea")).startswith(
        "R2: I'll remind you Sat 13 Mar 2027 09:00"
    )


async def test_the_community_says_which_time_a_day_has_and_who_may(world: World) -> None:
    await world.memories.settings.write(2, {"default_clock": "18:30", "remind_role": "vip"}, 0)
    assert await world.chat.say("!remind me tomorrow tea") == "Reminders are for vips here."
    said = await world.chat.say("!remind me tomorrow tea", role="vip")
    assert said == "R1: I'll remind you Thu 12 Mar 18:30 UTC (in 1 day 1 h)."
    assert (await world.chat.say("!remind here tomorrow raid", **MOD)).startswith("R2: Thu 12 Mar 18:30 UTC")


async def test_another_channel_of_the_community_can_be_reminded(world: World) -> None:
    world.router.channels = (
        community.Channel("twitch:7:7", 2, "otters"), community.Channel("discord:1:99", 2, "#raids"),
    )  # fmt: skip
    assert await world.chat.say("!remind #otters in 1h raid", **MOD) == ("R1: Wed 11 Mar 18:00 UTC (in 1 h) in otters.")
    said = await world.chat.say("!remind <#99> in 1h raid", channel="discord:1:5", **MOD)
    assert said == "R2: Wed 11 Mar 18:00 UTC (in 1 h) in #raids."
    assert await world.chat.say("!remind #raids in 1h raid", **MOD) == "I know no channel raids here."
    assert await world.chat.say("!remind #otters in 1h raid") == "Only moderators can do that."
    await world.time_passes(hours=1)
    assert sorted(request.target.channel for request in world.router.asked.values()) == ["discord:1:99", "twitch:7:7"]
