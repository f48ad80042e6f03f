"""How often commands were used, by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask_core.database import AsyncDAL

KEPT = timedelta(days=30)


class UsesRepository:
    """A row per community, first word and day, for 30 days."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def add(self, uses: Mapping[tuple[int, str], int], now: datetime) -> None:
        """So many more today."""
        rows = [(community_id, root, _day(now), count) for (community_id, root), count in sorted(uses.items())]
        await self._database.write(
            lambda tx: tx.many(
                "INSERT INTO command_uses (community_id, root, day, uses) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (community_id, root, day) DO UPDATE SET uses = command_uses.uses + excluded.uses",
                rows,
            )
        )

    async def before_today(self, community_id: int, now: datetime) -> dict[str, int]:
        """By first word: what was used today does not count before tomorrow, so that menus stay as they are."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT root, sum(uses) FROM command_uses WHERE community_id = ? AND day < ? GROUP BY root",
                community_id, _day(now),
            )
        )  # fmt: skip
        return {root: int(uses) for root, uses in rows}

    async def forget(self, now: datetime) -> None:
        """Days that are long over."""
        await self._database.write(lambda tx: tx.run("DELETE FROM command_uses WHERE day < ?", _day(now - KEPT)))

    async def forget_community(self, community_id: int) -> int:
        """A community was deleted; how many rows went."""
        return await self._database.write(
            lambda tx: tx.run("DELETE FROM command_uses WHERE community_id = ?", community_id)
        )


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
