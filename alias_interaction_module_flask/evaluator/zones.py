"""Time zones by the names that people and other bots write."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

UTC_ZONE = ZoneInfo("UTC")

# Hours east of Greenwich. They mean the same the whole year; three of them mean other places to other people.
_FIXED = {
    "EDT": -4, "CDT": -5, "MDT": -6, "PDT": -7, "PST": -8, "CST": -6, "AKST": -9, "BST": 1, "CET": 1, "CEST": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "IST": 5.5, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
AMBIGUOUS = frozenset({"CST", "IST", "BST"})


@cache
def _known() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


def zone_called(word: str, *, abbreviations: bool = True) -> tzinfo | None:
    """`Europe/Berlin`, `US/Eastern`, `EST`, and where they are allowed abbreviations such as `CEST`; None: no zone."""
    short = word.upper()
    if abbreviations and short in _FIXED:
        return timezone(timedelta(hours=_FIXED[short]), short)
    name = _known().get(word.lower())
    return None if name is None else ZoneInfo(name)


def zone_or_utc(name: str) -> tzinfo:
    """The community's own zone."""
    return zone_called(name, abbreviations=False) or UTC_ZONE


def abbreviation(at: datetime) -> str:
    """`EST`; for zones that have only numbers `UTC+03`."""
    name = at.tzname() or "UTC"
    return f"UTC{name}" if name[:1] in "+-" else name
