"""Tokens for the time of an import, sealed."""

from __future__ import annotations

from datetime import datetime

from flask_core.database import AsyncDAL
from flask_core.encryption import Sealer


class SecretRepository:
    """A token per community and source."""

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
