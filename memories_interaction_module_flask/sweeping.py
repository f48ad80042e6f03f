"""Forgets hourly what is over its time: the bin, the history, reminders long past."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from memories_interaction_module_flask.entries import Entries
from memories_interaction_module_flask.reminder_repository import ReminderRepository

REMINDERS = timedelta(days=90)
_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Deleting twice does no harm, so every replica may."""

    entries: Entries
    reminders: ReminderRepository
    now: Callable[[], datetime] = utc_now

    async def run(self) -> None:
        """For ever."""
        while True:
            await self.entries.sweep()
            await self.reminders.forget_old(self.now() - REMINDERS)
            await asyncio.sleep(_SECONDS)
