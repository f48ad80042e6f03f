"""Roles that a platform showed in our places, and which of them community has to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Role


@dataclass(frozen=True, slots=True)
class SeenRole:
    """What somebody was in a place of the platform, a channel or a server, at a time."""

    place: str
    user_id: str
    role: Role
    at: datetime


class SeenRoleRepository:
    """The table `platform_roles`: one row per place and somebody above a viewer; `waits` until community was told.

    `column` names the place there, `known_in` the table of places that are ours.
    """

    def __init__(self, database: AsyncDAL, column: str, known_in: str) -> None:
        self._database = database
        self._column = column
        self._known_in = known_in

    async def of_place(self, place: str) -> dict[str, SeenRole]:
        """What was last seen in a place, by user."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {self._column}, user_id, role, seen_at FROM platform_roles WHERE {self._column} = ?", place
            )
        )
        return {row[1]: SeenRole(row[0], row[1], Role(row[2]), row[3]) for row in rows}

    async def saw(self, seen: SeenRole, known_since: datetime) -> bool:
        """Remember a role that is to be told: one that changed, or was last told before `known_since`.

        False when nothing changed: it is known, older than what is known, or the place is not ours any more.
        """
        place = self._column
        changed = await self._database.write(
            lambda tx: tx.run(
                f"INSERT INTO platform_roles ({place}, user_id, role, waits, seen_at)"
                f" SELECT {place}, ?, ?, ?, ? FROM {self._known_in} WHERE {place} = ?"
                f" ON CONFLICT ({place}, user_id) DO UPDATE SET role = excluded.role, waits = excluded.waits,"
                " seen_at = excluded.seen_at WHERE excluded.seen_at >= platform_roles.seen_at"
                " AND (excluded.role <> platform_roles.role OR platform_roles.seen_at < ?)",
                seen.user_id, seen.role.value, True, seen.at, seen.place, known_since,
            )
        )  # fmt: skip
        return changed > 0

    async def waiting(self, limit: int) -> list[SeenRole]:
        """What community has to be told, the oldest first."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {self._column}, user_id, role, seen_at FROM platform_roles WHERE waits"
                " ORDER BY seen_at LIMIT ?",
                limit,
            )
        )
        return [SeenRole(row[0], row[1], Role(row[2]), row[3]) for row in rows]

    async def told(self, roles: Sequence[SeenRole]) -> None:
        """Community knows; what changed meanwhile waits on."""
        keys = [(one.place, one.user_id, one.role.value, one.at) for one in roles]
        same = f"{self._column} = ? AND user_id = ? AND role = ? AND seen_at = ?"

        def unit(tx: Tx) -> None:
            tx.many(f"DELETE FROM platform_roles WHERE {same} AND role = {Role.VIEWER.value}", keys)
            tx.many(f"UPDATE platform_roles SET waits = FALSE WHERE {same}", keys)

        await self._database.write(unit)
