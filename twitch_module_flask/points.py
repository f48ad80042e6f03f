"""How many requests Twitch takes from us: it counts down, and says with every answer how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from flask_core.contracts.twitch import PointsLeft


class Count(NamedTuple):
    """`left` of `of` points; full again at the second `again` of the epoch."""

    left: float
    of: float
    again: float


def counted(headers: Mapping[str, str]) -> Count | None:
    """What an answer says; None for one that says nothing."""
    try:
        left, of = float(headers["ratelimit-remaining"]), float(headers["ratelimit-limit"])
        return Count(left, of, float(headers["ratelimit-reset"]))
    except (KeyError, ValueError):
        return None


class Points:
    """Those of the application, as this replica saw them last."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._last: Count | None = None

    def saw(self, headers: Mapping[str, str]) -> None:
        """An answer came."""
        self._last = counted(headers) or self._last

    def left(self) -> PointsLeft | None:
        """How many there are now; None before Twitch has said anything."""
        if self._last is None:
            return None
        left, of, again = self._last
        return PointsLeft(int(of if again <= self._clock() else left), int(of), datetime.fromtimestamp(again, UTC))
