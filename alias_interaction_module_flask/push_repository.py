"""Which communities' commands the router has to be told about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask_core.database import AsyncDAL, Tx
from flask_core.due_work import Due, Result, State, claim_due, record_due


class Push:
    """A community whose index has a `version` that is not the `acknowledged` one yet."""

    __slots__ = ("acknowledged", "community_id", "version")

    def __init__(self, community_id: int, version: int, acknowledged: int) -> None:
        self.community_id = community_id
        self.version = version
        self.acknowledged = acknowledged


class PushRepository:
    """One row per community, due again with every change."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def claim(self, owner: str, now: datetime, limit: int) -> list[Due[Push]]:
        """Rows that are `owner`'s from now on for a minute."""
        return await self._database.write(
            lambda tx: claim_due(
                tx, "index_pushes", "community_id, version, acknowledged", Push, owner=owner, now=now, limit=limit
            )
        )

    async def record(self, due: Due[Push], result: Result) -> None:
        """Keep what became of it; a change that came meanwhile made the row due again, and stays so."""

        def unit(tx: Tx) -> None:
            if record_due(tx, "index_pushes", due, result) and result.state is State.DELIVERED:
                tx.run("UPDATE index_pushes SET acknowledged = ? WHERE id = ?", due.row.version, due.id)

        await self._database.write(unit)

    async def versions(self, community_id: int) -> tuple[int, int]:
        """The newest version of the index, and the one that the router has; 0 for none."""
        row = await self._database.read(
            lambda tx: tx.row(
                "SELECT version, acknowledged FROM index_pushes WHERE community_id = ?", community_id
            )
        )  # fmt: skip
        return (0, 0) if row is None else (row[0], row[1])

    async def push_again(self, has: Mapping[int, int], now: datetime) -> int:
        """Make those due of which the router has another version than we know of; how many these are."""

        def unit(tx: Tx) -> int:
            # One that was refused was never acknowledged: its version is what the router should have.
            ours = tx.rows(
                "SELECT community_id, CASE WHEN status = 'failed' THEN version ELSE acknowledged END"
                " FROM index_pushes WHERE status IN ('delivered', 'failed')"
            )
            lost = [community_id for community_id, acknowledged in ours if has.get(community_id) != acknowledged]
            for community_id in sorted(lost):
                # A set that is newer than ours was told by nobody: ours has to be newer still.
                newest = has.get(community_id, 0)
                tx.run(
                    "UPDATE index_pushes SET status = 'waiting', due_at = ?, claimed_until = ?, attempts = 0,"
                    " version = CASE WHEN version > ? THEN version ELSE ? END WHERE community_id = ?",
                    now, now, newest, newest + 1, community_id,
                )  # fmt: skip
            return len(lost)

        return await self._database.write(unit)
