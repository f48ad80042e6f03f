"""Reads durations, clocks and days out of words; every reader returns what it found and where it ended."""

from __future__ import annotations

import re
from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from flask_core.when_english import CLOCKS, DAYS, MONTHS, ONE, SECONDS, UNITS
from flask_core.when_foreign import foreign_date

_PART = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)([a-z]+)")
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,3})?")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(am|pm)?")
_DAY_OF_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_MONTH_FIRST = frozenset({"en-US", "en_US"})
_NUMERIC = re.compile(r"(\d{1,2})([./])(\d{1,2})(?:[./](\d{4}))?\.?")


class NotATime(Exception):
    """The word at this index cannot be part of a time."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


@dataclass(frozen=True, slots=True)
class Span:
    """A duration: fixed seconds and calendar months."""

    seconds: float = 0
    months: int = 0

    def __add__(self, other: Span) -> Span:
        return Span(self.seconds + other.seconds, self.months + other.months)

    @property
    def delta(self) -> relativedelta:
        """What is added to a local time: 31 January plus one month is the last of February."""
        return relativedelta(months=self.months) + timedelta(seconds=self.seconds)


def span_at(words: list[str], at: int) -> tuple[Span, int] | None:
    """`1h30m`, `1 hour 30 minutes`, `1.5 hours`, `a week`, `half an hour`: all parts in a row, added up."""
    total, end = Span(), at
    while (part := _span_part(words, end)) is not None:
        total, end = total + part[0], part[1]
        if end + 1 < len(words) and words[end] == "and" and _span_part(words, end + 1) is not None:
            end += 1
    return (total, end) if end > at else None


def _span_part(words: list[str], at: int) -> tuple[Span, int] | None:
    if at >= len(words):
        return None
    word, after = words[at], words[at + 1] if at + 1 < len(words) else ""
    if word == "half" and after in {"a", "an"} and at + 2 < len(words) and words[at + 2] in UNITS:
        return _ending(_span(0.5, UNITS[words[at + 2]]), at + 3)
    if (word in ONE or _NUMBER.fullmatch(word)) and after in UNITS:
        return _ending(_span(1.0 if word in ONE else float(word), UNITS[after]), at + 2)
    return _ending(_joined(word), at + 1)


def _ending(span: Span | None, at: int) -> tuple[Span, int] | None:
    return None if span is None else (span, at)


def _joined(word: str) -> Span | None:
    """`1h30m` in one word."""
    total, end = Span(), 0
    while found := _PART.match(word, end):
        span = _span(float(found[1]), UNITS[found[2]]) if found[2] in UNITS else None
        if span is None:
            return None
        total, end = total + span, found.end()
    return total if end and end == len(word) else None


def _span(count: float, unit: str) -> Span | None:
    if unit in SECONDS:
        return Span(seconds=count * SECONDS[unit])
    months = count * (12 if unit == "y" else 1)
    # Nobody knows how long half a month is.
    return Span(months=int(months)) if months == int(months) else None


def clock_at(words: list[str], at: int, *, bare: bool = False) -> tuple[tuple[int, int], int] | None:
    """`at 18:00`, `6pm`, `6 pm`, `18.30`, `noon`; a bare hour only behind `at` or a day."""
    if words[at : at + 1] != ["at"]:
        return _clock(words, at, bare=bare)
    found = _clock(words, at + 1, bare=True)
    if found is None:
        raise NotATime(min(at + 1, len(words) - 1))
    return found


def _clock(words: list[str], at: int, *, bare: bool) -> tuple[tuple[int, int], int] | None:
    if at >= len(words):
        return None
    if words[at] in CLOCKS:
        return CLOCKS[words[at]], at + 1
    half = words[at + 1] if at + 1 < len(words) and words[at + 1] in {"am", "pm"} else ""
    found = _CLOCK.fullmatch(words[at] + half)
    if found is None or not (bare or found[2] or found[3]):
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if hour > 23 or minute > 59 or (found[3] and not 1 <= hour <= 12):
        raise NotATime(at)
    if found[3]:
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    return (hour, minute), at + 1 + bool(half)


def day_at(words: list[str], at: int, today: date, locale: str) -> tuple[date | int, int] | None:
    """A date, or a weekday as 0–6 (`next friday` is 10 + 4), at this word; `3/4` is in April but for `en-US`."""
    start = at
    if at < len(words) and words[at] == "on":
        at += 1
    found = _named_day(words, at, today) or _date_at(words, at, today, locale)
    if found is None and at > start:
        raise NotATime(at)
    return found


def _named_day(words: list[str], at: int, today: date) -> tuple[date | int, int] | None:
    word = words[at] if at < len(words) else ""
    if word in {"today", "tonight"}:
        return today, at + 1
    if word == "tomorrow":
        return today + timedelta(days=1), at + 1
    if word == "next" and at + 1 < len(words) and words[at + 1] in DAYS:
        return 10 + DAYS[words[at + 1]], at + 2
    return (DAYS[word], at + 1) if word in DAYS else None


def _date_at(words: list[str], at: int, today: date, locale: str) -> tuple[date, int] | None:
    if at >= len(words):
        return None
    month_first = locale in _MONTH_FIRST
    return _calendar_date(words, at, today, month_first=month_first) or foreign_date(words, at, today, locale)


def _calendar_date(words: list[str], at: int, today: date, *, month_first: bool) -> tuple[date, int] | None:
    word = words[at]
    if found := _ISO_DATE.fullmatch(word):
        return _date(at, int(found[1]), int(found[2]), int(found[3])), at + 1
    if (found := _NUMERIC.fullmatch(word)) and (found[2] == "/" or found[4] or word.endswith(".")):
        first, second = int(found[1]), int(found[3])
        # 3/13 can only be the 13th of March, whatever the locale says.
        swap = found[2] == "/" and (month_first or second > 12) and first <= 12
        day, month = (second, first) if swap else (first, second)
        return _with_year(at, day, month, found[4], today), at + 1
    following = words[at + 1] if at + 1 < len(words) else ""
    if (found := _DAY_OF_MONTH.fullmatch(word)) and following in MONTHS:
        year, end = _year(words, at + 2)
        return _with_year(at, int(found[1]), MONTHS[following], year, today), end
    if word in MONTHS and (found := _DAY_OF_MONTH.fullmatch(following)):
        year, end = _year(words, at + 2)
        return _with_year(at, int(found[1]), MONTHS[word], year, today), end
    return None


def _year(words: list[str], at: int) -> tuple[str | None, int]:
    if at < len(words) and re.fullmatch(r"20\d\d", words[at]):
        return words[at], at + 1
    return None, at


def _with_year(at: int, day: int, month: int, year: str | None, today: date) -> date:
    """Without a year: the next one in which that day is not over; the 29th of February may take a while."""
    if year:
        return _date(at, int(year), month, day)
    first = today.year if (month, day) >= (today.month, today.day) else today.year + 1
    leap_day = (month, day) == (2, 29)
    return _date(at, next(y for y in range(first, first + 9) if isleap(y)) if leap_day else first, month, day)


def _date(at: int, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise NotATime(at) from None
