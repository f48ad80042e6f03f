"""Writes down who changed what, in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask_core.audit import write_down
from flask_core.auth import utc_now
from flask_core.database import AsyncDAL


@dataclass(frozen=True, slots=True)
class Audit:
    """Ids, names and numbers; never what people wrote."""

    database: AsyncDAL
    now: Callable[[], datetime] = utc_now

    async def note(self, community_id: int, actor: str, action: str, target: str, became: str = "") -> None:
        """`actor` (a member or person id) did this to `target`; inside the transaction that is open."""
        at = self.now()
        await self.database.write(lambda tx: write_down(tx, community_id, actor, action, target, "", became, at))
