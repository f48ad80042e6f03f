"""The installation's conduit, who reads its shards, and which replicas live."""

from __future__ import annotations

from datetime import datetime

from flask_core.contracts.twitch import ShardView
from flask_core.database import AsyncDAL, Tx
from twitch_module_flask.eventsub.models import Conduit


class ConduitRepository:
    """One conduit at a time."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def conduit(self) -> Conduit | None:
        """The one that is ours."""
        row = await self._database.read(lambda tx: tx.row("SELECT id, shards FROM conduits ORDER BY made_at LIMIT 1"))
        return None if row is None else Conduit(*row)

    async def keep(self, conduit: Conduit, now: datetime) -> None:
        """This one is ours from now on, with that many shards."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM conduits WHERE id <> ?", conduit.id)
            tx.run(
                "INSERT INTO conduits (id, shards, made_at) VALUES (?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET shards = excluded.shards",
                conduit.id, conduit.shards, now,
            )  # fmt: skip
            tx.run("DELETE FROM shards WHERE number >= ?", conduit.shards)

        await self._database.write(unit)

    async def bound(self, conduit_id: str, number: int, owner: str, session_id: str, now: datetime) -> None:
        """A replica reads a shard."""
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO shards (conduit_id, number, owner, session_id, bound_at)"
                " SELECT id, ?, ?, ?, ? FROM conduits WHERE id = ? ON CONFLICT (conduit_id, number) DO UPDATE"
                " SET owner = excluded.owner, session_id = excluded.session_id, bound_at = excluded.bound_at",
                number, owner, session_id, now, conduit_id,
            )
        )  # fmt: skip

    async def shards(self) -> list[ShardView]:
        """Who reads what, and since when."""
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT number, owner, bound_at FROM shards ORDER BY number")
        )
        return [ShardView(*row) for row in rows]

    async def leaves(self, instance: str, since: datetime) -> None:
        """A replica ends: it counts as one that lived last then."""
        await self._database.write(
            lambda tx: tx.run("UPDATE replicas SET seen_at = ? WHERE instance = ?", since, instance)
        )

    async def seen(self, instance: str, now: datetime, since: datetime, forgotten: datetime) -> tuple[int, int]:
        """A replica lives; how many lived since then, and how many since they would have been forgotten."""

        def unit(tx: Tx) -> tuple[int, int]:
            tx.run(
                "INSERT INTO replicas (instance, seen_at) VALUES (?, ?)"
                " ON CONFLICT (instance) DO UPDATE SET seen_at = excluded.seen_at",
                instance, now,
            )  # fmt: skip
            tx.run("DELETE FROM replicas WHERE seen_at < ?", forgotten)
            alive = tx.value("SELECT count(*) FROM replicas WHERE seen_at > ?", since)
            return int(alive), int(tx.value("SELECT count(*) FROM replicas"))

        return await self._database.write(unit)
