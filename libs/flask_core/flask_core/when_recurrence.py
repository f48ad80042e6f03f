"""Rules that repeat: read from words, kept as RFC 5545 text, stepped in wall time so that DST does not move them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from flask_core.when_dates import NotATime, clock_at, span_at
from flask_core.when_english import DAYS, ORDINALS, RULE_DAYS, UNITS, WEEKDAYS, WEEKEND

_DAY_NUMBER = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_MOST_TIMES = 1_000
_SHOWN = {"MO": "Mon", "TU": "Tue", "WE": "Wed", "TH": "Thu", "FR": "Fri", "SA": "Sat", "SU": "Sun"}

type ReadDate = Callable[[list[str], int], tuple[date, int]]


@dataclass(frozen=True, slots=True)
class Recurring:
    """A rule, its first moment, and the wall time that it keeps in `zone`."""

    rule: str
    first: datetime
    wall: time
    zone: ZoneInfo
    matched: str

    @property
    def described(self) -> str:
        """`every Mon, Thu 20:00 CET`."""
        parts = dict(part.split("=") for part in self.rule.split(";"))
        at = self.first.astimezone(self.zone)
        if parts["FREQ"] in {"HOURLY", "MINUTELY"}:
            count, unit = int(parts.get("INTERVAL", "1")), parts["FREQ"].lower().removesuffix("ly")
            return f"every {unit}" if count == 1 else f"every {count} {unit}s"
        return f"every {_days_shown(parts)} {self.wall:%H:%M} {at:%Z}"

    @property
    def shortest(self) -> timedelta:
        """The shortest time between two occurrences."""
        parts = dict(part.split("=") for part in self.rule.split(";"))
        unit = {"MINUTELY": timedelta(minutes=1), "HOURLY": timedelta(hours=1)}.get(parts["FREQ"], timedelta(days=1))
        return unit * int(parts.get("INTERVAL", "1"))


def _days_shown(parts: dict[str, str]) -> str:
    interval = int(parts.get("INTERVAL", "1"))
    if day := parts.get("BYMONTHDAY"):
        return f"month on day {day}"
    if days := parts.get("BYDAY"):
        if days == WEEKDAYS:
            return "weekday"
        shown = ", ".join(_SHOWN[name[-2:]] for name in days.split(","))
        return f"last {shown}" if days.startswith("-1") else shown
    unit = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}[parts["FREQ"]]
    return unit if interval == 1 else f"{interval} {unit}s"


def read_rule(
    words: list[str], now: datetime, zone: ZoneInfo, default: time, matched: str, until: ReadDate
) -> Recurring:
    """`every …` as a rule; raises NotATime at the first word that does not fit."""
    rule, at = _frequency(words)
    sub_daily = rule.startswith(("FREQ=HOURLY", "FREQ=MINUTELY"))
    clock = None if sub_daily else clock_at(words, at, bare=True)
    at = clock[1] if clock else at
    zone, at = _zone(words, at, zone)
    if at < len(words) and words[at] == "until":
        last, at = until(words, at + 1)
        end = datetime.combine(last, time(23, 59), zone).astimezone(UTC)
        rule += f";UNTIL={end:%Y%m%dT%H%M%SZ}"
    elif at + 1 < len(words) and words[at].isdecimal() and words[at + 1] == "times":
        if not 1 <= int(words[at]) <= _MOST_TIMES:
            raise NotATime(at)
        rule, at = f"{rule};COUNT={int(words[at])}", at + 2
    if at < len(words):
        raise NotATime(at)
    wall = (
        time(*clock[0])
        if clock
        else now.astimezone(zone).time().replace(second=0, microsecond=0)
        if sub_daily
        else default
    )
    first = next_occurrence(rule, wall=wall, zone=zone, after=now, start=now)
    if first is None:
        raise NotATime(len(words) - 1)
    return Recurring(rule, first, wall, zone, matched)


def _zone(words: list[str], at: int, zone: ZoneInfo) -> tuple[ZoneInfo, int]:
    from flask_core.when import zone_named  # noqa: PLC0415 - the two files read each other's words

    if at < len(words) and (named := zone_named(words[at])) is not None:
        return named, at + 1
    return zone, at


def _frequency(words: list[str]) -> tuple[str, int]:  # noqa: C901 (a list of forms, one line each)
    """The rule without clock and end, and where the words go on."""
    if len(words) < 2:
        raise NotATime(0)
    word = words[1]
    if word in {"weekday", "weekdays"}:
        return f"FREQ=WEEKLY;BYDAY={WEEKDAYS}", 2
    if word == "weekend":
        return f"FREQ=WEEKLY;BYDAY={WEEKEND}", 2
    if word in ORDINALS and len(words) > 2 and words[2] in DAYS:
        end = 6 if words[3:6] == ["of", "the", "month"] else 3
        return f"FREQ=MONTHLY;BYDAY={ORDINALS[word]}{RULE_DAYS[DAYS[words[2]]]}", end
    if word in DAYS:
        return _weekly(words)
    if word == "month" and words[2:4] == ["on", "the"] and len(words) > 4:
        return _monthly(words)
    if word in UNITS:
        return _every(1, UNITS[word], 1), 2
    found = span_at(words, 1)
    if found is None:
        raise NotATime(1)
    span, end = found
    return _interval(span.seconds, span.months), end


def _weekly(words: list[str]) -> tuple[str, int]:
    days, at = [], 1
    while at < len(words) and (word := words[at].rstrip(",")) in DAYS:
        days.append(RULE_DAYS[DAYS[word]])
        at += 1
        if at + 1 < len(words) and words[at] in {"and", "&"} and words[at + 1].rstrip(",") in DAYS:
            at += 1
    return f"FREQ=WEEKLY;BYDAY={','.join(dict.fromkeys(days))}", at


def _monthly(words: list[str]) -> tuple[str, int]:
    found = _DAY_NUMBER.fullmatch(words[4])
    if found and 1 <= int(found[1]) <= 31:
        return f"FREQ=MONTHLY;BYMONTHDAY={int(found[1])}", 5
    if words[4] in ORDINALS and len(words) > 5 and words[5] in DAYS:
        return f"FREQ=MONTHLY;BYDAY={ORDINALS[words[4]]}{RULE_DAYS[DAYS[words[5]]]}", 6
    raise NotATime(4)


def _interval(seconds: float, months: int) -> str:
    if months:
        return _every(months, "mo", 1)
    for unit, size in (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size and seconds % size == 0:
            return _every(int(seconds // size), unit, 1)
    raise NotATime(1)


def _every(count: int, unit: str, at: int) -> str:
    name = {"m": "MINUTELY", "h": "HOURLY", "d": "DAILY", "w": "WEEKLY", "mo": "MONTHLY", "y": "YEARLY"}.get(unit)
    if name is None or count < 1:
        raise NotATime(at)
    return f"FREQ={name}" if count == 1 else f"FREQ={name};INTERVAL={count}"


def next_occurrence(rule: str, *, wall: time, zone: ZoneInfo, after: datetime, start: datetime) -> datetime | None:
    """The first moment of the rule after `after`, or None when it has ended; missed ones are skipped.

    Days are stepped in wall time, so 20:00 stays 20:00 over a change of the clocks; hours and minutes in real time.
    """
    if rule.startswith(("FREQ=HOURLY", "FREQ=MINUTELY")):
        steps = rrulestr(f"RRULE:{rule}", dtstart=start.replace(second=0, microsecond=0).astimezone(UTC))
        found: datetime | None = steps.after(max(after, start))
        return found
    wall_rule, last = _without_until(rule)
    first_day = datetime.combine(start.astimezone(zone).date(), wall)
    steps = rrulestr(f"RRULE:{wall_rule}", dtstart=first_day)
    # One day back: DST may put a wall time of yesterday behind `after`.
    for day in steps.xafter(after.astimezone(zone).replace(tzinfo=None) - timedelta(days=1), count=4):
        moment = day.replace(tzinfo=zone).astimezone(UTC)
        if last is not None and moment > last:
            return None
        if moment > after:
            return moment
    return None


def _without_until(rule: str) -> tuple[str, datetime | None]:
    """The end as a moment: the library wants it in the form of the start, which is wall time."""
    parts = rule.split(";")
    ends = [part.removeprefix("UNTIL=") for part in parts if part.startswith("UNTIL=")]
    last = datetime.strptime(ends[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if ends else None
    return ";".join(part for part in parts if not part.startswith("UNTIL=")), last
