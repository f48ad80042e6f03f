"""What replicas of a module share for a while: dedupe, cooldowns, budgets, caches, leases, topics."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

NOT_ANSWERING = "Shared state is not answering right now."
MISSED = ("", b"")
"""Delivered to a subscriber in place of messages that may have been missed while Redis was away."""


class SharedState(Protocol):
    """One contract over process memory (embedded) and Redis (distributed).

    All durations are seconds; every key ends by itself. Every method raises Unavailable when Redis does
    not answer within two seconds; nothing falls back to process memory. Values, counters, cooldowns and
    budgets live under one set of names, so a key has one purpose; leases and topics have their own.
    """

    async def claim_once(self, key: str, seconds: float) -> bool:
        """Whether the caller is the first to claim `key` in the last `seconds`."""
        ...

    async def get(self, key: str) -> bytes | None:
        """The value kept under `key`; a counter is its decimal digits."""
        ...

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        """Keep `value` for `seconds`, in place of what was there."""
        ...

    async def swap(self, key: str, value: bytes, seconds: float) -> bytes | None:
        """Keep `value` for `seconds`; the value that was there, in the same step."""
        ...

    async def take(self, key: str) -> bytes | None:
        """The value of `key`, deleted in the same step: of several takers one gets it."""
        ...

    async def delete(self, *keys: str) -> None:
        """Forget these keys; unknown ones are no error."""
        ...

    async def increment(self, key: str, seconds: float, by: int = 1) -> int:
        """Add to a counter and return it; `seconds` count from the first addition."""
        ...

    async def cooldown(self, buckets: Sequence[tuple[str, float]]) -> float:
        """Take all buckets, given as (key, seconds), or none.

        0.0 when all were ready and are taken now, else the seconds until the last of them is ready.
        A bucket of 0 seconds is always ready.
        """
        ...

    async def refund(self, *keys: str) -> None:
        """Make these cooldown buckets ready again."""
        ...

    async def spend(
        self, key: str, *, capacity: float, per_seconds: float, amount: float = 1, keep: float = 0
    ) -> float:
        """Spend `amount` from a budget of `capacity` that fills up in `per_seconds`.

        0.0 when it was spent, else the seconds until it can be; the budget never falls below `keep`.
        Raises ValueError when `amount + keep` is more than the budget ever holds.
        """
        ...

    async def lease(self, name: str, owner: str, seconds: float) -> bool:
        """Whether `owner` holds the lease now: taken if it was free, renewed if it was the owner's."""
        ...

    async def release(self, name: str, owner: str) -> None:
        """Give the lease back; without effect when somebody else holds it."""
        ...

    async def holder(self, name: str) -> str:
        """The owner of a lease now, "" when it is free."""
        ...

    async def publish(self, topic: str, message: bytes) -> None:
        """Send `message` to whoever is subscribed to `topic` now. Nothing is kept."""
        ...

    def subscribe(self, *topics: str) -> AbstractAsyncContextManager[AsyncIterator[tuple[str, bytes]]]:
        """Messages as (topic, message) from the moment the block is entered.

        The iterator never ends before the block or the state is closed. It raises Unavailable when the
        subscriber lets too many messages wait: what it knows is stale then, so it must subscribe and load
        again. Over Redis it delivers `MISSED` after every lost connection; load again then, too. Memory
        never sends it.
        """
        ...

    async def ping(self) -> None:
        """Raise Unavailable when shared state does not answer."""
        ...

    async def close(self) -> None:
        """End subscriptions and connections."""
        ...


def check_budget(capacity: float, per_seconds: float, amount: float, keep: float) -> None:
    """Raise ValueError for a budget that could never be spent from."""
    if capacity <= 0 or per_seconds <= 0 or amount < 0 or keep < 0 or amount + keep > capacity:
        raise ValueError(f"Cannot spend {amount} and keep {keep} of a budget of {capacity} per {per_seconds} s.")


def open_shared_state(redis_url: str) -> SharedState:
    """Shared state in Redis, or in this process when `redis_url` is empty. Connects at first use."""
    if not redis_url:
        from flask_core.shared_memory import MemoryState  # noqa: PLC0415 (it implements this contract)

        return MemoryState()
    from flask_core.shared_redis import RedisState  # noqa: PLC0415

    return RedisState(redis_url)
