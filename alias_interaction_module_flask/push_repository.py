"""Which communities' commands the router has to be told about."""

from __future__ import annotations

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
