"""Installations that were begun: who, for which community, until when."""

from __future__ import annotations

from datetime import datetime

from flask_core.database import AsyncDAL, Tx


class GrantRepository:
    """A state is good once."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def add(
        self, state_hash: str, person_id: str, community_id: int, expires_at: datetime, now: datetime
    ) -> None:
        """Remember a state; those that are over go."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM install_states WHERE expires_at <= ?", now)
            tx.run(
                "INSERT INTO install_states (state_hash, person_id, community_id, expires_at) VALUES (?, ?, ?, ?)",
                state_hash, person_id, community_id, expires_at,
            )  # fmt: skip

        await self._database.write(unit)

    async def take(self, state_hash: str, now: datetime) -> tuple[str, int] | None:
        """Whose it was, and for which community; None for one that is unknown, used or over."""
        rows = await self._database.write(
            lambda tx: tx.rows(
                "DELETE FROM install_states WHERE state_hash = ? RETURNING person_id, community_id, expires_at",
                state_hash,
            )
        )
        return (rows[0][0], rows[0][1]) if rows and rows[0][2] > now else None
