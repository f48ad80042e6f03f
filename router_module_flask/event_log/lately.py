"""What was appended in the last seconds, for a Redis that died before it wrote that down."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable

from flask_core.datamodels import Event

# Redis writes to its file every second, and up to two later while the disk is busy.
KEPT_SECONDS = 5.0
_MOST = 20_000


class Lately:
    """Events in the order in which they were appended; old ones go by themselves."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._events: deque[tuple[float, Event]] = deque(maxlen=_MOST)

    def remember(self, events: Iterable[Event]) -> None:
        """These were appended just now."""
        now = self._clock()
        self._events.extend((now, event) for event in events)
        while self._events[0][0] < now - KEPT_SECONDS:
            self._events.popleft()

    def all(self) -> list[Event]:
        """Everything that may not be on the disk yet, judged by the moment of the last append."""
        return [event for _, event in self._events]
