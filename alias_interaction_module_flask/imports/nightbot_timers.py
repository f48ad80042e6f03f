"""Nightbot's timers: a text or an alias on a cron line, after so many lines in five minutes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alias_interaction_module_flask.imports.crons import every_day, seconds_of
from alias_interaction_module_flask.imports.reading import texted, whole
from alias_interaction_module_flask.imports.rows import Note, Row
from alias_interaction_module_flask.imports.timing import Found, Rhythm, clamped, timer_rows

_WINDOW, _USUAL = 300, 3_600


def rows(item: dict[str, Any]) -> Iterator[Row]:
    """The timer, and the command that it runs where its text has variables."""
    cron, text = texted(item.get("interval")), texted(item.get("message"))
    seconds, notes = seconds_of(cron), []
    if seconds is None:
        seconds, notes = _USUAL, [Note("cron_unknown", cron)]
    elif not every_day(cron):
        notes = [Note("weekday_rhythm")]
    every, about = clamped(seconds)
    target = texted(item.get("alias"))
    line = f"!{target.removeprefix('!')} {text}".strip() if target else ""
    lines = min(max(whole(item.get("lines")), 0), 1_000)
    rhythm = Rhythm(every, lines=lines, lines_within=_WINDOW if lines else 0)
    found = Found(
        texted(item.get("_id")), texted(item.get("name")), () if line else (text,), line, "nightbot",
        item.get("enabled") is not False, (*notes, *about),
    )  # fmt: skip
    yield from timer_rows(found, rhythm)
