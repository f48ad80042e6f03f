"""Which channels were recommended lately."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_core.database import AsyncDAL, Tx

BETWEEN, SAME_TARGET = timedelta(minutes=2), timedelta(minutes=60)
KEPT = timedelta(hours=2)


class ShoutoutRepository:
    """One row per channel and target, kept for two hours."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def reserve(self, broadcaster_id: str, target_id: str, now: datetime) -> timedelta:
        """Note that it is done now, unless it has to wait: for how long, or nothing."""
        return await self._database.write(lambda tx: _reserve(tx, broadcaster_id, target_id, now))

    async def take_back(self, broadcaster_id: str, target_id: str, at: datetime) -> None:
        """It was not done after all."""
        await self._database.write(
            lambda tx: tx.run(
                "DELETE FROM shoutouts WHERE broadcaster_id = ? AND target_id = ? AND given_at = ?",
                broadcaster_id, target_id, at,
            )
        )  # fmt: skip

    async def forget(self, before: datetime) -> None:
        """Forget what holds nobody back any more."""
        await self._database.write(lambda tx: tx.run("DELETE FROM shoutouts WHERE given_at < ?", before))


def _reserve(tx: Tx, broadcaster_id: str, target_id: str, now: datetime) -> timedelta:
    # The channel's row is taken first, so that of two replicas one waits for the other and sees what it did.
    tx.run("UPDATE channels SET live = live WHERE broadcaster_id = ?", broadcaster_id)
    rows = tx.rows(
        "SELECT target_id, given_at FROM shoutouts WHERE broadcaster_id = ? AND given_at > ?",
        broadcaster_id, now - SAME_TARGET,
    )  # fmt: skip
    ends = [given_at + (SAME_TARGET if target == target_id else BETWEEN) for target, given_at in rows]
    wait = max(ends, default=now) - now
    if wait > timedelta(0):
        return wait
    tx.run(
        "INSERT INTO shoutouts (broadcaster_id, target_id, given_at) VALUES (?, ?, ?)"
        " ON CONFLICT (broadcaster_id, target_id) DO UPDATE SET given_at = excluded.given_at",
        broadcaster_id, target_id, now,
    )  # fmt: skip
    return timedelta(0)
