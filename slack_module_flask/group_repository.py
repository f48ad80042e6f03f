"""User groups whose members count as moderators or VIPs."""

from __future__ import annotations

from dataclasses import dataclass

from flask_core.database import AsyncDAL
from flask_core.datamodels import Role


@dataclass(frozen=True, slots=True)
class MappedGroup:
    """A user group and what its members are."""

    group_id: str
    handle: str
    role: Role


class GroupRepository:
    """A few rows per workspace."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def of(self, team_id: str) -> list[MappedGroup]:
        """The mapped groups of a workspace."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT group_id, handle, role FROM group_map WHERE team_id = ? ORDER BY handle", team_id
            )
        )
        return [MappedGroup(group_id, handle, Role.named(role)) for group_id, handle, role in rows]

    async def put(self, team_id: str, group: MappedGroup) -> None:
        """Map a group, or map it differently."""
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO group_map (team_id, group_id, handle, role) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (team_id, group_id) DO UPDATE SET handle = excluded.handle, role = excluded.role",
                team_id, group.group_id, group.handle, group.role.word,
            )
        )  # fmt: skip

    async def clear(self, team_id: str) -> None:
        """Map none any more."""
        await self._database.write(lambda tx: tx.run("DELETE FROM group_map WHERE team_id = ?", team_id))
