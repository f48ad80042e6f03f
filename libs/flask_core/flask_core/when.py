"""Times as people write them: `in 2h30m`, `friday 8pm`, `every monday 20:00 until 1 May`.

Pure and anchored: every word must be understood, and nothing is read from a clock or a locale of the machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask_core.errors import InvalidInput
from flask_core.when_dates import NotATime, clock_at, day_at, span_at
from flask_core.when_english import EXAMPLES, JOINTS, ZONES
from flask_core.when_recurrence import Recurring, next_occurrence, read_rule

__all__ = [
    "Once", "Reader", "Recurring", "When", "WhenError", "describe", "in_words", "next_occurrence", "parse_when",
    "split_when",
]  # fmt: skip

MAX_TEXT = 1_000
DEFAULT_CLOCK = time(9)
_TONIGHT = (20, 0)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}(?::\d{2})?(?:z|[+-]\d{2}:?\d{2})")
_MONTH_FIRST = frozenset({"en-US", "en_US"})


@dataclass(frozen=True, slots=True)
class Once:
    """A single moment; `zone` is the one its words were read in."""

    at: datetime
    zone: ZoneInfo
    matched: str


type When = Once | Recurring


class WhenError(InvalidInput):
    """These words are no time; `details["position"]` is the index of the first word that is not understood."""

    def __init__(self, text: str, position: int, sentence: str = "") -> None:
        shown = text.strip()[:60]
        super().__init__(sentence or f'I don\'t understand "{shown}". Try: {EXAMPLES}.', position=position)


@dataclass(frozen=True, slots=True)
class Reader:
    """What words are read against."""

    now: datetime
    zone: ZoneInfo
    locale: str = "en"
    default_clock: time = DEFAULT_CLOCK

    def read(self, text: str) -> When:
        """The time that all of `text` means; raises WhenError with the first word not understood."""
        if not text.strip() or len(text) > MAX_TEXT:
            raise WhenError(text, 0)
        words = split_words(text)
        try:
            if words[0] == "every":
                return read_rule(words, self.now, self.zone, self.default_clock, text.strip(), self._until)
            moment, end, zone = self._once(words, text)
        except NotATime as problem:
            raise WhenError(text, problem.index) from None
        if end < len(words):
            raise WhenError(text, end)
        if moment <= self.now:
            raise WhenError(text, 0, f'"{text.strip()[:60]}" is over already.')
        return Once(moment, zone, text.strip())

    def _once(self, words: list[str], text: str) -> tuple[datetime, int, ZoneInfo]:
        if _ISO.fullmatch(" ".join(words)):
            return datetime.fromisoformat(text.strip().upper()).astimezone(UTC), len(words), self.zone
        start = 1 if words[0] == "in" else 0
        if (span := span_at(words, start)) is not None:
            later = self.now.astimezone(self.zone)
            if span[0].months:
                later = (later + span[0].delta).replace(tzinfo=self.zone)
                return later.astimezone(UTC), span[1], self.zone
            return self.now + timedelta(seconds=span[0].seconds), span[1], self.zone
        if start:
            raise NotATime(1)
        return self._at_day(words)

    def _at_day(self, words: list[str]) -> tuple[datetime, int, ZoneInfo]:
        """A day with or without clock, in either order; a clock alone is the next time it is that late."""
        month_first = self.locale in _MONTH_FIRST
        today = self.now.astimezone(self.zone).date()
        clock = clock_at(words, 0)
        day = day_at(words, clock[1] if clock else 0, today, month_first=month_first)
        if clock is None and day is None:
            raise NotATime(0)
        end = (day or clock)[1]  # type: ignore[index]
        if clock is None and day is not None:
            clock = clock_at(words, end, bare=True)
            end = clock[1] if clock else end
        zone, end = self._zone_at(words, end)
        today = self.now.astimezone(zone).date()
        if clock is not None:
            hour, minute = clock[0]
        else:
            hour, minute = _TONIGHT if words[0] == "tonight" else (self.default_clock.hour, self.default_clock.minute)
        at = time(hour, minute)
        if words[0] == "tonight" and clock is not None and hour < 12:
            at = time((hour + 12) % 24, minute) if hour else at
        return self._resolve(None if day is None else day[0], at, zone, today), end, zone

    def _resolve(self, day: date | int | None, at: time, zone: ZoneInfo, today: date) -> datetime:
        if day is None:
            moment = local(today, at, zone)
            return moment if moment > self.now else local(today + timedelta(days=1), at, zone)
        if isinstance(day, date):
            return local(day, at, zone)
        weekday, far = day % 10, day >= 10
        ahead = (weekday - today.weekday()) % 7
        if far:
            ahead = ahead or 7
        moment = local(today + timedelta(days=ahead), at, zone)
        return moment if moment > self.now else local(today + timedelta(days=ahead + 7), at, zone)

    def _zone_at(self, words: list[str], at: int) -> tuple[ZoneInfo, int]:
        if at < len(words) and (name := zone_named(words[at])) is not None:
            return name, at + 1
        return self.zone, at

    def _until(self, words: list[str], at: int) -> tuple[date, int]:
        today = self.now.astimezone(self.zone).date()
        found = day_at(words, at, today, month_first=self.locale in _MONTH_FIRST)
        if found is None or not isinstance(found[0], date):
            raise NotATime(at)
        return found[0], found[1]


def parse_when(
    text: str, *, now: datetime, zone: ZoneInfo, locale: str = "en", default_clock: time = DEFAULT_CLOCK
) -> When:
    """The moment or the rule that `text` means, in the future of `now`; raises WhenError."""
    return Reader(now, zone, locale, default_clock).read(text)


def split_words(text: str) -> list[str]:
    """Lower-case words without quotes around them."""
    return [word for raw in text.lower().split() if (word := raw.strip("\"'“”„‘’"))]


def local(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment of a wall time: one that DST skips moves forward by the gap, of two the first counts."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def zone_named(word: str) -> ZoneInfo | None:
    """`CET`, `America/New_York`; None for a word that names no zone."""
    if word in ZONES:
        return ZoneInfo(ZONES[word])
    if "/" not in word or not re.fullmatch(r"[a-z_]+(?:/[a-z_+-]+){1,2}", word):
        return None
    try:
        return ZoneInfo("/".join("_".join(part.capitalize() for part in piece.split("_")) for piece in word.split("/")))
    except (ZoneInfoNotFoundError, ValueError):
        return None


def split_when(
    line: str, *, now: datetime, zone: ZoneInfo, locale: str = "en", default_clock: time = DEFAULT_CLOCK
) -> tuple[When, str]:
    """The time in a reminder's line and the rest: the longest phrase at the start, else at the end.

    Raises WhenError when there is none, or when both ends are times of their own.
    """
    reader = Reader(now, zone, locale, default_clock)
    words = line.strip().split()[:200]
    front = _longest(reader, words, from_start=True)
    back = _longest(reader, words, from_start=False)
    if front and back and front[1] + back[1] <= len(words):
        raise WhenError(line, 0, 'I see two times. Put quotes around the text: !remind me in 2h "the text"')
    if front:
        return front[0], _rest(words[front[1] :])
    if back:
        return back[0], _rest(words[: -back[1]])
    raise WhenError(line, _first_unknown(reader, line))


def _longest(reader: Reader, words: list[str], *, from_start: bool) -> tuple[When, int] | None:
    """The longest time phrase at one end that leaves a text, and how many words it takes."""
    problem: WhenError | None = None
    for count in range(min(len(words) - 1, 14), 0, -1):
        part = words[:count] if from_start else words[-count:]
        try:
            return reader.read(" ".join(part).removesuffix(":")), count
        except WhenError as error:
            if error.details["position"] == 0 and "over already" in error.message:
                problem = problem or error
    if problem is not None:
        raise problem
    return None


def _first_unknown(reader: Reader, line: str) -> int:
    try:
        reader.read(line)
    except WhenError as error:
        return int(error.details["position"])
    return 0


def _rest(words: list[str]) -> str:
    while words and words[0].lower().strip("\"'“”") in JOINTS:
        words = words[1:]
    while words and words[-1].lower() in (JOINTS | {"in", "at", "on"}):
        words = words[:-1]
    text = " ".join(words).strip().removeprefix(":").strip()
    if len(text) > 1 and text[0] in "\"'“" and text[-1] in "\"'”":
        return text[1:-1].strip()
    return text.strip('"“”')


def describe(when: When, now: datetime) -> str:
    """`Fri 13 Mar 20:00 CET (in 2 days 3 h)`, or `every Mon 20:00 CET`."""
    if isinstance(when, Recurring):
        return when.described
    at = when.at.astimezone(when.zone)
    year = f" {at.year}" if at.year != now.astimezone(when.zone).year else ""
    return f"{at:%a} {at.day} {at:%b}{year} {at:%H:%M} {at:%Z} (in {in_words(when.at - now)})"


def in_words(span: timedelta) -> str:
    """The two largest units: `2 days 3 h`, `45 min`, `30 s`."""
    seconds = max(0, round(span.total_seconds()))
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    parts = [f"{days} day{'' if days == 1 else 's'}" if days else "", f"{hours} h" if hours else ""]
    if not days:
        parts.append(f"{minutes} min" if minutes else "")
    if seconds < 3_600:
        parts.append(f"{seconds % 60} s" if seconds % 60 and minutes < 10 else "")
    return " ".join(part for part in parts if part) or "0 s"
