"""Something small that is asked for all the time: read once, kept for a moment, forgotten when it changes."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
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


class RememberedBy[K, V]:
    """The same for many keys, at most `most` of them: those that were read longest ago go first."""

    def __init__(
        self,
        read: Callable[[K], Awaitable[V]],
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        *,
        most: int = 10_000,
    ) -> None:
        self._read = read
        self._seconds = seconds
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._changes = 0

    def known(self, key: K) -> V | None:
        """What is kept, while it is fresh."""
        kept = self._kept.get(key)
        return kept[1] if kept is not None and kept[0] > self._clock() else None

    def latest(self, key: K) -> V | None:
        """What was read last, however old."""
        kept = self._kept.get(key)
        return None if kept is None else kept[1]

    async def get(self, key: K) -> V:
        """What is kept, or else what is read now; raises what reading raises."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] > self._clock():
            return kept[1]
        changes = self._changes
        found = await self._read(key)
        if changes == self._changes:
            self._keep(key, found, self._seconds)
            return found
        told = self._kept.get(key)
        if told is not None and told[0] > self._clock():
            return told[1]
        # What changed while it was read may be missing in it: whoever asks next reads it again.
        self._keep(key, found, 0)
        return found

    def put(self, key: K, value: V) -> None:
        """This is what it is from now on, whatever is being read."""
        self._changes += 1
        self._keep(key, value, self._seconds)

    def _keep(self, key: K, value: V, seconds: float) -> None:
        self._kept[key] = (self._clock() + seconds, value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, key: K | None = None) -> None:
        """This changed, or, without a key, anything may have."""
        self._changes += 1
        if key is None:
            self._kept.clear()
        else:
            self._kept.pop(key, None)

    def forget_those(self, concerned: Callable[[K], bool]) -> None:
        """Whatever has such a key changed."""
        self._changes += 1
        for key in [key for key in self._kept if concerned(key)]:
            del self._kept[key]
