"""Answers that took long: rows of due work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_core.database import AsyncDAL
from flask_core.due_work import AT_ONCE, Due, Result, claim_due, record_due

LIFE = timedelta(minutes=10)
_OWN = "execution_id, community_id, channel, member_id, user_id, quiet"


@dataclass(frozen=True, slots=True)
class Late:
    """An answer to come: where it belongs and whom it answers; a `quiet` one is never an excuse."""

    execution_id: str
    community_id: int
    channel: str
    member_id: str
    user_id: str
    quiet: bool


class JobRepository:
    """DueRows of `Late`."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def add(self, late: Late, now: datetime, claimed_until: datetime) -> None:
        """Promise an answer; until then it belongs to whoever is at it. A known one stays as it is."""
        await self._database.write(
            lambda tx: tx.run(
                f"INSERT INTO ai_jobs ({_OWN}, status, due_at, expires_at, claimed_by, claimed_until, attempts,"
                " last_error, idempotency_key) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?, '', ?, 0, '', ?)"
                " ON CONFLICT (execution_id) DO NOTHING",
                late.execution_id, late.community_id, late.channel, late.member_id, late.user_id, late.quiet, now,
                now + LIFE, claimed_until, f"ai:{late.execution_id}",
            )
        )  # fmt: skip

    async def ready(self, execution_id: str, now: datetime) -> None:
        """The answer is there: it may be said at once."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE ai_jobs SET claimed_until = ? WHERE execution_id = ? AND status = 'waiting' AND claimed_by = ''",
                now, execution_id,
            )
        )  # fmt: skip

    async def claim(self, owner: str, now: datetime, limit: int = AT_ONCE) -> list[Due[Late]]:
        """What is due now."""
        return await self._database.write(
            lambda tx: claim_due(tx, "ai_jobs", _OWN, _late, owner=owner, now=now, limit=limit)
        )

    async def record(self, due: Due[Late], result: Result) -> None:
        """What became of it."""
        await self._database.write(lambda tx: record_due(tx, "ai_jobs", due, result))


def _late(execution_id: str, community_id: int, channel: str, member_id: str, user_id: str, quiet: bool) -> Late:
    return Late(execution_id, community_id, channel, member_id, user_id, bool(quiet))
