"""Tokens for the time of an import, sealed; and states of people who are on their way."""

from __future__ import annotations

from datetime import datetime

from flask_core.database import AsyncDAL, Tx
from flask_core.encryption import Sealer


class SecretRepository:
    """A token per community and source; a state is good once."""

    def __init__(self, database: AsyncDAL, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def keep(self, community_id: int, source: str, secret: str, expires_at: datetime) -> None:
        """Keep a token, instead of an older one."""
        sealed = self._sealer.seal(secret)
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO import_tokens (community_id, source, sealed, expires_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (community_id, source) DO UPDATE SET sealed = excluded.sealed,"
                " expires_at = excluded.expires_at",
                community_id, source, sealed, expires_at,
            )
        )  # fmt: skip

    async def get(self, community_id: int, source: str, now: datetime) -> str:
        """The token, "" for none or one whose time is over."""
        sealed = await self._database.read(
            lambda tx: tx.value(
                "SELECT sealed FROM import_tokens WHERE community_id = ? AND source = ? AND expires_at > ?",
                community_id, source, now,
            )
        )  # fmt: skip
        return self._sealer.open(sealed).decode() if sealed else ""

    async def begin(
        self, state_hash: str, person_id: str, community_id: int, expires_at: datetime, now: datetime
    ) -> None:
        """Remember whom a state belongs to; those that are over go."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM import_states WHERE expires_at <= ?", now)
            tx.run(
                "INSERT INTO import_states (state_hash, person_id, community_id, expires_at) VALUES (?, ?, ?, ?)",
                state_hash, person_id, community_id, expires_at,
            )  # fmt: skip

        await self._database.write(unit)

    async def take(self, state_hash: str, now: datetime) -> tuple[str, int] | None:
        """Whose it was, and for which community; None for one that is unknown, used or over."""
        rows = await self._database.write(
            lambda tx: tx.rows(
                "DELETE FROM import_states WHERE state_hash = ? RETURNING person_id, community_id, expires_at",
                state_hash,
            )
        )
        return (rows[0][0], rows[0][1]) if rows and rows[0][2] > now else None
