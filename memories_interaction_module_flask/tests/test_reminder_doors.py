"""Reminders in the portal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flask_core.contracts import memories
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound
from memories_interaction_module_flask.tests.desk import PENGUINS, Desk, settings


async def test_reminders_in_the_portal(desk: Desk) -> None:
    made = await desk.ask(
        memories.REMIND, memories.AddReminder(PENGUINS, "buy the ring", "in 2 hours", private=True), "dee"
    )
    assert (made.label, made.text, made.private, made.target) == ("R1", "buy the ring", True, "me")
    raid = memories.AddReminder(PENGUINS, "raid", "every monday 20:00", channel="twitch:1:1")
    with pytest.raises(Forbidden):
        await desk.ask(memories.REMIND, raid, "dee")
    weekly = await desk.ask(memories.REMIND, raid, "ben")
    assert weekly.recurring
    assert weekly.repeats.startswith("every Mon 20:00 CE")
    with pytest.raises(InvalidInput) as unread:
        await desk.ask(memories.REMIND, memories.AddReminder(PENGUINS, "tea", "in a bit"), "dee")
    assert unread.value.details["position"] == 3
    with pytest.raises(InvalidInput, match="Write in a channel"):
        await desk.ask(memories.REMIND, memories.AddReminder(PENGUINS, "tea", "in 2 hours"), "ghost")
    mine = await desk.ask(memories.REMINDERS, memories.ListReminders(PENGUINS), "dee")
    assert [(view.label, view.text) for view in mine.items] == [("R1", "buy the ring")]
    assert (await desk.ask(memories.REMINDERS, memories.ListReminders(PENGUINS), "eve")).items == ()
    channel = memories.ListReminders(PENGUINS, channel="twitch:1:1")
    with pytest.raises(Forbidden):
        await desk.ask(memories.REMINDERS, channel, "dee")
    assert [view.label for view in (await desk.ask(memories.REMINDERS, channel, "ben")).items] == ["R2"]
    with pytest.raises(Forbidden):
        await desk.ask(memories.CANCEL, memories.ReminderOf(PENGUINS, 1), "ben")
    await desk.ask(memories.CANCEL, memories.ReminderOf(PENGUINS, 1), "dee")
    with pytest.raises(Conflict):
        await desk.ask(memories.CANCEL, memories.ReminderOf(PENGUINS, 1), "dee")


async def test_who_never_wrote_anywhere_reminds_a_channel_but_not_themselves(desk: Desk) -> None:
    desk.roles["ghost"] = Role.MODERATOR
    everybody = memories.AddReminder(PENGUINS, "raid", "in 2 hours", "twitch:1:1")
    made = await desk.ask(memories.REMIND, everybody, "ghost")
    assert (made.target, made.text, made.repeats) == ("channel", "raid", "")
    with pytest.raises(InvalidInput, match="Write in a channel"):
        await desk.ask(memories.REMIND, memories.AddReminder(PENGUINS, "tea", "in 2 hours"), "ghost")


async def test_reminders_are_changed_in_the_portal(desk: Desk) -> None:
    year = datetime.now(UTC).year + 1

    async def change(who: str = "dee", **fields: str) -> memories.ReminderView:
        asked = memories.PatchReminder(PENGUINS, 1, **fields)  # type: ignore[arg-type]
        changed: memories.ReminderView = await desk.ask(memories.CHANGE_REMINDER, asked, who)
        return changed

    daily = memories.AddReminder(
        PENGUINS, "tea", rrule="FREQ=DAILY", clock="20:15", zone="America/New_York", private=True
    )
    made = await desk.ask(memories.REMIND, daily, "dee")
    assert made.recurring
    assert "20:15 E" in made.when
    assert made.ends_at is not None
    assert (await change(text="coffee")).text == "coffee"
    moved = await change(when=f"1 march {year}")
    assert (moved.text, moved.recurring, moved.due_at) == ("coffee", False, datetime(year, 3, 1, 8, 0, tzinfo=UTC))
    for fields, refusal in (
        ({"text": "x" * 501}, "at most 500"), ({"when": "in a bit"}, "understand"),
        ({"rrule": "FREQ=SECONDLY"}, "FREQ"),
        ({"when": "in 2h", "rrule": "FREQ=DAILY"}, "not both"), ({"when": "in 2h", "zone": "Mars"}, "time zone"),
        ({"rrule": "FREQ=DAILY", "clock": "late"}, "18:30"), ({"text": "new", "when": "in 3 years"}, "two years"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput, match=refusal):
            await change(**fields)
    with pytest.raises(Forbidden):
        await change("ben", text="mine")
    assert (await change(rrule="FREQ=WEEKLY;BYDAY=MO", clock="20:00")).text == "coffee"
    assert (await desk.ask(memories.RENEW, memories.ReminderOf(PENGUINS, 1), "dee")).recurring
    with pytest.raises(Conflict):
        await desk.ask(memories.SNOOZE, memories.SnoozeReminder(PENGUINS, 1, 10), "dee")
    for minutes in (10**15, 0, -(10**15)):
        with pytest.raises(InvalidInput):
            await desk.ask(memories.SNOOZE, memories.SnoozeReminder(PENGUINS, 1, minutes), "dee")
    await desk.ask(memories.CANCEL, memories.ReminderOf(PENGUINS, 1), "dee")
    over = await desk.ask(memories.REMINDERS, memories.ListReminders(PENGUINS, state="over"), "dee")
    assert [(view.label, view.status) for view in over.items] == [("R1", "cancelled")]


async def test_only_channels_of_the_community_are_reminded(desk: Desk) -> None:
    foreign = memories.AddReminder(PENGUINS, "hello", "in 2 hours", channel="twitch:9:9")
    with pytest.raises(NotFound):
        await desk.ask(memories.REMIND, foreign, "ben")
    await settings(desk, remind_role="moderator")
    mine = memories.AddReminder(PENGUINS, "hello", "in 2 hours")
    with pytest.raises(Forbidden):
        await desk.ask(memories.REMIND, mine, "dee")
    assert (await desk.ask(memories.REMIND, mine, "ben")).label == "R1"
    with pytest.raises(InvalidInput):
        await settings(desk, default_clock="25:00")


async def test_a_form_hears_what_its_words_mean(desk: Desk) -> None:
    year = datetime.now(UTC).year + 1
    understood = await desk.ask(memories.WHEN, memories.ReadWhen(PENGUINS, f"1 march {year} 20:00"), "dee")
    assert understood.at == datetime(year, 3, 1, 19, 0, tzinfo=UTC)
    assert "1 Mar" in understood.readable
    assert (await desk.ask(memories.WHEN, memories.ReadWhen(PENGUINS, "every friday 18:00"), "dee")).recurring
