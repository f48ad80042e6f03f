"""Reads the dates that countdowns are written with."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import NamedTuple

from alias_interaction_module_flask.evaluator.moments import MONTHS
from alias_interaction_module_flask.evaluator.zones import zone_called

_ORDINAL = r"(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE | re.ASCII)
    for pattern in (
        r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:T(?=\d)|(?=[\s,]|$))",
        rf"(?P<name>[a-z]{{3,9}})\.?\s+(?P<day>\d{{1,2}}){_ORDINAL},?\s+(?P<year>\d{{4}})\b",
        rf"(?P<day>\d{{1,2}}){_ORDINAL}\s+(?P<name>[a-z]{{3,9}})\.?,?\s+(?P<year>\d{{4}})\b",
        # American order, as everywhere in Nightbot.
        r"(?P<month>\d{1,2})[\s/.-](?P<day>\d{1,2})[\s/.-](?P<year>\d{4})\b",
    )
)
_TIME = re.compile(
    r"(\d{1,2})(?::(\d{2}))?(?::(\d{2})(?:\.\d{1,9})?)?\s*(?:([ap])\.?m\b\.?)?", re.IGNORECASE | re.ASCII
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE | re.ASCII)
_WEEKDAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+", re.IGNORECASE)
_SHORT = [name[:3].lower() for name in MONTHS]
_LONGEST = 60


class Read(NamedTuple):
    """A moment, or with `daily` a time of day, whose `at` is the one of today."""

    at: datetime
    daily: bool = False
    zone: tzinfo = UTC
    zone_given: bool = False


def read_date(text: str, now: datetime, zone: tzinfo) -> Read | None:
    """What a text says; `zone` counts when it names none. None when it cannot be read."""
    left = _WEEKDAY.sub("", text.strip()[:_LONGEST], count=1)
    day, left = _day(left)
    clock, left = _clock(left.lstrip(" ,"))
    named = _zone(left.strip())
    if (day is None and clock is None) or (left.strip() and named is None):
        return None
    there = named or zone
    try:
        if day is None:
            at = datetime.combine(now.astimezone(there).date(), clock or time(), there)
        else:
            at = datetime.combine(datetime(*day, tzinfo=UTC).date(), clock or time(), there)
        at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return Read(at, day is None, there, named is not None)


def until(read: Read, now: datetime) -> datetime:
    """The next time that it is."""
    return read.at + timedelta(days=1) if read.daily and read.at <= now else read.at


def since(read: Read, now: datetime) -> datetime:
    """The last time that it was."""
    return read.at - timedelta(days=1) if read.daily and read.at > now else read.at


def _day(text: str) -> tuple[tuple[int, int, int] | None, str]:
    for pattern in _DATES:
        found = pattern.match(text)
        if found is None:
            continue
        parts = found.groupdict()
        name = parts.get("name")
        if name is not None and name[:3].lower() not in _SHORT:
            continue
        month = int(parts["month"]) if name is None else _SHORT.index(name[:3].lower()) + 1
        return (int(parts["year"]), month, int(parts["day"])), text[found.end() :]
    return None, text


def _clock(text: str) -> tuple[time | None, str]:
    found = _TIME.match(text.removeprefix("at "))
    if found is None or not (found[2] or found[4]):
        return None, text
    hour, half = int(found[1]), (found[4] or "").lower()
    if half and not 1 <= hour <= 12:
        return None, text
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    try:
        return time(hour, int(found[2] or 0), int(found[3] or 0)), text.removeprefix("at ")[found.end() :]
    except ValueError:
        return None, text


def _zone(word: str) -> tzinfo | None:
    if word.upper() == "Z":
        return UTC
    found = _OFFSET.fullmatch(word)
    if found is None:
        return zone_called(word)
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    if minutes >= 24 * 60:
        return None
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
