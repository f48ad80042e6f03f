"""Spans of time in words, long and short."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo

_UNITS = ("year", "month", "day", "hour", "minute", "second")
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def long_form(begin: datetime, end: datetime, zone: tzinfo, *, units: int = 6, between: str = " ") -> str:
    """`2 days 5 hours 1 minute`: calendar years to seconds in a zone; at most so many units, zero ones left out.

    An end before the beginning is `0 seconds`.
    """
    counts = _calendar(begin.astimezone(zone), end.astimezone(zone), end - begin)
    told = [f"{count} {unit}{'' if count == 1 else 's'}" for unit, count in zip(_UNITS, counts, strict=True) if count]
    return between.join(told[:units]) or "0 seconds"


def short_form(span: timedelta) -> str:
    """`13m 15s`: the two largest of `d h m s`."""
    left, told = max(0, int(span.total_seconds())), []
    for unit, seconds in _SECONDS.items():
        count, left = divmod(left, seconds)
        if count:
            told.append(f"{count}{unit}")
    return " ".join(told[:2]) or "0s"


def _calendar(begin: datetime, end: datetime, span: timedelta) -> tuple[int, int, int, int, int, int]:
    if span < timedelta(seconds=1):
        return (0, 0, 0, 0, 0, 0)
    months = (end.year - begin.year) * 12 + end.month - begin.month
    while months > 0 and _later(begin, months) > end:
        months -= 1
    at = _later(begin, months)
    days = max(0, (end.date() - at.date()).days)
    if days and at + timedelta(days=days) > end:
        days -= 1
    at += timedelta(days=days)
    # The rest is time that really passes: an hour that the clock skips is none.
    left = max(0, int((end.astimezone(UTC) - at.astimezone(UTC)).total_seconds()))
    return (months // 12, months % 12, days, left // 3_600, left // 60 % 60, left % 60)


def _later(at: datetime, months: int) -> datetime:
    """The same day so many months later, else the last of that month."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(at.day, last))
