"""Forgets hourly what is over its time: requests, invitations, and guests who were not seen for long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.database import AsyncDAL, Tx
from flask_core.shared_state import SharedState

INTERVAL_SECONDS = 3_600.0
_BATCH = 500
_REQUESTS, _INVITATIONS, _GUESTS = timedelta(days=90), timedelta(days=30), timedelta(days=90)


class Retention:
    """One replica at a time; twice does no harm."""

    def __init__(
        self, database: AsyncDAL, shared: SharedState, owner: str, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._database = database
        self._shared = shared
        self._owner = owner
        self._now = now

    async def run(self) -> None:
        """For ever, while this replica holds the lease."""
        while True:
            if await self._shared.lease("community:retention", self._owner, INTERVAL_SECONDS * 1.5):
                await self.sweep()
            await asyncio.sleep(INTERVAL_SECONDS)

    async def sweep(self) -> int:
        """Delete everything that is over its time; returns how many rows."""
        deleted = 0
        for forget, kept in ((_requests, _REQUESTS), (_invitations, _INVITATIONS), (_guests, _GUESTS)):
            deleted += await self._delete_all(forget, self._now() - kept)
        return deleted

    async def _delete_all(self, forget: Callable[[Tx, datetime], int], before: datetime) -> int:
        deleted = 0
        while gone := await self._database.write(lambda tx: forget(tx, before)):
            deleted += gone
            if gone < _BATCH:
                break
        return deleted


def _requests(tx: Tx, before: datetime) -> int:
    """Whoever asked and was never answered is a guest again, and may ask anew."""
    old = tx.rows(
        "SELECT id, member_id, state FROM community_requests WHERE coalesce(decided_at, asked_at) < ? AND asked_at < ?"
        " ORDER BY asked_at LIMIT ?",
        before, before, _BATCH,
    )  # fmt: skip
    for number, member_id, state in old:
        if tx.run("DELETE FROM community_requests WHERE id = ? AND state = ?", number, state) and state == "open":
            tx.run("UPDATE community_members SET status = 'guest' WHERE id = ? AND status = 'pending'", member_id)
    return len(old)


def _invitations(tx: Tx, before: datetime) -> int:
    return tx.run(
        "DELETE FROM community_invitations WHERE id IN (SELECT id FROM community_invitations WHERE expires_at < ?"
        " OR ended_at < ? LIMIT ?)",
        before, before, _BATCH,
    )  # fmt: skip


def _guests(tx: Tx, before: datetime) -> int:
    """Guests of whom nothing else is kept here, and to whom no other member leads."""
    old = tx.rows(
        "SELECT id FROM community_members g WHERE status = 'guest' AND last_seen_at < ? AND role = 0"  # noqa: S608
        " AND forwards_to IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM community_bans WHERE member_id = g.id)"
        " AND NOT EXISTS (SELECT 1 FROM community_requests WHERE member_id = g.id)"
        " AND NOT EXISTS (SELECT 1 FROM community_invitations WHERE invited_by = g.id OR member_id = g.id)"
        " AND NOT EXISTS (SELECT 1 FROM community_merges WHERE target = g.id OR source = g.id)"
        " LIMIT ?" + tx.skip_locked,
        before, _BATCH,
    )  # fmt: skip
    for (member_id,) in old:
        tx.run("DELETE FROM community_member_accounts WHERE member_id = ?", member_id)
        tx.run("DELETE FROM community_members WHERE id = ?", member_id)
    return len(old)
