"""The event log in the router's own database: the embedded deployment."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from flask_core.auth import utc_now
from flask_core.batching import Batcher
from flask_core.contracts.router import PartitionState
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Event
from router_module_flask.event_log import dead_rows
from router_module_flask.models import Entry

LEASE = timedelta(seconds=20)
MAX_ATTEMPTS = 5
READ_AT_ONCE = 100
_WAIT_SECONDS = 1.0
_LONGEST_NUMBER, _A_MOMENT = 18, timedelta(seconds=1)
_decoder = msgspec.json.Decoder(Event)
_encoder = msgspec.json.Encoder()


class SqlEventLog:
    """Appends and reads batches. What this process appends it reads at once, already leased to itself.

    Entries of a process that died come free when their lease ends.
    """

    def __init__(self, database: AsyncDAL, owner: str, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._owner = owner
        self._now = now
        self._arrived: deque[Entry] = deque()
        self._wake = asyncio.Event()
        self._appends: Batcher[Event, bool] = Batcher(self._append_all, max_items=200)
        self._swept_at = 0.0

    async def append(self, events: Sequence[Event]) -> list[bool]:
        """Keep events; False for an id that is in the log already."""
        if len(events) == 1:
            return [await self._appends.add(events[0])]
        return list(await asyncio.gather(*(self._appends.add(event) for event in events)))

    async def _append_all(self, events: list[Event]) -> list[bool]:
        now = self._now()
        rows = [
            (event.event_id, event.channel, _encoder.encode(event).decode(), "taken", 1, self._owner, now + LEASE, now)
            for event in events
        ]
        new = await self._database.write(lambda tx: _insert(tx, rows))
        fresh: list[bool] = []
        received_at = time.perf_counter()
        for event in events:
            is_new = event.event_id in new
            new.discard(event.event_id)
            fresh.append(is_new)
            if is_new:
                self._arrived.append(Entry(event, event.event_id, 1, received_at))
        self._wake.set()
        return fresh

    async def read(self) -> list[Entry]:
        """What arrived here, else what others left behind; waits up to a second for the first."""
        if not self._arrived and time.monotonic() - self._swept_at > _WAIT_SECONDS:
            self._swept_at = time.monotonic()
            self._arrived.extend(await self._database.write(self._take_over))
        if not self._arrived:
            self._wake.clear()
            try:
                async with asyncio.timeout(_WAIT_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                return []
        return [self._arrived.popleft() for _ in range(min(READ_AT_ONCE, len(self._arrived)))]

    def _take_over(self, tx: Tx) -> list[Entry]:
        now = self._now()
        tx.run(
            "UPDATE event_log SET status = 'dead' WHERE status = 'taken' AND leased_until < ? AND attempts >= ?",
            now, MAX_ATTEMPTS,
        )  # fmt: skip
        rows = tx.rows(
            "UPDATE event_log SET lease_owner = ?, leased_until = ?, attempts = attempts + 1 WHERE seq IN ("
            "SELECT seq FROM event_log WHERE status = 'taken' AND leased_until < ? ORDER BY seq LIMIT ?"
            f"{tx.skip_locked}) RETURNING seq, body, attempts",
            self._owner, now + LEASE, now, READ_AT_ONCE,
        )  # fmt: skip
        received_at = time.perf_counter()
        entries = [(seq, _decoder.decode(body), attempts) for seq, body, attempts in sorted(rows)]
        return [Entry(event, event.event_id, attempts, received_at) for _, event, attempts in entries]

    async def done(self, entries: Sequence[Entry]) -> None:
        """Mark entries done; their ids stay for a day, because they are the memory of what was seen."""
        marks = [entry.mark for entry in entries]
        await self._database.write(lambda tx: mark_done(tx, marks))

    async def retry(self, entry: Entry) -> None:
        """Let the lease of an entry end in two seconds."""
        due = self._now() + timedelta(seconds=2)
        await self._database.write(
            lambda tx: tx.run("UPDATE event_log SET leased_until = ? WHERE event_id = ?", due, entry.mark)
        )

    async def keep(self, entries: Sequence[Entry]) -> None:
        """Renew the leases of long work."""
        until = self._now() + LEASE
        marks = [entry.mark for entry in entries]
        await self._database.write(lambda tx: _keep(tx, marks, until))

    async def depth(self) -> tuple[int, float]:
        """How many entries wait, and the age of the oldest in seconds."""
        count, oldest = await self._database.read(
            lambda tx: (
                tx.value("SELECT count(*) FROM event_log WHERE status = 'taken'"),
                tx.value("SELECT received_at FROM event_log WHERE status = 'taken' ORDER BY seq LIMIT 1"),
            )
        )
        return count, 0.0 if oldest is None else max(0.0, (self._now() - oldest).total_seconds())

    async def partitions(self) -> list[PartitionState]:
        """One for each process that holds a lease; those of the dead come free."""
        return await self._database.read(lambda tx: _by_reader(tx, self._now()))

    async def dead(self) -> int:
        """How many entries were given up."""
        return int(
            await self._database.read(lambda tx: tx.value("SELECT count(*) FROM event_log WHERE status = 'dead'"))
        )

    async def letters(self, limit: int) -> list[tuple[str, Event]]:
        """The newest of those, each with the id by which it is revived."""
        return await self._database.read(lambda tx: dead_rows.letters(tx, limit))

    async def revive(self, letter_id: str) -> str | None:
        """Let one be read again, marked late; its event id, None when it is not dead."""
        if not letter_id.isdecimal() or len(letter_id) > _LONGEST_NUMBER:
            return None
        return await self._database.write(lambda tx: dead_rows.revive(tx, int(letter_id), self._now() - _A_MOMENT))

    async def forget(self, accounts: Sequence[tuple[str, str]], channels: Sequence[str] = ()) -> int:
        """Delete those by or about these accounts, or of these channels; how many that were."""
        return await self._database.write(lambda tx: dead_rows.forget(tx, accounts, channels))

    async def bury(self, before: datetime) -> int:
        """Delete those that died before then."""
        return await self._database.write(
            lambda tx: tx.run("DELETE FROM event_log WHERE status = 'dead' AND received_at < ?", before)
        )

    async def close(self) -> None:
        """Nothing is held but leases, which end by themselves."""


def _insert(tx: Tx, rows: Sequence[tuple[object, ...]]) -> set[str]:
    """Insert and tell which ids were new; one statement, so that seen and kept cannot part."""
    places = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?)"] * len(rows))
    values = [value for row in rows for value in row]
    return {
        event_id
        for (event_id,) in tx.rows(
            "INSERT INTO event_log (event_id, channel, body, status, attempts, lease_owner, leased_until, received_at)"
            f" VALUES {places} ON CONFLICT (event_id) DO NOTHING RETURNING event_id",
            *values,
        )
    }


def mark_done(tx: Tx, marks: list[str]) -> None:
    """Mark entries done inside another unit of work, so that record and end are one transaction.

    What was said goes with it: texts are kept in one place only, and not longer than there.
    """
    places = ", ".join("?" * len(marks))
    tx.run(f"UPDATE event_log SET status = 'done', body = '' WHERE event_id IN ({places})", *marks)


def _keep(tx: Tx, marks: list[str], until: datetime) -> None:
    places = ", ".join("?" * len(marks))
    tx.run(f"UPDATE event_log SET leased_until = ? WHERE event_id IN ({places})", until, *marks)


def _by_reader(tx: Tx, now: datetime) -> list[PartitionState]:
    taken = "FROM event_log WHERE status = 'taken' AND lease_owner = ?"
    found = []
    for owner, count in tx.rows(
        "SELECT lease_owner, count(*) FROM event_log WHERE status = 'taken' GROUP BY lease_owner ORDER BY lease_owner"
    ):
        oldest = tx.value(f"SELECT received_at {taken} ORDER BY seq LIMIT 1", owner)
        until = tx.value(f"SELECT leased_until {taken} ORDER BY leased_until DESC LIMIT 1", owner)
        if oldest is None or until is None:
            # Done since they were counted.
            continue
        age = max(0.0, (now - oldest).total_seconds())
        found.append(PartitionState("event_log", count, age, owner if until > now else ""))
    return found
