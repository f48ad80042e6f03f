"""The event log in Redis Streams: the distributed deployment, one partition leased to one replica."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from flask_core.contracts.router import PartitionState
from flask_core.datamodels import Event
from flask_core.errors import Unavailable
from flask_core.shared_state import SharedState
from router_module_flask.event_log.appends import StreamAppends
from router_module_flask.event_log.dead_stream import DEAD, KEPT, DeadStream
from router_module_flask.models import Entry

MAX_ATTEMPTS = 5
READ_AT_ONCE = 100
LEASE_SECONDS = 15.0
IDLE = timedelta(seconds=20)
_BLOCK_MS = 500
_GROUP = "router"
_decoder = msgspec.json.Decoder(Event)


class RedisEventLog:
    """A finished entry is deleted, so the streams hold exactly what still has to be done."""

    def __init__(
        self,
        url: str,
        shared: SharedState,
        owner: str,
        *,
        partitions: int = 16,
        idle: timedelta = IDLE,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        # The stubs of redis mix its answers of two protocols; ours come as bytes.
        self._redis: Any = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2)
        self._shared = shared
        self._owner = owner
        self._streams = [f"wb:events:{number}" for number in range(partitions)]
        self._appends = StreamAppends(self._redis, self._streams)
        self._letters = DeadStream(self._redis, self._appends.stream_of)
        self._held: list[str] = []
        self._idle = idle
        self._lease_seconds = lease_seconds
        self._grouped = False
        self._renew_at = 0.0
        self._claim_at = 0.0

    async def append(self, events: Sequence[Event]) -> list[bool]:
        """Keep events; False for an id that was seen in the last 24 h."""
        return await self._appends.append(events)

    async def read(self) -> list[Entry]:
        """New entries of the partitions held, or such as a dead replica left behind."""
        try:
            await self._hold()
            if not self._held:
                await asyncio.sleep(_BLOCK_MS / 1_000)
                return []
            if self._claim_at < time.monotonic():
                self._claim_at = time.monotonic() + self._idle.total_seconds() / 4
                if left := await self._take_over():
                    return left
            found = await self._redis.xreadgroup(
                _GROUP, self._owner, dict.fromkeys(self._held, ">"), count=READ_AT_ONCE, block=_BLOCK_MS
            )
        except (RedisError, OSError) as error:
            self._grouped = False
            raise Unavailable("The event log is not answering right now.", retry_after=1) from error
        received_at = time.perf_counter()
        return [
            Entry(_decoder.decode(fields[b"e"]), f"{stream.decode()} {entry_id.decode()}", 1, received_at)
            for stream, entries in found or []
            for entry_id, fields in entries
        ]

    async def _hold(self) -> None:
        """Renew the leases of partitions every few seconds, and take those that are free."""
        if self._renew_at > time.monotonic():
            return
        if not self._grouped:
            await self._make_groups()
            await self._appends.again_after_a_restart()
            self._grouped = True
        held = await asyncio.gather(
            *(self._shared.lease(f"partition:{s}", self._owner, self._lease_seconds) for s in self._streams)
        )  # fmt: skip
        self._held = [stream for stream, mine in zip(self._streams, held, strict=True) if mine]
        self._renew_at = time.monotonic() + self._lease_seconds / 3

    async def _make_groups(self) -> None:
        for stream in self._streams:
            try:
                await self._redis.xgroup_create(stream, _GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    async def _take_over(self) -> list[Entry]:
        taken: list[Entry] = []
        for stream in self._held:
            _, entries, *_ = await self._redis.xautoclaim(
                stream, _GROUP, self._owner, min_idle_time=int(self._idle.total_seconds() * 1_000), count=READ_AT_ONCE
            )
            for entry_id, fields in entries:
                if fields and (entry := await self._again(stream, entry_id, fields[b"e"])):
                    taken.append(entry)
        return taken

    async def _again(self, stream: str, entry_id: bytes, body: bytes) -> Entry | None:
        """The entry with its number of readings, or None when it was read too often and is dead now."""
        (pending,) = await self._redis.xpending_range(stream, _GROUP, min=entry_id, max=entry_id, count=1)
        attempts: int = pending["times_delivered"]
        if attempts <= MAX_ATTEMPTS:
            return Entry(_decoder.decode(body), f"{stream} {entry_id.decode()}", attempts, time.perf_counter())
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.xadd(DEAD, {"e": body}, maxlen=KEPT, approximate=True)
            pipe.xack(stream, _GROUP, entry_id)
            pipe.xdel(stream, entry_id)
            await pipe.execute()
        return None

    async def done(self, entries: Sequence[Entry]) -> None:
        """Acknowledge and delete."""
        with _answering():
            async with self._redis.pipeline(transaction=False) as pipe:
                for stream, ids in _by_stream(entries).items():
                    pipe.xack(stream, _GROUP, *ids)
                    pipe.xdel(stream, *ids)
                await pipe.execute()

    async def retry(self, entry: Entry) -> None:
        """Leave the entry pending: it is taken over when it has been idle for a while."""

    async def keep(self, entries: Sequence[Entry]) -> None:
        """Show that long work goes on, so that nobody takes it over."""
        with _answering():
            async with self._redis.pipeline(transaction=False) as pipe:
                for stream, ids in _by_stream(entries).items():
                    pipe.xclaim(stream, _GROUP, self._owner, min_idle_time=0, message_ids=ids, justid=True)
                await pipe.execute()

    async def depth(self) -> tuple[int, float]:
        """How many entries wait, and the age of the oldest in seconds."""
        waiting = await self._waiting()
        return sum(count for count, _ in waiting), max(age for _, age in waiting)

    async def _waiting(self) -> list[tuple[int, float]]:
        """Per stream how many entries wait and how old the oldest is: finished ones are deleted."""
        with _answering():
            async with self._redis.pipeline(transaction=False) as pipe:
                for stream in self._streams:
                    pipe.xlen(stream)
                    pipe.xrange(stream, count=1)
                answers = await pipe.execute()
        now = time.time()
        ages = [max(0.0, now - int(first[0][0].split(b"-")[0]) / 1_000) if first else 0.0 for first in answers[1::2]]
        return list(zip(answers[0::2], ages, strict=True))

    async def partitions(self) -> list[PartitionState]:
        """Every stream and the replica that has leased it."""
        readers = await asyncio.gather(*(self._shared.holder(f"partition:{stream}") for stream in self._streams))
        return [
            PartitionState(stream, count, age, reader)
            for stream, (count, age), reader in zip(self._streams, await self._waiting(), readers, strict=True)
        ]

    async def dead(self) -> int:
        """How many entries were given up."""
        with _answering():
            return int(await self._redis.xlen(DEAD))

    async def letters(self, limit: int) -> list[tuple[str, Event]]:
        """The newest of those, each with the id by which it is revived."""
        return await self._letters.letters(limit)

    async def revive(self, letter_id: str) -> str | None:
        """Let one be read again, marked late; its event id, None when it is not dead."""
        return await self._letters.revive(letter_id)

    async def forget(self, accounts: Sequence[tuple[str, str]], channels: Sequence[str] = ()) -> int:
        """Delete those by or about these accounts, or of these channels; how many that were."""
        return await self._letters.forget(accounts, channels)

    async def bury(self, before: datetime) -> int:
        """Delete those that died before then."""
        return await self._letters.bury(before)

    async def close(self) -> None:
        """End the connections and free the partitions."""
        with suppress(Unavailable):
            for stream in self._held:
                await self._shared.release(f"partition:{stream}", self._owner)
        await self._redis.aclose()


@contextmanager
def _answering() -> Iterator[None]:
    """Whatever is wrong with Redis is Unavailable to others."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise Unavailable("The event log is not answering right now.", retry_after=1) from error


def _by_stream(entries: Sequence[Entry]) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = {}
    for entry in entries:
        stream, entry_id = entry.mark.split(" ")
        ids.setdefault(stream, []).append(entry_id)
    return ids
