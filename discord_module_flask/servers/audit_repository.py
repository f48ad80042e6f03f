"""Who changed what about a server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask_core.audit import KEPT, forget_before, write_down
from flask_core.database import AsyncDAL, Tx


class By(NamedTuple):
    """Who changes something, for which community, and when; `actor` is a person's id or a member's."""

    community_id: int
    actor: str
    at: datetime

    def note(self, tx: Tx, action: str, target: str, was: str = "", became: str = "") -> None:
        """Write it down, in the unit that does it."""
        write_down(tx, self.community_id, self.actor, action, target, was, became, self.at)


class AuditRepository:
    """Read by nobody but the person themselves and the operator's database."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def note(self, by: By, action: str, target: str) -> None:
        """Something was done that changes no row of ours."""
        await self._database.write(lambda tx: by.note(tx, action, target))

    async def forget(self, now: datetime) -> None:
        """What was changed long ago."""
        await self._database.write(lambda tx: forget_before(tx, now - KEPT))

    async def forget_community(self, community_id: int) -> int:
        """A community was deleted; how many rows went."""
        return await self._database.write(lambda tx: tx.run("DELETE FROM audit WHERE community_id = ?", community_id))

    async def of(self, actors: Sequence[str]) -> list[dict[str, Any]]:
        """What somebody changed and proved."""
        if not actors:
            return []
        places = ", ".join("?" * len(actors))
        rows = await self._database.read(
            lambda tx: tx.rows(f"SELECT action, target, at FROM audit WHERE actor IN ({places}) ORDER BY id", *actors)
        )
        proved = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT 'server.proved', guild_id, proved_at FROM proofs WHERE person_id IN ({places}) UNION ALL"
                f" SELECT 'server.begun', '', expires_at FROM proofs_begun WHERE person_id IN ({places})",
                *actors, *actors,
            )
        )  # fmt: skip
        return [{"action": action, "target": target, "at": at.isoformat()} for action, target, at in (*rows, *proved)]

    async def erase(self, actors: Sequence[str]) -> int:
        """Forget who it was; what was changed and proved stays as it is. How many rows."""
        if not actors:
            return 0
        places = ", ".join("?" * len(actors))

        def unit(tx: Tx) -> int:
            tx.run(f"DELETE FROM proofs_begun WHERE person_id IN ({places})", *actors)
            tx.run(f"UPDATE proofs SET person_id = '' WHERE person_id IN ({places})", *actors)
            return tx.run(f"UPDATE audit SET actor = '' WHERE actor IN ({places})", *actors)

        return await self._database.write(unit)
