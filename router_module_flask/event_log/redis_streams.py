"""The event log in Redis Streams: the distributed deployment, one partition leased to one replica."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import msgspec
from redis.exceptions import ResponseError

from flask_core.contracts.router import PartitionState
from flask_core.datamodels import Event
from flask_core.errors import Unavailable
from flask_core.redis_wire import RedisWire, addressed
from flask_core.shared_redis_line import RedisLine, Script
from flask_core.shared_state import SharedState
from router_module_flask.event_log.appends import APPEND, StreamAppends
from router_module_flask.event_log.dead_stream import DEAD, KEPT, REVIVE, DeadStream
from router_module_flask.models import Entry

MAX_ATTEMPTS = 5
READ_AT_ONCE = 100
LEASE_SECONDS = 15.0
IDLE = timedelta(seconds=20)
_BLOCK_MS = 500
_GROUP = "router"
_ANSWER_SECONDS = 5.0
_CONNECT_SECONDS = 2.0
_NAME = "The event log"
# KEYS: living, dead; ARGV: how many dead are kept, body, group, id.
_GIVE_UP = Script("""
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[1], '*', 'e', ARGV[2])
redis.call('XACK', KEYS[1], ARGV[3], ARGV[4])
return redis.call('XDEL', KEYS[1], ARGV[4])
""")
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
        connect, scripts = addressed(url, seconds=_CONNECT_SECONDS), (APPEND, REVIVE, _GIVE_UP)
        self._line = RedisLine(RedisWire(connect), scripts, answer_seconds=_ANSWER_SECONDS, name=_NAME)
        # Apart, because it waits for news, and what is asked over it meanwhile would wait with it.
        self._news = RedisLine(RedisWire(connect), (), answer_seconds=_ANSWER_SECONDS, name=_NAME)
        self._shared = shared
        self._owner = owner
        self._streams = [f"wb:events:{number}" for number in range(partitions)]
        self._appends = StreamAppends(self._line, self._streams)
        self._letters = DeadStream(self._line, self._appends.stream_of)
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
            found = await self._news.ask(
                "XREADGROUP", "GROUP", _GROUP, self._owner, "COUNT", READ_AT_ONCE, "BLOCK", _BLOCK_MS,
                "STREAMS", *self._held, *(">" for _ in self._held),
            )  # fmt: skip
        except Unavailable:
            self._grouped = False
            raise
        except ResponseError as error:
            # A Redis that forgot everything has no groups either.
            self._grouped = False
            raise Unavailable(f"{_NAME} is not answering right now.", retry_after=1) from error
        received_at = time.perf_counter()
        return [
            Entry(_decoder.decode(fields[1]), f"{stream.decode()} {entry_id.decode()}", 1, received_at)
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
                await self._line.ask("XGROUP", "CREATE", stream, _GROUP, "0", "MKSTREAM")
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    async def _take_over(self) -> list[Entry]:
        taken: list[Entry] = []
        idle_ms = int(self._idle.total_seconds() * 1_000)
        claims = [
            ("XAUTOCLAIM", stream, _GROUP, self._owner, idle_ms, "0-0", "COUNT", READ_AT_ONCE) for stream in self._held
        ]
        for stream, (_, entries, *_) in zip(self._held, await self._line.ask_all(claims), strict=True):
            for entry_id, fields in filter(None, entries):
                if fields and (entry := await self._again(stream, entry_id, fields[1])):
                    taken.append(entry)
        return taken

    async def _again(self, stream: str, entry_id: bytes, body: bytes) -> Entry | None:
        """The entry with its number of readings, or None when it was read too often and is dead now."""
        pending = await self._line.ask("XPENDING", stream, _GROUP, entry_id, entry_id, 1)
        attempts: int = pending[0][3]
        if attempts <= MAX_ATTEMPTS:
            return Entry(_decoder.decode(body), f"{stream} {entry_id.decode()}", attempts, time.perf_counter())
        keys = [stream.encode(), DEAD.encode()]
        await self._line.ask(*_GIVE_UP.call(keys, KEPT, body, _GROUP.encode(), entry_id))
        return None

    async def done(self, entries: Sequence[Entry]) -> None:
        """Acknowledge and delete."""
        commands: list[tuple[Any, ...]] = []
        for stream, ids in _by_stream(entries).items():
            commands += [("XACK", stream, _GROUP, *ids), ("XDEL", stream, *ids)]
        await self._line.ask_all(commands)

    async def retry(self, entry: Entry) -> None:
        """Leave the entry pending: it is taken over when it has been idle for a while."""

    async def keep(self, entries: Sequence[Entry]) -> None:
        """Show that long work goes on, so that nobody takes it over."""
        await self._line.ask_all([
            ("XCLAIM", stream, _GROUP, self._owner, 0, *ids, "JUSTID") for stream, ids in _by_stream(entries).items()
        ])  # fmt: skip

    async def depth(self) -> tuple[int, float]:
        """How many entries wait, and the age of the oldest in seconds."""
        waiting = await self._waiting()
        return sum(count for count, _ in waiting), max(age for _, age in waiting)

    async def _waiting(self) -> list[tuple[int, float]]:
        """Per stream how many entries wait and how old the oldest is: finished ones are deleted."""
        answers = await self._line.ask_all([
            command
            for stream in self._streams
            for command in (("XLEN", stream), ("XRANGE", stream, "-", "+", "COUNT", 1))
        ])  # fmt: skip
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
        return int(await self._line.ask("XLEN", DEAD))

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
        await self._news.close()
        await self._line.close()


def _by_stream(entries: Sequence[Entry]) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = {}
    for entry in entries:
        stream, entry_id = entry.mark.split(" ")
        ids.setdefault(stream, []).append(entry_id)
    return ids
