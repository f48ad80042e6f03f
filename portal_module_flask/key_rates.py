"""How often a program may ask: calls per key and minute, and per key and hour, over all replicas."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from flask_core.shared_state import SharedState

_MINUTE, _HOUR = 60.0, 3_600.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many calls a key has, how many are left, and in how many seconds they are all there again."""

    limit: int
    left: int
    seconds: float

    @property
    def spent(self) -> bool:
        """Whether this call is one too many."""
        return self.left < 0


class KeyRates:
    """A minute begins with its first call, and so does an hour."""

    def __init__(
        self, shared: SharedState, *, per_minute: int, per_hour: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._shared = shared
        self._per_minute = per_minute
        self._per_hour = per_hour
        self._clock = clock

    async def count(self, key_id: str) -> Allowance:
        """Count a call: what is left of the minute, or of the hour when that is less. Raises Unavailable."""
        minute = await self._count(f"portal:key:{key_id}:minute", _MINUTE, self._per_minute)
        if minute.spent:
            return minute
        hour = await self._count(f"portal:key:{key_id}:hour", _HOUR, self._per_hour)
        return hour if hour.left < minute.left else minute

    async def _count(self, key: str, seconds: float, limit: int) -> Allowance:
        used = await self._shared.increment(key, seconds)
        ends = f"{key}:ends"
        if used == 1:
            await self._shared.set(ends, str(self._clock() + seconds).encode(), seconds)
            return Allowance(limit, limit - 1, seconds)
        until = await self._shared.get(ends)
        left = float(until) - self._clock() if until else seconds
        return Allowance(limit, limit - used, max(1.0, left))
