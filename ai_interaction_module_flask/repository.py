"""Keeps points."""

from __future__ import annotations

from collections.abc import Sequence

from flask_core.database import AsyncDAL, Tx

_ADD = (
    "INSERT INTO points (community_id, who, points) VALUES (?, ?, ?)"
    " ON CONFLICT (community_id, who) DO UPDATE SET points = points.points + excluded.points RETURNING points"
)


class AiRepository:
    """One row per community and member."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def of(self, community_id: int, who: str) -> int:
        """The points of somebody; 0 for one who was never given any."""
        found = await self._database.read(
            lambda tx: tx.value("SELECT points FROM points WHERE community_id = ? AND who = ?", community_id, who)
        )
        return int(found or 0)

    async def add(self, community_id: int, who: str, points: int) -> int:
        """Add points in one statement, so that two givers at once both count."""
        return int(await self._database.write(lambda tx: tx.value(_ADD, community_id, who, points)))

    async def of_person(self, member_ids: Sequence[str]) -> list[tuple[int, int]]:
        """Community and points of every member that a person is."""

        def unit(tx: Tx) -> list[tuple[int, int]]:
            sql = "SELECT community_id, points FROM points WHERE who = ?"
            return [(row[0], row[1]) for member_id in member_ids for row in tx.rows(sql, member_id)]

        return await self._database.read(unit)

    async def erase(self, member_ids: Sequence[str]) -> int:
        """Forget these members; returns how many rows went."""
        return await self._database.write(
            lambda tx: sum(tx.run("DELETE FROM points WHERE who = ?", member_id) for member_id in member_ids)
        )

    async def move(self, community_id: int, source: str, target: str) -> int:
        """Add the source's points to the target's; returns how many rows moved."""

        def unit(tx: Tx) -> int:
            sql = "DELETE FROM points WHERE community_id = ? AND who = ? RETURNING points"
            points = tx.value(sql, community_id, source)
            if points is None:
                return 0
            tx.run(_ADD, community_id, target, points)
            return 1

        return await self._database.write(unit)

    async def erase_community(self, community_id: int) -> int:
        """Forget a whole community; returns how many rows went."""
        return await self._database.write(lambda tx: tx.run("DELETE FROM points WHERE community_id = ?", community_id))
