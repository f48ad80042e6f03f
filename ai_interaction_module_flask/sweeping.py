"""Settles what a crash left open, and forgets what is over its time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ai_interaction_module_flask.budget_repository import BudgetRepository, day_of
from flask_core.auth import utc_now
from flask_core.database import AsyncDAL

LOST = timedelta(minutes=15)
_USAGE, _MEMBERS, _ANSWERS, _JOBS, _AUDIT = (timedelta(days=days) for days in (400, 35, 30, 1, 400))
_SECONDS, _BATCH = 300.0, 1_000


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Doing it twice does no harm, so every replica may."""

    database: AsyncDAL
    budgets: BudgetRepository
    now: Callable[[], datetime] = utc_now

    async def run(self) -> None:
        """For ever."""
        while True:
            await self.step()
            await asyncio.sleep(_SECONDS)

    async def step(self) -> None:
        """One round."""
        now = self.now()
        await self.budgets.settle_lost(now - LOST)
        for table, age in (("ai_usage", _USAGE), ("ai_budgets", _MEMBERS), ("ai_member_usage", _MEMBERS)):
            await self._forget_days(table, day_of(now - age))
        for table, column, age in (
            ("ai_answers", "created_at", _ANSWERS), ("ai_jobs", "due_at", _JOBS), ("audit", "at", _AUDIT),
        ):  # fmt: skip
            await self._forget(table, column, now - age)

    async def _forget_days(self, table: str, before: str) -> None:
        sql = f"DELETE FROM {table} WHERE day < ?"  # noqa: S608
        await self.database.write(lambda tx: tx.run(sql, before))

    async def _forget(self, table: str, column: str, before: datetime) -> None:
        sql = f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {column} < ? LIMIT ?)"  # noqa: S608
        while await self.database.write(lambda tx: tx.run(sql, before, _BATCH)) == _BATCH:
            pass
