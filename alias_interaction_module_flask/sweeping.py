"""Forgets hourly what is over its time: the bin, the history, old days of use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_core.audit import KEPT, forget_before
from flask_core.auth import utc_now
from flask_core.database import AsyncDAL, Tx

BIN, HISTORY, USES = (timedelta(days=days) for days in (30, 365, 400))
_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Deleting twice does no harm, so every replica may."""

    database: AsyncDAL
    now: Callable[[], datetime] = utc_now

    async def run(self) -> None:
        """For ever."""
        while True:
            await self.sweep()
            await asyncio.sleep(_SECONDS)

    async def sweep(self) -> None:
        """Now."""
        now = self.now()

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM commands WHERE deleted_at IS NOT NULL AND deleted_at < ?", now - BIN)
            tx.run("DELETE FROM command_history WHERE at < ?", now - HISTORY)
            forget_before(tx, now - KEPT)
            tx.run("DELETE FROM command_uses WHERE day < ?", (now - USES).date().isoformat())

        await self.database.write(unit)
