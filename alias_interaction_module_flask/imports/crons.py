"""How often a cron line comes round, as far as a timer can keep it."""

from __future__ import annotations

from itertools import pairwise

_HOUR, _DAY = 60, 24


def seconds_of(line: str) -> int | None:
    """The shortest time between two runs of a day; None for a line that has no even rhythm."""
    fields = line.split()
    if len(fields) != 5:
        return None
    minutes, hours = _values(fields[0], _HOUR), _values(fields[1], _DAY)
    if not minutes or not hours:
        return None
    runs = [hour * _HOUR + minute for hour in hours for minute in minutes]
    gaps = [later - earlier for earlier, later in pairwise([*runs, runs[0] + _HOUR * _DAY])]
    return min(gaps) * 60


def every_day(line: str) -> bool:
    """Whether the line runs on all days."""
    return line.split()[2:] == ["*", "*", "*"]


def _values(field: str, size: int) -> list[int]:
    """All values of a field; none where it cannot be read."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span == "*":
            first, last = "0", str(size - 1)
        numbers = (first, last or (str(size - 1) if step else first), step or "1")
        if not all(number.isascii() and number.isdigit() and len(number) <= 3 for number in numbers):
            return []
        low, high, by = map(int, numbers)
        if by == 0 or high >= size:
            return []
        found.update(range(low, high + 1, by))
    return sorted(found)
