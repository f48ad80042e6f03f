"""Timers on their pages: made, changed, run, and asked why they were silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask_core.contracts.timers import TimerPlace, TimerSettings, TimerView
from portal_module_flask.tests.house import House
from portal_module_flask.tests.neighbours import Neighbours
from portal_module_flask.timer_forms import Coming, next_hour, soon

JOIN = "Come to our Discord."
FORM = {"every": "15", "lines": "5", "texts": JOIN}


async def test_a_moderator_makes_changes_runs_and_removes_a_timer(house: House) -> None:
    timers = f"{house.here}/timers"
    assert "No timer yet." in await house.page(timers)
    channel = f"console:{house.community_id}:playground"
    await house.send(
        timers,
        name="Discord",
        **FORM,
        offline_every="60",
        stream="live",
        style="announce",
        color="blue",
        channels=channel,
    )
    listed = await house.page(timers)
    for part in (
        ">discord<",
        JOIN,
        "every 15 min, 60 while offline, after 5 lines, live only",
        "not yet",
        "The next hour",
    ):
        assert part in listed
    edit = await house.page(f"{timers}/discord")
    for part in (
        f">{JOIN}</textarea>",
        'name="offline_every" inputmode="numeric" value="60"',
        f'value="{channel}" checked',
    ):
        assert part in edit
    more = {**FORM, "texts": f"{JOIN}\n\nBe kind.", "every": "30", "version": "1"}
    await house.send(f"{timers}/discord", on=f"{timers}/discord", **more)
    assert "every 30 min, after 5 lines" in await house.page(timers)
    await house.send(f"{timers}/discord/run", on=timers)
    assert "by hand: posted" in await house.page(timers)
    await house.inst.app("router").extensions["router"].deliveries.settle()
    assert JOIN in [line.text for line in await house.lines() if line.kind == "bot"]
    await house.send(f"{timers}/discord/off", on=timers)
    off = await house.page(timers)
    assert '<span class="badge">off</span>' in off
    assert "The next hour" not in off
    await house.send(f"{timers}/discord/on", on=timers)
    assert '<span class="badge">off</span>' not in await house.page(timers)
    await house.send(f"{timers}/discord/delete", on=timers)
    assert "No timer yet." in await house.page(timers)
    assert "There is no timer discord here." in await house.send(f"{timers}/discord/run", 404, on=timers)
    assert "There is no timer discord here." in await house.page(f"{timers}/discord", 404)


async def test_what_is_refused_comes_back_as_it_was_typed(house: House) -> None:
    timers = f"{house.here}/timers"
    for wrong, sentence in (
        ({"every": "4"}, "A timer runs every 5 minutes to 24 hours."),
        ({"every": "soon"}, "Every: write a whole number."),
        ({"command": "!ping"}, "one of both"),
        ({"name": "two words"}, "1 to 25 letters"),
    ):
        refused = await house.send(timers, 400, **{"name": "x", **FORM, **wrong})
        assert sentence in refused
        assert f">{JOIN}</textarea>" in refused
        for value in wrong.values():
            assert f'value="{value}"' in refused
    assert "cannot be read" in await house.send(timers, 400, name="x", **FORM, stream="sideways")
    await house.send(timers, name="x", **FORM)
    assert "There is a timer x already." in await house.send(timers, 409, name="x", **FORM)
    await house.send(f"{timers}/x", on=f"{timers}/x", **FORM, version="1")
    late = await house.send(f"{timers}/x", 409, on=f"{timers}/x", **{**FORM, "every": "20"}, version="1")
    assert "take what is saved" in late
    assert 'inputmode="numeric" value="20"' in late
    assert "cannot be done with a timer" in await house.send(f"{timers}/x/frame", 400, on=timers)


async def test_viewers_have_no_timers(house: House) -> None:
    dee = await (await Neighbours.of(house)).becomes("Dee", "twitch", "viewer")
    assert "Timers" not in await dee.page(f"{house.here}/memories")
    assert "Only moderators can see that." in await dee.page(f"{house.here}/timers", 403)


def test_the_next_hour_shows_whoever_may_speak_in_it() -> None:
    now = datetime.now(UTC)

    def timer(name: str, minutes: float | None, every: int = 1_200) -> TimerView:
        at = None if minutes is None else now + timedelta(minutes=minutes)
        return TimerView(name, at is not None, TimerSettings(every), (TimerPlace("c", at), TimerPlace("d")))

    shown = next_hour([timer("late", 61), timer("b", 12.5), timer("off", None), timer("a", 3, 3_600)], now)
    assert shown == [Coming("a", (3,)), Coming("b", (12, 32, 52))]
    assert (soon(now + timedelta(minutes=4), now), soon(now + timedelta(hours=3), now)) == ("in 4 min", "in 3 h")
