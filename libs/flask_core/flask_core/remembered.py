"""Something small that is asked for all the time: read once, kept for a moment, forgotten when it changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable


class Remembered[T]:
    """What `read` gives is kept for `seconds`; however many ask at once, it is read once."""

    def __init__(
        self, read: Callable[[], Awaitable[T]], seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._seconds = seconds
        self._clock = clock
        self._kept: tuple[float, T] | None = None
        self._changes = 0
        self._reading = asyncio.Lock()

    async def get(self) -> T:
        """What is kept, or else what is read now; raises what reading raises."""
        kept = self._fresh()
        if kept is None:
            async with self._reading:
                kept = self._fresh() or await self._read_anew()
        return kept[1]

    def forget(self) -> None:
        """It changed: whoever asks from now on reads it again."""
        self._changes += 1
        self._kept = None

    def _fresh(self) -> tuple[float, T] | None:
        return self._kept if self._kept is not None and self._kept[0] > self._clock() else None

    async def _read_anew(self) -> tuple[float, T]:
        changes = self._changes
        found = (self._clock() + self._seconds, await self._read())
        # What changed while it was read may be missing in it: good enough for now, and not kept.
        if changes == self._changes:
            self._kept = found
        return found
