"""Time zones by the names people write, and wall times as moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from flask_core.when_english import ZONES


@cache
def _known() -> dict[str, str]:
    """`america/port-au-prince` and its like, as the files are called."""
    return {name.lower(): name for name in available_timezones() if "/" in name}


def zone_named(word: str) -> ZoneInfo | None:
    """`cet`, `america/new_york` (in lower case); None for a word that names no zone."""
    name = ZONES.get(word) or (_known().get(word) if "/" in word else None)
    return None if name is None else ZoneInfo(name)


def zone_at(words: list[str], at: int, otherwise: ZoneInfo) -> tuple[ZoneInfo, int]:
    """The zone that the word names and the place behind it, else `otherwise` and this place."""
    named = zone_named(words[at]) if at < len(words) else None
    return (otherwise, at) if named is None else (named, at + 1)


def local(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment of a wall time: one that DST skips moves forward by the gap, of two the first counts."""
    return datetime.combine(day, at, zone).astimezone(UTC)
