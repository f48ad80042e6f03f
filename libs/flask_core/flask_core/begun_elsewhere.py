"""People who were sent to another site with a state: a state is good once.

The table has state_hash (primary key), expires_at, and columns for what is remembered of the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_core.database import AsyncDAL, Tx


class Ways:
    """What was begun in `table`, with `columns`; what is over goes when something begins."""

    def __init__(self, database: AsyncDAL, table: str, columns: Sequence[str]) -> None:
        self._database = database
        self._table = table
        self._columns = (*columns, "expires_at")

    async def begin(self, state_hash: str, kept: Sequence[Any], expires_at: datetime, now: datetime) -> None:
        """Remember a state with the values of the columns; those that are over go."""
        names = ", ".join(("state_hash", *self._columns))
        places = ", ".join("?" * (len(self._columns) + 1))

        def unit(tx: Tx) -> None:
            tx.run(f"DELETE FROM {self._table} WHERE expires_at <= ?", now)  # noqa: S608
            tx.run(
                f"INSERT INTO {self._table} ({names}) VALUES ({places})",  # noqa: S608
                state_hash, *kept, expires_at,
            )  # fmt: skip

        await self._database.write(unit)

    async def end(self, state_hash: str, now: datetime) -> tuple[Any, ...] | None:
        """The values of the columns; None for a state that is unknown, used or over."""
        sql = f"DELETE FROM {self._table} WHERE state_hash = ? RETURNING {', '.join(self._columns)}"  # noqa: S608
        rows = await self._database.write(lambda tx: tx.rows(sql, state_hash))
        return tuple(rows[0][:-1]) if rows and rows[0][-1] > now else None


class BegunElsewhere(Ways):
    """Who was sent, and for which community."""

    def __init__(self, database: AsyncDAL, table: str) -> None:
        super().__init__(database, table, ("person_id", "community_id"))

    async def add(
        self, state_hash: str, person_id: str, community_id: int, expires_at: datetime, now: datetime
    ) -> None:
        """Remember a state; those that are over go."""
        await self.begin(state_hash, (person_id, community_id), expires_at, now)

    async def take(self, state_hash: str, now: datetime) -> tuple[str, int] | None:
        """Whose it was, and for which community; None for one that is unknown, used or over."""
        found = await self.end(state_hash, now)
        return None if found is None else (found[0], found[1])
