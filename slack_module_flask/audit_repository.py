"""Who changed what about a workspace, and the changes themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from flask_core.audit import KEPT, forget_before, write_down
from flask_core.audit_people import forget_actors
from flask_core.contracts.slack import WorkspaceSettings
from flask_core.database import AsyncDAL, Tx


class AuditRepository:
    """Actors are persons, or members of a community."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def note(self, community_id: int, actor: str, action: str, target: str, now: datetime) -> None:
        """Write down what somebody did."""
        await self._database.write(lambda tx: write_down(tx, community_id, actor, action, target, "", "", now))

    async def set_settings(
        self,
        team_id: str,
        was: WorkspaceSettings,
        becomes: WorkspaceSettings,
        *,
        community_id: int,
        by: str,
        now: datetime,
    ) -> None:
        """Change how the bot behaves in a workspace."""
        before, after = (msgspec.json.encode(one).decode() for one in (was, becomes))

        def unit(tx: Tx) -> None:
            tx.run("UPDATE workspaces SET settings = ? WHERE team_id = ?", after, team_id)
            write_down(tx, community_id, by, "workspace.settings", team_id, before, after, now)

        await self._database.write(unit)

    async def forget(self, now: datetime) -> None:
        """Forget who changed what, long ago."""
        await self._database.write(lambda tx: forget_before(tx, now - KEPT))

    async def of_actors(self, actors: Sequence[str]) -> list[dict[str, str]]:
        """What somebody changed, the workspaces that they connected, and those that they began to."""

        def unit(tx: Tx) -> list[tuple[Any, ...]]:
            return [
                row
                for actor in actors
                for row in (
                    *tx.rows("SELECT action, target, at FROM audit WHERE actor = ? ORDER BY id", actor),
                    *tx.rows(
                        "SELECT 'workspace.connect', team_id, changed_at FROM workspaces WHERE person_id = ?", actor
                    ),
                    *tx.rows("SELECT 'workspace.begun', '', expires_at FROM install_states WHERE person_id = ?", actor),
                )
            ]

        rows = await self._database.read(unit)
        return [{"action": action, "target": target, "at": at.isoformat()} for action, target, at in rows]

    async def erase(self, actors: Sequence[str], users: Sequence[tuple[str, str]]) -> int:
        """Forget who it was, by person, member, or team and user; how many rows."""

        def unit(tx: Tx) -> int:
            for team_id, user_id in users:
                tx.run(
                    "UPDATE workspaces SET installed_by = '' WHERE team_id = ? AND installed_by = ?", team_id, user_id
                )
            for actor in actors:
                tx.run("DELETE FROM install_states WHERE person_id = ?", actor)
            return forget_actors(tx, actors) + sum(
                tx.run("UPDATE workspaces SET person_id = '' WHERE person_id = ?", actor) for actor in actors
            )

        return await self._database.write(unit)

    async def erase_community(self, community_id: int) -> None:
        """Forget what was changed for a community."""
        await self._database.write(lambda tx: tx.run("DELETE FROM audit WHERE community_id = ?", community_id))
