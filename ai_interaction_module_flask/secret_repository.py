"""Keys that communities brought: sealed, written, used, and never shown again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from flask_core.database import AsyncDAL, Tx
from flask_core.encryption import Sealer

API_KEY = "api_key"


class SecretRow(NamedTuple):
    """What may be told of a secret."""

    last4: str
    updated_at: datetime


class SecretRepository:
    """One row per community and name."""

    def __init__(self, database: AsyncDAL, sealer: Sealer, now: Callable[[], datetime]) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    async def put(self, community_id: int, name: str, secret: str) -> None:
        """Keep a secret in place of the one before; "" forgets it."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM ai_secrets WHERE community_id = ? AND name = ?", community_id, name)
            if secret:
                tx.run(
                    "INSERT INTO ai_secrets (community_id, name, sealed, last4, updated_at) VALUES (?, ?, ?, ?, ?)",
                    community_id, name, self._sealer.seal(secret), secret[-4:] if len(secret) >= 12 else "", self._now(),
                )  # fmt: skip

        await self._database.write(unit)

    async def told(self, community_id: int) -> dict[str, SecretRow]:
        """What may be told of a community's secrets, by name."""
        rows = await self._database.read(
            lambda tx: tx.rows("SELECT name, last4, updated_at FROM ai_secrets WHERE community_id = ?", community_id)
        )
        return {name: SecretRow(last4, updated_at) for name, last4, updated_at in rows}

    async def open(self, community_id: int, name: str) -> str:
        """The secret itself; "" where there is none. Raises Unavailable when the keys are gone."""
        sealed = await self._database.read(
            lambda tx: tx.value("SELECT sealed FROM ai_secrets WHERE community_id = ? AND name = ?", community_id, name)
        )
        return "" if sealed is None else self._sealer.open(sealed).decode()
