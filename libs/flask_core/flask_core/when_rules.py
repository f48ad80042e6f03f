"""Rules that repeat, kept as RFC 5545 text, and stepped in wall time so that DST does not move them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from flask_core.errors import InvalidInput
from flask_core.when_english import WEEKDAYS

_SHOWN = {"MO": "Mon", "TU": "Tue", "WE": "Wed", "TH": "Thu", "FR": "Fri", "SA": "Sat", "SU": "Sun"}
_WHICH = {"1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth", "-1": "last"}
_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_STEPS = {"MINUTELY": timedelta(minutes=1), "HOURLY": timedelta(hours=1), "DAILY": timedelta(days=1)}
_UNTIL = "%Y%m%dT%H%M%SZ"
_NEVER = "This rule never comes again."
# Longer than between two 29ths of February, so that a rule which never comes is not looked for until the year 9999.
_LOOK_AHEAD = timedelta(days=366 * 9)
# dateutil ends there, so a rule that does not come in these years is found out in a hundred steps.
_LAST_YEARS = datetime(9991, 1, 1)  # noqa: DTZ001 - wall time
_DAY_OF_MONTH = r"-?(?:[1-9]|[12][0-9]|3[01])"
_DAYS_OF_MONTH = re.compile(rf"{_DAY_OF_MONTH}(?:,{_DAY_OF_MONTH}){{0,30}}")
_NUMBERED_DAY = re.compile(r"[1-5]")
_NUMBER = re.compile(r"[1-9]\d{0,2}", re.ASCII)
_PARTS = {
    "FREQ": re.compile(r"MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": _NUMBER,
    "COUNT": _NUMBER,
    "UNTIL": re.compile(r"\d{8}T\d{6}Z", re.ASCII),
    "BYDAY": re.compile(r"(?:-?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:-?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)){0,6}"),
    "BYMONTHDAY": _DAYS_OF_MONTH,
    "BYSETPOS": re.compile(r"-?[1-5]"),
}
# A day of the year that never comes would be looked for day by day until the year 9999.
_DAYS_OF: dict[str, set[str]] = {
    "MINUTELY": set(), "HOURLY": set(), "DAILY": {"BYDAY"}, "WEEKLY": {"BYDAY"},
    "MONTHLY": {"BYDAY", "BYMONTHDAY", "BYSETPOS"}, "YEARLY": set(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recurring:
    """A rule, its first moment, and the wall time that it keeps in `zone`."""

    rule: str
    first: datetime
    wall: time
    zone: ZoneInfo

    @property
    def described(self) -> str:
        """`every Mon, Thu 20:00 CET`."""
        parts = parts_of(self.rule)
        count, unit = int(parts.get("INTERVAL", "1")), parts["FREQ"].lower().removesuffix("ly")
        if is_sub_daily(self.rule):
            return f"every {unit}" if count == 1 else f"every {count} {unit}s"
        return f"every {_days_shown(parts)} {self.wall:%H:%M} {self.first.astimezone(self.zone):%Z}"

    @property
    def shortest(self) -> timedelta:
        """No two occurrences are nearer; days of a week, a month or a year may stand side by side."""
        parts = parts_of(self.rule)
        step = _STEPS.get(parts["FREQ"])
        return step * int(parts.get("INTERVAL", "1")) if step else timedelta(days=1)


def parts_of(rule: str) -> dict[str, str]:
    """`FREQ=DAILY;INTERVAL=2` as names and values."""
    return dict(part.split("=", 1) for part in rule.split(";"))


def is_sub_daily(rule: str) -> bool:
    """Whether it repeats by hours or minutes, and so keeps no wall time."""
    return rule.startswith(("FREQ=HOURLY", "FREQ=MINUTELY"))


def monthly_on(day: int, rule: str = "FREQ=MONTHLY") -> str:
    """A day of every month; where a month has no such day its last one."""
    if day <= 28:
        return f"{rule};BYMONTHDAY={day}"
    return f"{rule};BYMONTHDAY={','.join(str(number) for number in range(28, day + 1))};BYSETPOS=-1"


def recurring(rule: str, *, wall: time, zone: ZoneInfo, now: datetime) -> Recurring:
    """A rule in RFC 5545's words, as a form sends it; raises InvalidInput naming the part that is not taken."""
    rule = _checked(rule.strip().upper().removeprefix("RRULE:"))
    if is_sub_daily(rule):
        wall = now.astimezone(zone).time().replace(second=0, microsecond=0)
    first = next_occurrence(rule, wall=wall, zone=zone, after=now, start=now)
    if first is None:
        raise InvalidInput(_NEVER, field="rrule")
    return Recurring(rule, first, wall, zone)


