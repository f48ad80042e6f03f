"""Shared state of one process: what the embedded deployment and tests use in place of Redis."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from flask_core.errors import Unavailable
from flask_core.shared_state import check_budget
from flask_core.shared_topics import WAITING_MESSAGES, Topics

_SWEEP_FROM = 1024
_EVER_SO_SLIGHTLY = 1e-9


class MemoryState:
    """SharedState for all modules of one process; `clock` gives seconds that only go forward.

    Expired keys are swept whenever the number of keys has doubled since the last sweep. At `most_keys`
    live ones, new keys are refused with Unavailable: dropping an old one would let a duplicate through.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        most_keys: int = 1_000_000,
        waiting_messages: int = WAITING_MESSAGES,
    ) -> None:
        self._clock = clock
        self._most_keys = most_keys
        self._values: dict[str, tuple[float, bytes]] = {}
        self._budgets: dict[str, tuple[float, float, float]] = {}
        self._leases: dict[str, tuple[float, str]] = {}
        self._topics = Topics(waiting_messages)
        self._sweep_at = min(_SWEEP_FROM, most_keys)
        self._full_until = 0.0

    async def claim_once(self, key: str, seconds: float) -> bool:
        now = self._clock()
        known = self._values.get(key)
        if known is not None and known[0] > now:
            return False
        self._keep(key, b"1", now, seconds)
        return True

    async def get(self, key: str) -> bytes | None:
        known = self._values.get(key)
        return known[1] if known is not None and known[0] > self._clock() else None

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        self._keep(key, value, self._clock(), seconds)

    async def swap(self, key: str, value: bytes, seconds: float) -> bytes | None:
        now = self._clock()
        known = self._values.get(key)
        if known is None:
            self._make_room(now)
        self._values[key] = (now + seconds, value)
        return known[1] if known is not None and known[0] > now else None

    async def take(self, key: str) -> bytes | None:
        known = self._values.pop(key, None)
        return known[1] if known is not None and known[0] > self._clock() else None

    async def delete(self, *keys: str) -> None:
        for key in keys:
            self._values.pop(key, None)
            self._budgets.pop(key, None)

    async def increment(self, key: str, seconds: float, by: int = 1) -> int:
        now = self._clock()
        known = self._values.get(key)
        if known is None or known[0] <= now:
            self._keep(key, b"%d" % by, now, seconds)
            return by
        total = int(known[1]) + by
        self._values[key] = (known[0], b"%d" % total)
        return total

    async def cooldown(self, buckets: Sequence[tuple[str, float]]) -> float:
        now = self._clock()
        values = self._values
        ready_at = now
        for key, seconds in buckets:
            known = values.get(key)
            if known is not None and known[0] > ready_at and seconds > 0:
                ready_at = known[0]
        if ready_at > now:
            return ready_at - now
        self._make_room(now)
        for key, seconds in buckets:
            if seconds > 0:
                values[key] = (now + seconds, b"1")
        return 0.0

    async def refund(self, *keys: str) -> None:
        for key in keys:
            self._values.pop(key, None)

    async def spend(
        self, key: str, *, capacity: float, per_seconds: float, amount: float = 1, keep: float = 0
    ) -> float:
        check_budget(capacity, per_seconds, amount, keep)
        now = self._clock()
        _, left, counted_at = self._budgets.get(key, (0.0, capacity, now))
        left = min(capacity, left + (now - counted_at) * capacity / per_seconds)
        missing = amount + keep - left
        if missing > _EVER_SO_SLIGHTLY:
            return missing * per_seconds / capacity
        if key not in self._budgets:
            self._make_room(now)
        self._budgets[key] = (now + per_seconds, left - amount, now)
        return 0.0

    async def lease(self, name: str, owner: str, seconds: float) -> bool:
        now = self._clock()
        known = self._leases.get(name)
        if known is not None and known[0] > now and known[1] != owner:
            return False
        if known is None:
            self._make_room(now)
        self._leases[name] = (now + seconds, owner)
        return True

    async def release(self, name: str, owner: str) -> None:
        known = self._leases.get(name)
        if known is not None and known[1] == owner:
            del self._leases[name]

    async def holder(self, name: str) -> str:
        until, owner = self._leases.get(name, (0.0, ""))
        return owner if until > self._clock() else ""

    async def publish(self, topic: str, message: bytes) -> None:
        self._topics.deliver(topic, message)

    @asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncIterator[AsyncIterator[tuple[str, bytes]]]:
        inbox = self._topics.open(topics)
        try:
            yield inbox
        finally:
            self._topics.close(inbox, topics)

    async def ping(self) -> None:
        return

    async def close(self) -> None:
        for inbox in self._topics.all():
            inbox.end()

    def _keep(self, key: str, value: bytes, now: float, seconds: float) -> None:
        if key not in self._values:
            self._make_room(now)
        self._values[key] = (now + seconds, value)

    def _keys(self) -> int:
        return len(self._values) + len(self._budgets) + len(self._leases)

    def _make_room(self, now: float) -> None:
        if self._keys() < self._sweep_at:
            return
        if now >= self._full_until:
            self._sweep(now)
        if self._keys() >= self._most_keys:
            raise Unavailable("Shared state is full right now.", retry_after=max(1.0, self._full_until - now))

    def _sweep(self, now: float) -> None:
        _drop_expired(self._values, now)
        _drop_expired(self._budgets, now)
        _drop_expired(self._leases, now)
        self._sweep_at = min(max(_SWEEP_FROM, 2 * self._keys()), self._most_keys)
        self._full_until = now + 1.0 if self._keys() >= self._most_keys else 0.0


def _drop_expired[Entry: tuple[Any, ...]](kept: dict[str, Entry], now: float) -> None:
    for key in [key for key, entry in kept.items() if entry[0] <= now]:
        del kept[key]
