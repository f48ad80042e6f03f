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
# An offence goes 30 days after it has decayed; held texts stay as long as texts may stay at most.
_OFFENCES, _HELD = timedelta(days=30), timedelta(hours=72)
_DELIVERIES, _AUDIT = timedelta(days=7), timedelta(days=400)
_TIMER_POSTS, _STREAMS = timedelta(hours=1), timedelta(days=400)


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
            "DELETE FROM offences WHERE (community_id, member_id, filter) IN (SELECT community_id, member_id, filter"
            " FROM offences WHERE decays_at < ? LIMIT ?)": _OFFENCES,
            "DELETE FROM offence_events WHERE event_id IN (SELECT event_id FROM offence_events WHERE at < ?"
            " LIMIT ?)": _OFFENCES,
            "DELETE FROM held_messages WHERE id IN (SELECT id FROM held_messages WHERE held_at < ? LIMIT ?)": _HELD,
            "DELETE FROM module_instances WHERE (name, instance) IN (SELECT name, instance FROM module_instances"
            " WHERE seen_at < ? LIMIT ?)": _INSTANCES,
            "DELETE FROM timer_posts WHERE channel IN (SELECT channel FROM timer_posts WHERE posted_at < ?"
            " LIMIT ?)": _TIMER_POSTS,
            "DELETE FROM stream_states WHERE channel IN (SELECT channel FROM stream_states WHERE heard_at < ?"
            " LIMIT ?)": _STREAMS,
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
