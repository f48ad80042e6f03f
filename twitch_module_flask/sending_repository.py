"""What was begun to be said, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from flask_core.contracts.module import DeliveryResult
from flask_core.database import AsyncDAL, Tx

_decoder = msgspec.json.Decoder(DeliveryResult)


class SendingRepository:
    """Kept before anything is sent: whoever dies in between leaves a row, and nobody says it again."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def begin(self, keys: Sequence[str], now: datetime) -> list[DeliveryResult | bool]:
        """For each key True when it is new, its result when it has one, and False when that is not known."""

        def one(tx: Tx, key: str) -> DeliveryResult | bool:
            new = tx.run(
                "INSERT INTO sendings (idempotency_key, result, begun_at) VALUES (?, '', ?)"
                " ON CONFLICT (idempotency_key) DO NOTHING",
                key, now,
            )  # fmt: skip
            if new:
                return True
            result = tx.value("SELECT result FROM sendings WHERE idempotency_key = ?", key)
            return _decoder.decode(result) if result else False

        return await self._database.write(lambda tx: [one(tx, key) for key in keys])

    async def end(self, results: Sequence[tuple[str, DeliveryResult]]) -> None:
        """Keep what became of it."""
        rows = [(msgspec.json.encode(result).decode(), key) for key, result in results]
        await self._database.write(lambda tx: tx.many("UPDATE sendings SET result = ? WHERE idempotency_key = ?", rows))

    async def take_back(self, keys: Sequence[str]) -> None:
        """Nothing was sent after all: it may be tried again."""
        rows = [(key,) for key in keys]
        await self._database.write(lambda tx: tx.many("DELETE FROM sendings WHERE idempotency_key = ?", rows))

    async def forget(self, before: datetime) -> None:
        """Forget what nobody asks about any more."""
        await self._database.write(lambda tx: tx.run("DELETE FROM sendings WHERE begun_at < ?", before))
