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

        new, results = await self._database.write(lambda tx: _begin(tx, keys, now))
        begun: list[DeliveryResult | bool] = []
        for key in keys:
            result = results.get(key)
            begun.append(key in new or (_decoder.decode(result) if result else False))
            new.discard(key)
        return begun

    async def end(self, results: Sequence[tuple[str, DeliveryResult]]) -> None:
        """Keep what became of it."""
        values = [value for key, result in results for value in (key, msgspec.json.encode(result).decode())]
        places = ", ".join(["(?, ?)"] * len(results))
        await self._database.write(
            lambda tx: tx.run(
                f"WITH ended (key, result) AS (VALUES {places}) UPDATE sendings SET result = ended.result"
                " FROM ended WHERE idempotency_key = ended.key",
                *values,
            )
        )

    async def take_back(self, keys: Sequence[str]) -> None:
        """Nothing was sent after all: it may be tried again."""
        rows = [(key,) for key in keys]
        await self._database.write(lambda tx: tx.many("DELETE FROM sendings WHERE idempotency_key = ?", rows))

    async def forget(self, before: datetime) -> None:
        """Forget what nobody asks about any more."""
        await self._database.write(lambda tx: tx.run("DELETE FROM sendings WHERE begun_at < ?", before))


def _begin(tx: Tx, keys: Sequence[str], now: datetime) -> tuple[set[str], dict[str, str]]:
    """Which keys are new, and the results of the others; one statement for all that are new."""
    places = ", ".join(["(?, '', ?)"] * len(keys))
    rows = tx.rows(
        f"INSERT INTO sendings (idempotency_key, result, begun_at) VALUES {places}"
        " ON CONFLICT (idempotency_key) DO NOTHING RETURNING idempotency_key",
        *(value for key in keys for value in (key, now)),
    )
    new = {key for (key,) in rows}
    known = [key for key in keys if key not in new]
    if not known:
        return new, {}
    places = ", ".join("?" * len(known))
    found = tx.rows(f"SELECT idempotency_key, result FROM sendings WHERE idempotency_key IN ({places})", *known)
    return new, dict(found)
