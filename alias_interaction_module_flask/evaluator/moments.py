"""Times written by the tokens of moment.js, in English."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from alias_interaction_module_flask.evaluator.zones import abbreviation

_TOKEN = re.compile(
    r"\[[^\[\]]*\]|YYYY|YY|Y|Qo|Q|MMMM|MMM|MM|Mo|M|DDDD|DDDo|DDD|DD|Do|D|dddd|ddd|dd|do|d|e|E|ww|wo|w|WW|Wo|W"
    r"|gggg|gg|GGGG|GG|HH|H|hh|h|kk|k|mm|m|ss|s|S{1,9}|A|a|ZZ|Z|zz|z|X|x|LTS|LT|LLLL|LLL|LL|L|llll|lll|ll|l"
)
_LONG = {
    "LT": "h:mm A", "LTS": "h:mm:ss A", "L": "MM/DD/YYYY", "LL": "MMMM D, YYYY", "LLL": "MMMM D, YYYY h:mm A",
    "LLLL": "dddd, MMMM D, YYYY h:mm A", "l": "M/D/YYYY", "ll": "MMM D, YYYY", "lll": "MMM D, YYYY h:mm A",
    "llll": "ddd, MMM D, YYYY h:mm A",
}  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def written(at: datetime, layout: str) -> str:
    """The time in its own zone, by tokens; `[…]` and unknown letters stay."""
    return _TOKEN.sub(lambda found: _token(at, found[0]), layout)


def _token(at: datetime, token: str) -> str:
    if token[0] == "[":
        return token[1:-1]
    if token in _LONG:
        return written(at, _LONG[token])
    if token[0] == "S":
        return f"{at.microsecond * 1000:09d}"[: len(token)]
    return _TOKENS[token](at)


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _weekday(at: datetime) -> int:
    return at.isoweekday() % 7


def _week(at: datetime) -> tuple[int, int]:
    """Year and number of the week that begins on Sunday; the first one holds the first of January."""
    sunday = at.date() - timedelta(days=_weekday(at))
    year = (sunday + timedelta(days=6)).year
    first = sunday.replace(year=year, month=1, day=1)
    first -= timedelta(days=first.isoweekday() % 7)
    return year, (sunday - first).days // 7 + 1


def _quarter(at: datetime) -> int:
    return (at.month + 2) // 3


def _day_of_year(at: datetime) -> int:
    return at.timetuple().tm_yday


def _offset(at: datetime, between: str) -> str:
    minutes = int((at.utcoffset() or timedelta()).total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{between}{abs(minutes) % 60:02d}"


_TOKENS: dict[str, Callable[[datetime], str]] = {
    "YYYY": lambda at: f"{at.year:04d}", "YY": lambda at: f"{at.year % 100:02d}", "Y": lambda at: str(at.year),
    "Q": lambda at: str(_quarter(at)), "Qo": lambda at: _ordinal(_quarter(at)),
    "M": lambda at: str(at.month), "Mo": lambda at: _ordinal(at.month), "MM": lambda at: f"{at.month:02d}",
    "MMM": lambda at: MONTHS[at.month - 1][:3], "MMMM": lambda at: MONTHS[at.month - 1],
    "D": lambda at: str(at.day), "Do": lambda at: _ordinal(at.day), "DD": lambda at: f"{at.day:02d}",
    "DDD": lambda at: str(_day_of_year(at)), "DDDo": lambda at: _ordinal(_day_of_year(at)),
    "DDDD": lambda at: f"{_day_of_year(at):03d}",
    "d": lambda at: str(_weekday(at)), "do": lambda at: _ordinal(_weekday(at)),
    "dd": lambda at: DAYS[_weekday(at)][:2], "ddd": lambda at: DAYS[_weekday(at)][:3],
    "dddd": lambda at: DAYS[_weekday(at)], "e": lambda at: str(_weekday(at)), "E": lambda at: str(at.isoweekday()),
    "w": lambda at: str(_week(at)[1]), "wo": lambda at: _ordinal(_week(at)[1]), "ww": lambda at: f"{_week(at)[1]:02d}",
    "W": lambda at: str(at.isocalendar().week), "Wo": lambda at: _ordinal(at.isocalendar().week),
    "WW": lambda at: f"{at.isocalendar().week:02d}",
    "gg": lambda at: f"{_week(at)[0] % 100:02d}", "gggg": lambda at: f"{_week(at)[0]:04d}",
    "GG": lambda at: f"{at.isocalendar().year % 100:02d}", "GGGG": lambda at: f"{at.isocalendar().year:04d}",
    "H": lambda at: str(at.hour), "HH": lambda at: f"{at.hour:02d}",
    "h": lambda at: str(at.hour % 12 or 12), "hh": lambda at: f"{at.hour % 12 or 12:02d}",
    "k": lambda at: str(at.hour or 24), "kk": lambda at: f"{at.hour or 24:02d}",
    "m": lambda at: str(at.minute), "mm": lambda at: f"{at.minute:02d}",
    "s": lambda at: str(at.second), "ss": lambda at: f"{at.second:02d}",
    "A": lambda at: "AM" if at.hour < 12 else "PM", "a": lambda at: "am" if at.hour < 12 else "pm",
    "Z": lambda at: _offset(at, ":"), "ZZ": lambda at: _offset(at, ""), "z": abbreviation, "zz": abbreviation,
    "X": lambda at: str(int(at.timestamp())), "x": lambda at: str(int(at.timestamp() * 1000)),
}  # fmt: skip
