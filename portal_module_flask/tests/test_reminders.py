"""Reminders on their page: one's own, and a channel's for moderators."""

from __future__ import annotations

from flask_core.auth import utc_now
from portal_module_flask.tests.house import House
from portal_module_flask.tests.neighbours import Neighbours


def everybody(house: House) -> str:
    """The channel of the playground, as forms name it."""
    return f"console:{house.community_id}:playground"


async def test_a_person_sets_changes_and_cancels_their_own(house: House) -> None:
    reminders = f"{house.here}/memories/reminders"
    dee = await (await Neighbours.of(house)).becomes("Dee", "twitch", "viewer")
    assert "No reminder waits here." in await dee.page(reminders)
    made = await dee.send(reminders, text="eat the fish", when="in 2h30m", private="yes")
    assert made == f"{reminders}?new=1"
    shown = await dee.page(made)
    assert "R1 waits: " in shown
    for part in ("eat the fish", ">private<", "Cancel R1", "Change R1"):
        assert part in shown
    assert "Renew" not in shown
    assert "eat the fish" not in await house.page(reminders)
    await dee.send(f"{reminders}/1", on=reminders, text="the cake is done", when="every day at 9")
    shown = await dee.page(reminders)
    assert "the cake is done" in shown
    assert "every day 09:00 UTC" in shown
    assert "R1 waits: every day 09:00 UTC, next " in await dee.page(
        await dee.send(f"{reminders}/1/renew", on=reminders)
    )
    assert "R1 is not yours." in await house.send(f"{reminders}/1/cancel", 403, on=reminders)
    await dee.send(f"{reminders}/1/cancel", on=reminders)
    assert "No reminder waits here." in await dee.page(reminders)
    over = await dee.page(f"{reminders}?state=over")
    assert ">cancelled<" in over
    assert "Once more" not in over


async def test_a_rule_with_clock_and_zone_is_told_in_words(house: House) -> None:
    reminders = f"{house.here}/memories/reminders"
    channel = everybody(house)
    rule = {"rrule": "FREQ=WEEKLY;BYDAY=MO", "clock": "20:15", "zone": "Asia/Tokyo"}
    shown = await house.page(await house.send(reminders, text="raid", channel=channel, **rule))
    assert "R1 waits: every Mon 20:15 JST, next Mon " in shown
    assert f'<option value="{channel}" selected>' in shown
    assert "No reminder waits here." in await house.page(reminders)
    for field, wrong, sentence in (
        ("clock", "late", "A time of day is written 18:30."),
        ("zone", "Moon/Base", "No time zone is called Moon/Base."),
        ("when", "in 2h", "Give a time in words or a rule, not both."),
    ):
        refused = await house.send(reminders, 400, text="raid", channel=channel, **rule | {field: wrong})
        assert sentence in refused
        for kept in ('value="raid"', f'value="{wrong}"', 'value="FREQ=WEEKLY;BYDAY=MO"', "<details open>"):
            assert kept in refused


async def test_words_are_read_before_they_are_kept(house: House) -> None:
    reminders = f"{house.here}/memories/reminders"
    read = await house.send(reminders, 200, text="tea", when="every monday 20:00", private="yes", check="yes")
    assert "That means: every Mon 20:00 UTC, first " in read
    for kept in ('value="tea"', 'value="every monday 20:00"', 'value="yes" checked'):
        assert kept in read
    assert "No reminder waits here." in await house.page(reminders)
    unread = await house.send(reminders, 400, text="tea", when="in a bit", check="yes")
    assert "I don&#39;t understand" in unread
    assert 'value="in a bit"' in unread


async def test_the_modules_refusals_are_shown_with_what_was_typed(house: House) -> None:
    reminders = f"{house.here}/memories/reminders"
    unreachable = await house.send(reminders, 400, text="tea", when="in 2h")
    assert "Write in a channel of this community once" in unreachable
    channel = everybody(house)
    assert "What shall I remind you of?" in await house.send(reminders, 400, text=" ", when="in 2h", channel=channel)
    await house.send(reminders, text="raid", when="in 2h", channel=channel)
    changed = await house.send(f"{reminders}/1", 400, on=reminders, text="party", when="yesterday", channel=channel)
    assert 'id="text1" name="text" value="party"' in changed
    assert 'id="when1" name="when" value="yesterday"' in changed
    assert 'id="when" name="when" value=""' in changed
    assert "There is no R9." in await house.send(f"{reminders}/9/cancel", 404, on=reminders)
    assert "R1 comes only once." in await house.send(f"{reminders}/1/renew", 409, on=reminders, channel=channel)
    assert "has not fired" in await house.send(f"{reminders}/1/snooze", 409, on=reminders, minutes="10")
    assert "Load the page again" in await house.send(f"{reminders}/1/snooze", 400, on=reminders, minutes="ten")
    assert "cannot be done with a reminder" in await house.send(f"{reminders}/1/frame", 400, on=reminders)


async def test_what_was_said_is_said_once_more(house: House) -> None:
    reminders = f"{house.here}/memories/reminders"
    channel = everybody(house)
    await house.send(reminders, text="raid", when="in 2h", channel=channel)
    said = "UPDATE reminders SET status = 'delivered', fired_at = ?"
    await house.inst.services["memories"].database.write(lambda tx: tx.run(said, utc_now()))
    over = f"{reminders}?channel={channel}&state=over"
    assert ">said<" in await house.page(over)
    again = await house.page(await house.send(f"{reminders}/1/snooze", on=over, channel=channel, minutes="30"))
    assert "R1 waits: " in again
    assert "No reminder is over yet." in await house.page(over)


async def test_viewers_are_offered_no_channel_and_see_none(house: House) -> None:
    reminders = f"{house.here}/memories/reminders"
    channel = everybody(house)
    await house.send(reminders, text="raid", when="in 2h", channel=channel)
    dee = await (await Neighbours.of(house)).becomes("Dee", "twitch", "viewer")
    shown = await dee.page(f"{reminders}?channel={channel}")
    assert "raid" not in shown
    assert 'name="channel" aria-label' not in shown
    assert (await dee.post(reminders, text="mine", when="in 2h", channel=channel)).status_code == 403
    assert "R1 is not yours." in await dee.send(f"{reminders}/1/cancel", 403, on=reminders)
