"""Reads one time out of words: anchored, so that every word must be understood, and pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_core.errors import InvalidInput
from flask_core.when_dates import NotATime, Span, clock_at, day_at, span_at
from flask_core.when_english import EXAMPLES
from flask_core.when_recurrence import read_rule
from flask_core.when_rules import Recurring
from flask_core.when_zones import local, zone_at

MAX_TEXT = 1_000
DEFAULT_CLOCK = time(9)
_TONIGHT = time(20)
_NIGHT_IS_OVER = 5
_NEXT = 10
_WORD = re.compile(r"\S+")
_AROUND = "\"'“”„‘’"
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}(?::\d{2})?(z|[+-]\d{2}:?\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Once:
    """A single moment; `zone` is the one its words were read in."""

    at: datetime
    zone: ZoneInfo


type When = Once | Recurring


class WhenError(InvalidInput):
    """These words are no time; `details["position"]` counts the characters before the first word not understood."""

    def __init__(self, text: str, position: int, sentence: str = "") -> None:
        shown = text.strip()[:60]
        super().__init__(sentence or f'I don\'t understand "{shown}". Try: {EXAMPLES}.', position=position)


class PastError(WhenError):
    """The words are a time, and it is over."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What words are read against: `locale` is the community's, `default_clock` stands for a day without clock."""

    now: datetime
    zone: ZoneInfo
    locale: str = "en"
    default_clock: time = DEFAULT_CLOCK

    def read(self, text: str) -> When:
        """The time that all of `text` means; raises WhenError with the place of the first word not understood."""
        words, places = split_words(text[: MAX_TEXT + 1])
        if not words or len(text) > MAX_TEXT:
            raise WhenError(text, 0)
        try:
            return self._read(words)
        except NotATime as problem:
            raise WhenError(text, places[problem.index]) from None
        except _Over:
            raise PastError(text, 0, f'"{text.strip()[:60]}" is over already.') from None
        except (OverflowError, ValueError):
            raise WhenError(text, 0, "That is further ahead than calendars go.") from None

    def _read(self, words: list[str]) -> When:
        if words[0] == "every":
            return read_rule(words, self.now, self.zone, self.default_clock, self._until)
        moment, end, zone = self._once(words)
        if end < len(words):
            raise NotATime(end)
        if moment <= self.now:
            raise _Over
        # The last hours of the year 9999 are in no calendar west or east of here; that raises OverflowError.
        moment.astimezone(zone)
        return Once(moment, zone)

    def _once(self, words: list[str]) -> tuple[datetime, int, ZoneInfo]:
        exact = _ISO.fullmatch(" ".join(words))
        if exact is not None:
            return self._exact(" ".join(words), zoned=bool(exact[1])), len(words), self.zone
        start = 1 if words[0] == "in" else 0
        span = span_at(words, start)
        if span is not None:
            return self._later(span[0]), span[1], self.zone
        if start:
            raise NotATime(1)
        return self._at_day(words)

    def _exact(self, text: str, *, zoned: bool) -> datetime:
        try:
            at = datetime.fromisoformat(text.upper())
        except ValueError:
            raise NotATime(0) from None
        return (at if zoned else at.replace(tzinfo=self.zone)).astimezone(UTC)

    def _later(self, span: Span) -> datetime:
        """Months are counted on the calendar, everything else in real time."""
        moment = self.now
        if span.months:
            moment = (moment.astimezone(self.zone) + Span(months=span.months).delta).astimezone(UTC)
        return moment + timedelta(seconds=span.seconds)

    def _at_day(self, words: list[str]) -> tuple[datetime, int, ZoneInfo]:
        """A day with or without clock, in either order; a clock alone is the next time it is that late."""
        clock = clock_at(words, 0)
        zone, end = zone_at(words, clock[1], self.zone) if clock else (self.zone, 0)
        day = day_at(words, end, self._today(zone), self.locale)
        if clock is None and day is None:
            raise NotATime(0)
        if day is not None:
            end = day[1]
        if clock is None and (clock := clock_at(words, end, bare=True)):
            zone, end = zone_at(words, clock[1], self.zone)
            # "tomorrow 9 pst": which day tomorrow is depends on the zone that came later.
            day = day_at(words, 0, self._today(zone), self.locale)
        tonight = day is not None and "tonight" in words[:end]
        return (
            self._moment(day[0] if day else None, _time(clock, tonight, self.default_clock), zone, tonight),
            end,
            zone,
        )

    def _moment(self, day: date | int | None, at: time, zone: ZoneInfo, tonight: bool) -> datetime:
        today = self._today(zone)
        if day is None:
            moment = local(today, at, zone)
            return moment if moment > self.now else local(today + timedelta(days=1), at, zone)
        if isinstance(day, date):
            return local(day + timedelta(days=tonight and at.hour < _NIGHT_IS_OVER), at, zone)
        ahead = (day % _NEXT - today.weekday()) % 7
        if day >= _NEXT:
            ahead = ahead or 7
        moment = local(today + timedelta(days=ahead), at, zone)
        return moment if moment > self.now else local(today + timedelta(days=ahead + 7), at, zone)

    def _today(self, zone: ZoneInfo) -> date:
        return self.now.astimezone(zone).date()

    def _until(self, words: list[str], at: int) -> tuple[date, int]:
        found = day_at(words, at, self._today(self.zone), self.locale)
        if found is None or not isinstance(found[0], date):
            raise NotATime(at)
        return found[0], found[1]


class _Over(Exception):
    """The moment is not in the future."""


def _time(clock: tuple[tuple[int, int], int] | None, tonight: bool, default: time) -> time:
    if clock is None:
        return _TONIGHT if tonight else default
    hour, minute = clock[0]
    if tonight and hour == 12:
        return time(0, minute)
    # "tonight at 9" is the evening's nine; "tonight at 1" is in the small hours.
    return time(hour + 12 if tonight and _NIGHT_IS_OVER <= hour < 12 else hour, minute)


def split_words(text: str) -> tuple[list[str], list[int]]:
    """Lower-case words without quotes around them, and where each begins; one place more, the end of the text."""
    words, places = [], []
    for found in _WORD.finditer(text):
        raw = found[0]
        bare = raw.lstrip(_AROUND)
        word = bare.rstrip(_AROUND + ",").lower()
        if word:
            words.append(word)
            places.append(found.start() + len(raw) - len(bare))
    return words, [*places, len(text.rstrip())]
