"""Deletes what is older than it may be kept, a thousand rows at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import batched

from flask_core.auth import utc_now
from flask_core.database import AsyncDAL
from flask_core.shared_state import SharedState
from router_module_flask.ports import EventLog
from router_module_flask.retained import Bounds, chosen_by_communities

INTERVAL_SECONDS = 600.0
_BATCH = 1_000
_COMMUNITIES = 500
_INSTANCES = timedelta(minutes=10)
_EVENTS_DONE, _EVENTS_DEAD = timedelta(hours=24), timedelta(days=14)
_DELIVERIES, _AUDIT, _NUKES = timedelta(days=7), timedelta(days=400), timedelta(days=90)
# An offence goes 30 days after it has decayed; held texts stay as long as texts may stay at most.
_OFFENCES, _HELD = timedelta(days=30), timedelta(hours=72)
_TIMER_POSTS, _STREAMS = timedelta(hours=1), timedelta(days=400)
_MESSAGES = (
    "DELETE FROM messages WHERE event_id IN (SELECT event_id FROM messages WHERE occurred_at < ? {whose} LIMIT ?)"
)
# Punishments are counted by nukes for a week, and have no words.
_ANSWERS = (
    "UPDATE deliveries SET body = '' WHERE id IN (SELECT id FROM deliveries WHERE created_at < ? AND body <> ''"
    " AND kind <> 'moderate' AND state <> 'waiting' {whose} LIMIT ?)"
)
_TRACES = "DELETE FROM traces WHERE event_id IN (SELECT event_id FROM traces WHERE occurred_at < ? {whose} LIMIT ?)"


class Retention:
    """One replica at a time, every ten minutes."""

    def __init__(
        self,
        database: AsyncDAL,
        shared: SharedState,
        owner: str,
        log: EventLog,
        bounds: Bounds,
        *,
        execution_days: int,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._shared = shared
        self._owner = owner
        self._log = log
        self._bounds = bounds
        self._now = now
        self._kept = {
            "DELETE FROM event_log WHERE seq IN (SELECT seq FROM event_log WHERE status = 'done' AND received_at < ?"
            " LIMIT ?)": _EVENTS_DONE,
            "DELETE FROM module_runs WHERE execution_id IN (SELECT execution_id FROM module_runs WHERE ran_at < ?"
            " LIMIT ?)": timedelta(days=execution_days),
            "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE created_at < ? LIMIT ?)": _DELIVERIES,
            "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? LIMIT ?)": _AUDIT,
            "DELETE FROM nuke_acts WHERE (community_id, number, channel, user_id) IN (SELECT community_id, number,"
            " channel, user_id FROM nuke_acts WHERE made_at < ? LIMIT ?)": _NUKES,
            "DELETE FROM nukes WHERE (community_id, number) IN (SELECT community_id, number FROM nukes"
            " WHERE made_at < ? LIMIT ?)": _NUKES,
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
        now = self._now()
        hours, days = await self._database.read(lambda tx: chosen_by_communities(tx, self._bounds))
        deleted = await self._log.bury(now - _EVENTS_DEAD)
        deleted += await self._per_community(_MESSAGES, timedelta(hours=1), self._bounds.message_hours, hours)
        deleted += await self._per_community(_ANSWERS, timedelta(hours=1), self._bounds.message_hours, hours)
        deleted += await self._per_community(_TRACES, timedelta(days=1), self._bounds.trace_days, days)
        for statement, kept in self._kept.items():
            deleted += await self._delete_all(statement, now - kept)
        return deleted

    async def _per_community(
        self, statement: str, unit: timedelta, usual: int, chosen: Mapping[int, Sequence[int]]
    ) -> int:
        """What is over for those who chose, and then for all others; `chosen` counts in `unit` like `usual`."""
        now, deleted = self._now(), 0
        for kept, communities in chosen.items():
            for some in batched(communities, _COMMUNITIES, strict=False):
                whose = f"AND community_id IN ({_listed(some)})"
                deleted += await self._delete_all(statement.format(whose=whose), now - kept * unit)
        longer = [community_id for kept, communities in chosen.items() if kept > usual for community_id in communities]
        whose = f"AND community_id NOT IN ({_listed(longer)})" if longer else ""
        return deleted + await self._delete_all(statement.format(whose=whose), now - usual * unit)

    async def _delete_all(self, statement: str, before: datetime) -> int:
        deleted = 0
        while gone := await self._database.write(lambda tx: tx.run(statement, before, _BATCH)):
            deleted += gone
            if gone < _BATCH:
                break
        return deleted


def _listed(communities: Sequence[int]) -> str:
    """Numbers of ours, written out: there may be more than a statement has places."""
    return ", ".join(str(int(community_id)) for community_id in communities)
