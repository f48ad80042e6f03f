"""What this installation made up once and every replica reads: the secret that signs what Twitch posts."""

from __future__ import annotations

import secrets

from flask_core.database import AsyncDAL, Tx
from flask_core.encryption import Sealer

_NAME = "eventsub"


class SigningSecret:
    """The operator's choice where there is one, else 64 random characters, the same for all replicas."""

    def __init__(self, database: AsyncDAL, sealer: Sealer, chosen: str) -> None:
        self._database = database
        self._sealer = sealer
        self._known = chosen

    async def get(self) -> str:
        """The secret; made at the first use."""
        if not self._known:
            sealed = await self._database.write(self._first)
            self._known = self._sealer.open(sealed).decode()
        return self._known

    def _first(self, tx: Tx) -> str:
        """Whoever comes first makes it; what was asked for before there was one was signed with what the keys give."""
        older = tx.value("SELECT 1 FROM eventsub_subscriptions WHERE transport = 'webhook' LIMIT 1")
        made = self._sealer.keyed_hash("twitch: what eventsub signs with") if older else secrets.token_hex(32)
        tx.run(
            "INSERT INTO secrets (name, secret) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
            _NAME, self._sealer.seal(made),
        )  # fmt: skip
        return str(tx.value("SELECT secret FROM secrets WHERE name = ?", _NAME))