def _checked(rule: str) -> str:
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    for name, value in parts.items():
        if name not in _PARTS or not _PARTS[name].fullmatch(value):
            raise InvalidInput(f"{name[:20] or 'An empty part'} cannot be used like this in a rule.", field="rrule")
    allowed = _DAYS_OF.get(parts.get("FREQ", ""))
    if allowed is None or not {name for name in parts if name.startswith("BY")} <= allowed:
        raise InvalidInput("A rule begins with FREQ, and takes only such days as go with it.", field="rrule")
    if parts["FREQ"] != "MONTHLY" and _NUMBERED_DAY.search(parts.get("BYDAY", "")):
        raise InvalidInput("Only a month has a first or a last Monday.", field="rrule")
    if parts["FREQ"] == "DAILY" and "BYDAY" in parts and int(parts.get("INTERVAL", "1")) % 7 == 0:
        raise InvalidInput("Every seven days is FREQ=WEEKLY.", field="rrule")
    ordered = ";".join(f"{name}={parts[name]}" for name in _PARTS if name in parts)
    try:
        often = parts_of(_without_end(ordered)[0]) | {"INTERVAL": "1"}
        trial = rrulestr("RRULE:" + ";".join(f"{name}={value}" for name, value in often.items()), dtstart=_LAST_YEARS)
    except ValueError:
        raise InvalidInput("This is no rule of RFC 5545.", field="rrule") from None
    if next(iter(trial), None) is None:
        raise InvalidInput(_NEVER, field="rrule")
    return ordered


def next_occurrence(rule: str, *, wall: time, zone: ZoneInfo, after: datetime, start: datetime) -> datetime | None:
    """The first moment of the rule after `after`, or None when it has ended; missed ones are skipped.

    Days are stepped in wall time, so 20:00 stays 20:00 over a change of the clocks; hours and minutes in real time.
    `start` is when the rule was made: what it would have said before does not count.
    """
    plain, last, most = _without_end(rule)
    moments = (
        _in_real_time(plain, start, after, most)
        if is_sub_daily(rule)
        else _by_day(plain, wall, zone, start, after, most)
    )
    found = next((moment for moment in moments if moment > after), None)
    return None if found is None or (last is not None and found > last) else found


def _in_real_time(rule: str, start: datetime, after: datetime, most: int) -> Iterator[datetime]:
    parts = parts_of(rule)
    step = _STEPS[parts["FREQ"]] * int(parts.get("INTERVAL", "1"))
    first = start.replace(second=0, microsecond=0).astimezone(UTC)
    number = max(1, (after - first) // step + 1)
    if not most or number <= most:
        yield first + step * number


def _by_day(rule: str, wall: time, zone: ZoneInfo, start: datetime, after: datetime, most: int) -> Iterator[datetime]:
    first_day = datetime.combine(start.astimezone(zone).date(), wall)
    # Where occurrences are counted they are counted from the first; else a day before `after` is early enough:
    # DST may put a wall time of yesterday behind it.
    begin = first_day if most else max(first_day, after.astimezone(zone).replace(tzinfo=None) - timedelta(days=1))
    number = 0
    for day in rrulestr(f"RRULE:{rule}", dtstart=first_day).xafter(begin, inc=True):
        moment = day.replace(tzinfo=zone).astimezone(UTC)
        number += moment > start
        if (most and number > most) or day > begin + _LOOK_AHEAD:
            return
        if moment > start:
            yield moment


def _without_end(rule: str) -> tuple[str, datetime | None, int]:
    """The rule without UNTIL and COUNT, the last moment, and how many times; 0 for no number."""
    parts = parts_of(rule)
    until, count = parts.pop("UNTIL", ""), parts.pop("COUNT", "0")
    last = datetime.strptime(until, _UNTIL).replace(tzinfo=UTC) if until else None
    return ";".join(f"{name}={value}" for name, value in parts.items()), last, int(count)


def _days_shown(parts: dict[str, str]) -> str:
    interval, days = int(parts.get("INTERVAL", "1")), parts.get("BYDAY", "")
    unit = _UNITS[parts["FREQ"]]
    often = unit if interval == 1 else f"{interval} {unit}s"
    if parts["FREQ"] == "MONTHLY" and "BYMONTHDAY" in parts:
        day = parts["BYMONTHDAY"]
        return f"{often} on day {day.rpartition(',')[2] if 'BYSETPOS' in parts else day}"
    if not days:
        return often
    shown = "weekday" if days == WEEKDAYS else ", ".join(_day_shown(name) for name in days.split(","))
    return shown if interval == 1 else f"{often} on {shown}"


def _day_shown(name: str) -> str:
    which = _WHICH.get(name[:-2], "")
    return f"{which} {_SHOWN[name[-2:]]}".strip()
