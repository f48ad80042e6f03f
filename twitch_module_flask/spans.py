"""Spans of time as people say them: how long ago, how old, where in a stream."""

from __future__ import annotations

from datetime import datetime

from flask_core.when_told import in_words

_MONTHS = 12


def age(since: datetime, now: datetime) -> str:
    """`1 year 2 months`, `3 months 4 days`, and below a month as `in_words` says it."""
    months = (now.year - since.year) * _MONTHS + now.month - since.month
    if (now.day, now.timetz()) < (since.day, since.timetz()):
        months -= 1
    if months < 1:
        return in_words(now - since)
    parts = [_counted(months // _MONTHS, "year"), _counted(months % _MONTHS, "month")]
    return " ".join(part for part in parts if part)


def position(seconds: int) -> str:
    """`1:02:33`."""
    return f"{seconds // 3_600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""
