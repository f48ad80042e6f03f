"""What members told, for 90 days."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_core.contracts.discord_feedback import Feedback
from flask_core.database import AsyncDAL

KEPT, MOST_SHOWN = timedelta(days=90), 100


class FeedbackRepository:
    """One row each."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def keep(self, community_id: int, user_id: str, told: Feedback) -> None:
        """A new one; what was told already stays as it is."""
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO feedback (feedback_id, community_id, user_id, name, server, subject, details, said_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (feedback_id) DO NOTHING",
                told.id, community_id, user_id, told.name, told.server, told.subject, told.details, told.said_at,
            )
        )  # fmt: skip

    async def of(self, community_id: int) -> list[Feedback]:
        """The newest of a community."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT feedback_id, name, server, subject, details, said_at FROM feedback WHERE community_id = ?"
                " ORDER BY said_at DESC, feedback_id LIMIT ?",
                community_id, MOST_SHOWN,
            )
        )  # fmt: skip
        return [Feedback(*row) for row in rows]

    async def forget(self, now: datetime) -> None:
        """What is old."""
        await self._database.write(lambda tx: tx.run("DELETE FROM feedback WHERE said_at < ?", now - KEPT))

    async def forget_community(self, community_id: int) -> int:
        """A community was deleted; how many rows went."""
        return await self._database.write(
            lambda tx: tx.run("DELETE FROM feedback WHERE community_id = ?", community_id)
        )
