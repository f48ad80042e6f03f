"""Roles that Twitch shows in its channels, and which of them community has to be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Role
from twitch_module_flask.models import SeenRole


class RoleRepository:
    """One row per channel and moderator, VIP or streamer; viewers have none."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def of_channel(self, broadcaster_id: str) -> dict[str, SeenRole]:
        """What was last seen in a channel, by user."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT broadcaster_id, user_id, role, seen_at FROM platform_roles WHERE broadcaster_id = ?",
                broadcaster_id,
            )
        )
        return {row[1]: SeenRole(row[0], row[1], Role(row[2]), row[3]) for row in rows}

    async def saw(self, seen: SeenRole, known_since: datetime) -> bool:
        """Remember a role that is to be told: one that changed, or was last told before `known_since`.

        False when nothing changed: it is known, older than what is known, or the channel is not ours any more.
        """
        changed = await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO platform_roles (broadcaster_id, user_id, role, waits, seen_at)"
                " SELECT broadcaster_id, ?, ?, ?, ? FROM channels WHERE broadcaster_id = ?"
                " ON CONFLICT (broadcaster_id, user_id) DO UPDATE SET role = excluded.role, waits = excluded.waits,"
                " seen_at = excluded.seen_at WHERE excluded.seen_at >= platform_roles.seen_at"
                " AND (excluded.role <> platform_roles.role OR platform_roles.seen_at < ?)",
                seen.user_id, seen.role.value, True, seen.at, seen.broadcaster_id, known_since,
            )
        )  # fmt: skip
        return changed > 0

    async def waiting(self, limit: int) -> list[SeenRole]:
        """What community has to be told, the oldest first."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT broadcaster_id, user_id, role, seen_at FROM platform_roles WHERE waits"
                " ORDER BY seen_at LIMIT ?",
                limit,
            )
        )
        return [SeenRole(row[0], row[1], Role(row[2]), row[3]) for row in rows]

    async def told(self, roles: Sequence[SeenRole]) -> None:
        """Community knows; what changed meanwhile waits on."""
        keys = [(one.broadcaster_id, one.user_id, one.role.value, one.at) for one in roles]
        same = "broadcaster_id = ? AND user_id = ? AND role = ? AND seen_at = ?"

        def unit(tx: Tx) -> None:
            tx.many(f"DELETE FROM platform_roles WHERE {same} AND role = {Role.VIEWER.value}", keys)
            tx.many(f"UPDATE platform_roles SET waits = FALSE WHERE {same}", keys)

        await self._database.write(unit)
