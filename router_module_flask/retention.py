"""Deletes what is older than it may be kept, a thousand rows at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.database import AsyncDAL
from flask_core.shared_state import SharedState

INTERVAL_SECONDS = 600.0
_BATCH = 1_000
_INSTANCES = timedelta(minutes=10)
_EVENTS_DONE, _EVENTS_DEAD = timedelta(hours=24), timedelta(days=14)
_DELIVERIES, _AUDIT, _NUKES = timedelta(days=7), timedelta(days=400), timedelta(days=90)


class Retention:
    """One replica at a time, every ten minutes."""

    def __init__(
        self,
        database: AsyncDAL,
        shared: SharedState,
        owner: str,
        *,
        trace_days: int,
        message_hours: int,
        execution_days: int,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._shared = shared
        self._owner = owner
        self._now = now
        self._kept = {
            "DELETE FROM event_log WHERE seq IN (SELECT seq FROM event_log WHERE status = 'done' AND received_at < ?"
            " LIMIT ?)": _EVENTS_DONE,
            "DELETE FROM event_log WHERE seq IN (SELECT seq FROM event_log WHERE status = 'dead' AND received_at < ?"
            " LIMIT ?)": _EVENTS_DEAD,
            "DELETE FROM traces WHERE event_id IN (SELECT event_id FROM traces WHERE occurred_at < ?"
            " LIMIT ?)": timedelta(days=trace_days),
            "DELETE FROM messages WHERE event_id IN (SELECT event_id FROM messages WHERE occurred_at < ?"
            " LIMIT ?)": timedelta(hours=message_hours),
            "DELETE FROM module_runs WHERE execution_id IN (SELECT execution_id FROM module_runs WHERE ran_at < ?"
            " LIMIT ?)": timedelta(days=execution_days),
            "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE created_at < ? LIMIT ?)": _DELIVERIES,
            "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? LIMIT ?)": _AUDIT,
            "DELETE FROM nuke_acts WHERE (community_id, number, channel, user_id) IN (SELECT community_id, number,"
            " channel, user_id FROM nuke_acts WHERE made_at < ? LIMIT ?)": _NUKES,
            "DELETE FROM nukes WHERE (community_id, number) IN (SELECT community_id, number FROM nukes"
            " WHERE made_at < ? LIMIT ?)": _NUKES,
            "DELETE FROM module_instances WHERE (name, instance) IN (SELECT name, instance FROM module_instances"
            " WHERE seen_at < ? LIMIT ?)": _INSTANCES,
        }

    async def run(self) -> None:
        """For ever, while this replica holds the lease."""
        while True:
            if await self._shared.lease("router:retention", self._owner, INTERVAL_SECONDS * 1.5):
                await self.sweep()
            await asyncio.sleep(INTERVAL_SECONDS)

    async def sweep(self) -> int:
        """Delete everything that is over its time; returns how many rows."""
        now, deleted = self._now(), 0
        for statement, kept in self._kept.items():
            while gone := await self._delete(statement, now - kept):
                deleted += gone
                if gone < _BATCH:
                    break
        return deleted

    async def _delete(self, statement: str, before: datetime) -> int:
        return await self._database.write(lambda tx: tx.run(statement, before, _BATCH))
