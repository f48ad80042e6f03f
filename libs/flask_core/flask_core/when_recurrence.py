"""Rules that repeat, read from words: `every mon and thu at 20:00 until 1 May`, or given as an RRULE."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from flask_core.when_dates import NotATime, clock_at, span_at
from flask_core.when_english import DAYS, ORDINALS, RULE_DAYS, UNITS, WEEKDAYS, WEEKEND
from flask_core.when_rules import Recurring, is_sub_daily, monthly_on, next_occurrence
from flask_core.when_zones import zone_at

_DAY_NUMBER = re.compile(r"(\d{1,2})(?:st|nd|rd|th)", re.ASCII)
_MOST_TIMES = 1_000
_UNTIL_CLOCK = time(23, 59)
_NAMES = {"m": "MINUTELY", "h": "HOURLY", "d": "DAILY", "w": "WEEKLY", "mo": "MONTHLY", "y": "YEARLY"}
_SIZES = (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60))

type ReadDate = Callable[[list[str], int], tuple[date, int]]


def read_rule(words: list[str], now: datetime, zone: ZoneInfo, default: time, until: ReadDate) -> Recurring:
    """`every …` as a rule; raises NotATime at the first word that does not fit."""
    rule, at = _frequency(words)
    # "every day 3 times" says how often, not when.
    clock = None if is_sub_daily(rule) else clock_at(words, at, bare=words[at + 1 : at + 2] != ["times"])
    zone, at = zone_at(words, clock[1] if clock else at, zone)
    end, at = _end(words, at, zone, until)
    if at < len(words):
        raise NotATime(at)
    wall = time(*clock[0]) if clock else default
    if is_sub_daily(rule):
        wall = now.astimezone(zone).time().replace(second=0, microsecond=0)
    if rule.startswith("FREQ=MONTHLY") and "BY" not in rule:
        rule = monthly_on(now.astimezone(zone).day, rule)
    first = next_occurrence(rule + end, wall=wall, zone=zone, after=now, start=now)
    if first is None:
        raise NotATime(len(words) - 1)
    return Recurring(rule + end, first, wall, zone)


def _end(words: list[str], at: int, zone: ZoneInfo, until: ReadDate) -> tuple[str, int]:
    """`until 1 May` and `10 times`, in the words of a rule."""
    if at < len(words) and words[at] == "until":
        last, end = until(words, at + 1)
        moment = datetime.combine(last, _UNTIL_CLOCK, zone).astimezone(UTC)
        return f";UNTIL={moment:%Y%m%dT%H%M%SZ}", end
    if at + 1 < len(words) and words[at].isdecimal() and words[at + 1] == "times":
        if not 1 <= int(words[at]) <= _MOST_TIMES:
            raise NotATime(at)
        return f";COUNT={int(words[at])}", at + 2
    return "", at


def _frequency(words: list[str]) -> tuple[str, int]:
    """The rule without clock and end, and where the words go on."""
    if len(words) < 2:
        raise NotATime(0)
    word = words[1]
    if word in DAYS:
        return _weekly(words)
    if word in _FIXED:
        return _FIXED[word], 2
    if word in ORDINALS and len(words) > 2 and words[2] in DAYS:
        end = 6 if words[3:6] == ["of", "the", "month"] else 3
        return f"FREQ=MONTHLY;BYDAY={ORDINALS[word]}{RULE_DAYS[DAYS[words[2]]]}", end
    if word == "month" and words[2:4] == ["on", "the"] and len(words) > 4:
        return _monthly(words)
    return _interval(words)


_FIXED = {
    "weekday": f"FREQ=WEEKLY;BYDAY={WEEKDAYS}",
    "weekdays": f"FREQ=WEEKLY;BYDAY={WEEKDAYS}",
    "weekend": f"FREQ=WEEKLY;BYDAY={WEEKEND}",
}


def _weekly(words: list[str]) -> tuple[str, int]:
    days, at = [], 1
    while at < len(words) and words[at] in DAYS:
        days.append(RULE_DAYS[DAYS[words[at]]])
        at += 1
        if at + 1 < len(words) and words[at] in {"and", "&"} and words[at + 1] in DAYS:
            at += 1
    return f"FREQ=WEEKLY;BYDAY={','.join(dict.fromkeys(days))}", at


def _monthly(words: list[str]) -> tuple[str, int]:
    found = _DAY_NUMBER.fullmatch(words[4])
    if found and 1 <= int(found[1]) <= 31:
        return monthly_on(int(found[1])), 5
    if words[4] in ORDINALS and len(words) > 5 and words[5] in DAYS:
        return f"FREQ=MONTHLY;BYDAY={ORDINALS[words[4]]}{RULE_DAYS[DAYS[words[5]]]}", 6
    raise NotATime(4)


def _interval(words: list[str]) -> tuple[str, int]:
    """`every day`, `every 2 hours`, `every 1h30m`."""
    if words[1] in UNITS:
        return _every(1, UNITS[words[1]]), 2
    found = span_at(words, 1)
    if found is None:
        raise NotATime(1)
    span, end = found
    if span.months and not span.seconds:
        return _every(span.months, "mo"), end
    for unit, size in _SIZES:
        if not span.months and span.seconds >= size and span.seconds % size == 0:
            return _every(int(span.seconds // size), unit), end
    raise NotATime(1)


def _every(count: int, unit: str) -> str:
    if unit not in _NAMES or count < 1:
        # Seconds: nobody wants to hear the same every second.
        raise NotATime(1)
    return f"FREQ={_NAMES[unit]}" if count == 1 else f"FREQ={_NAMES[unit]};INTERVAL={count}"
