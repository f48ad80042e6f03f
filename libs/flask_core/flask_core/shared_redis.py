"""Shared state in Redis: every decision is one command or one Lua script, so replicas never race."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager

from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from flask_core.redis_wire import RedisWire, addressed
from flask_core.shared_redis_line import RedisLine, Script
from flask_core.shared_redis_topics import RedisTopics
from flask_core.shared_state import check_budget
from flask_core.shared_topics import WAITING_MESSAGES, Topics

_PREFIX = b"wb:"

_COOLDOWN = Script("""
local longest = 0
for _, bucket in ipairs(KEYS) do
  longest = math.max(longest, redis.call('PTTL', bucket))
end
if longest == 0 then
  for i, bucket in ipairs(KEYS) do redis.call('SET', bucket, '1', 'PX', ARGV[i]) end
end
return longest
""")

_INCREMENT = Script("""
local total = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return total
""")

# Redis turns numbers that a script returns into whole ones, so the wait travels in milliseconds, rounded up.
_SPEND = Script("""
local capacity, per_seconds, amount, keep = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local left = capacity
local kept = redis.call('GET', KEYS[1])
if kept then
  local rest, counted_at = string.match(kept, '^(%S+) (%S+)$')
  left = math.min(capacity, rest + math.max(0, now - counted_at) * capacity / per_seconds)
end
local missing = amount + keep - left
if missing > 0.000001 then return math.ceil(missing * per_seconds / capacity * 1000) end
local value = string.format('%.17g %.17g', left - amount, now)
redis.call('SET', KEYS[1], value, 'PX', math.ceil(per_seconds * 1000))
return 0
""")

_LEASE = Script("""
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
""")

_RELEASE = Script("""
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
""")


class RedisState:
    """SharedState in one Redis (or a Sentinel's master; not a cluster, whose scripts see one slot only).

    No answer within `answer_seconds` is Unavailable. A subscription without messages is checked after
    `quiet_seconds`, and given up and connected again after as many more.
    """

    def __init__(
        self,
        url: str,
        *,
        answer_seconds: float = 2.0,
        quiet_seconds: float = 10.0,
        waiting_messages: int = WAITING_MESSAGES,
    ) -> None:
        pool = ConnectionPool.from_url(
            url,
            protocol=2,
            socket_connect_timeout=answer_seconds,
            socket_timeout=answer_seconds,
            retry=Retry(NoBackoff(), 0),
        )
        scripts = (_COOLDOWN, _INCREMENT, _SPEND, _LEASE, _RELEASE)
        wire = RedisWire(addressed(url, seconds=answer_seconds))
        self._line = RedisLine(wire, scripts, answer_seconds=answer_seconds)
        self._topics = RedisTopics(
            pool.make_connection,
            Topics(waiting_messages),
            prefix=_PREFIX,
            answer_seconds=answer_seconds,
            quiet_seconds=quiet_seconds,
        )

    async def claim_once(self, key: str, seconds: float) -> bool:
        return await self._line.ask("SET", _named(key), b"1", "PX", _milliseconds(seconds), "NX") is not None

    async def get(self, key: str) -> bytes | None:
        value: bytes | None = await self._line.ask("GET", _named(key))
        return value

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        await self._line.ask("SET", _named(key), value, "PX", _milliseconds(seconds))

    async def swap(self, key: str, value: bytes, seconds: float) -> bytes | None:
        before: bytes | None = await self._line.ask("SET", _named(key), value, "PX", _milliseconds(seconds), "GET")
        return before

    async def take(self, key: str) -> bytes | None:
        value: bytes | None = await self._line.ask("GETDEL", _named(key))
        return value

    async def delete(self, *keys: str) -> None:
        if keys:
            await self._line.ask("DEL", *map(_named, keys))

    async def increment(self, key: str, seconds: float, by: int = 1) -> int:
        return int(await self._line.ask(*_INCREMENT.call([_named(key)], by, _milliseconds(seconds))))

    async def cooldown(self, buckets: Sequence[tuple[str, float]]) -> float:
        real = [(_named(key), _milliseconds(seconds)) for key, seconds in buckets if seconds > 0]
        if not real:
            return 0.0
        wait = await self._line.ask(*_COOLDOWN.call([key for key, _ in real], *(ms for _, ms in real)))
        return float(wait) / 1000

    async def refund(self, *keys: str) -> None:
        await self.delete(*keys)

    async def spend(
        self, key: str, *, capacity: float, per_seconds: float, amount: float = 1, keep: float = 0
    ) -> float:
        check_budget(capacity, per_seconds, amount, keep)
        wait = await self._line.ask(*_SPEND.call([_named(key)], capacity, per_seconds, amount, keep))
        return float(wait) / 1000

    async def lease(self, name: str, owner: str, seconds: float) -> bool:
        return bool(await self._line.ask(*_LEASE.call([_lease(name)], owner.encode(), _milliseconds(seconds))))

    async def release(self, name: str, owner: str) -> None:
        await self._line.ask(*_RELEASE.call([_lease(name)], owner.encode()))

    async def holder(self, name: str) -> str:
        found: bytes | None = await self._line.ask("GET", _lease(name))
        return found.decode() if found is not None else ""

    async def publish(self, topic: str, message: bytes) -> None:
        await self._line.ask("PUBLISH", _named(topic), message)

    def subscribe(self, *topics: str) -> AbstractAsyncContextManager[AsyncIterator[tuple[str, bytes]]]:
        return self._topics.subscribe(*topics)

    async def ping(self) -> None:
        await self._line.ask("PING")

    async def close(self) -> None:
        await self._topics.close()
        await self._line.close()


def _named(key: str) -> bytes:
    return _PREFIX + key.encode()


def _lease(name: str) -> bytes:
    return _named(f"lease:{name}")


def _milliseconds(seconds: float) -> int:
    return max(1, math.ceil(seconds * 1000))
