"""Sessions of shards: kept so that a restarted process, or another one, takes them up again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_core.database import AsyncDAL, Tx
from flask_core.encryption import Sealer


@dataclass(frozen=True, slots=True)
class Session:
    """A gateway session: everything up to `sequence` is in the router's log or in the spool."""

    id: str
    sequence: int
    resume_url: str


class SessionRepository:
    """One row per shard, its secrets sealed."""

    def __init__(self, database: AsyncDAL, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def read(self, number: int, shards: int) -> Session | None:
        """The session of a shard; None when there is none of so many shards."""
        found = await self._database.read(
            lambda tx: tx.rows(
                "SELECT session, sequence, resume_url FROM shards WHERE number = ? AND shards = ?", number, shards
            )
        )
        if not found:
            return None
        session, sequence, url = found[0]
        return Session(self._sealer.open(session).decode(), int(sequence), self._sealer.open(url).decode())

    async def keep(self, number: int, shards: int, session: Session, now: datetime) -> None:
        """In place of what was there."""
        values = (self._sealer.seal(session.id), session.sequence, self._sealer.seal(session.resume_url), now)
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO shards (number, shards, session, sequence, resume_url, stored_at)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET shards = excluded.shards,"
                " session = excluded.session, sequence = excluded.sequence, resume_url = excluded.resume_url,"
                " stored_at = excluded.stored_at",
                number, shards, *values,
            )
        )  # fmt: skip

    async def forget(self, number: int) -> None:
        """It cannot be taken up any more."""
        await self._database.write(lambda tx: tx.run("DELETE FROM shards WHERE number = ?", number))

    async def count(self) -> int:
        """Of how many shards all replicas are; 0 while nobody fixed that."""
        return int(await self._database.read(lambda tx: tx.value("SELECT shards FROM shard_count WHERE id = 1")) or 0)

    async def fix(self, shards: int, now: datetime, *, only_more: bool) -> None:
        """From now on there are so many, unless there are more already and `only_more`; other sessions are over."""

        def unit(tx: Tx) -> None:
            tx.run(
                "INSERT INTO shard_count (id, shards, changed_at) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE"
                " SET shards = excluded.shards, changed_at = excluded.changed_at"
                " WHERE shard_count.shards < ? OR (shard_count.shards <> excluded.shards AND ?)",
                shards, now, shards, not only_more,
            )  # fmt: skip
            tx.run("DELETE FROM shards WHERE shards <> (SELECT shards FROM shard_count WHERE id = 1)")

        await self._database.write(unit)
