"""Who changed what about a workspace, and the changes themselves."""

from __future__ import annotations

from datetime import datetime

import msgspec

from flask_core.audit import KEPT, forget_before, write_down
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

    async def of_person(self, person_id: str) -> list[dict[str, str]]:
        """What somebody changed, and the workspaces that they connected."""
        rows = await self._database.read(
            lambda tx: [
                *tx.rows("SELECT action, target, at FROM audit WHERE actor = ? ORDER BY id", person_id),
                *tx.rows(
                    "SELECT 'workspace.connect', team_id, changed_at FROM workspaces WHERE person_id = ?", person_id
                ),
            ]
        )
        return [{"action": action, "target": target, "at": at.isoformat()} for action, target, at in rows]

    async def erase(self, person_id: str) -> int:
        """Forget who it was; how many rows."""

        def unit(tx: Tx) -> int:
            return tx.run("UPDATE audit SET actor = '' WHERE actor = ?", person_id) + tx.run(
                "UPDATE workspaces SET person_id = '' WHERE person_id = ?", person_id
            )

        return await self._database.write(unit) if person_id else 0

    async def erase_community(self, community_id: int) -> None:
        """Forget what was changed for a community."""
        await self._database.write(lambda tx: tx.run("DELETE FROM audit WHERE community_id = ?", community_id))
