"""People who were sent to another site with a state, and for which community: a state is good once.

The table has state_hash (primary key), person_id, community_id and expires_at.
"""

from __future__ import annotations

from datetime import datetime

from flask_core.database import AsyncDAL, Tx


class BegunElsewhere:
    """What was begun in `table`; what is over goes when something begins."""

    def __init__(self, database: AsyncDAL, table: str) -> None:
        self._database = database
        self._table = table

    async def add(
        self, state_hash: str, person_id: str, community_id: int, expires_at: datetime, now: datetime
    ) -> None:
        """Remember a state; those that are over go."""

        def unit(tx: Tx) -> None:
            tx.run(f"DELETE FROM {self._table} WHERE expires_at <= ?", now)  # noqa: S608
            tx.run(
                f"INSERT INTO {self._table} (state_hash, person_id, community_id, expires_at)"  # noqa: S608
                " VALUES (?, ?, ?, ?)",
                state_hash, person_id, community_id, expires_at,
            )  # fmt: skip

        await self._database.write(unit)

    async def take(self, state_hash: str, now: datetime) -> tuple[str, int] | None:
        """Whose it was, and for which community; None for one that is unknown, used or over."""
        sql = f"DELETE FROM {self._table} WHERE state_hash = ? RETURNING person_id, community_id, expires_at"  # noqa: S608
        rows = await self._database.write(lambda tx: tx.rows(sql, state_hash))
        return (rows[0][0], rows[0][1]) if rows and rows[0][2] > now else None
