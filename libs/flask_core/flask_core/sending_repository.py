"""What a trigger began to do, in its table `sendings`, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from flask_core.contracts.module import DeliveryResult
from flask_core.database import AsyncDAL, Tx

_decoder = msgspec.json.Decoder(DeliveryResult)


@dataclass(frozen=True, slots=True)
class Begun:
    """`new` was never begun; else `result` is what became of it, where that is known; `other` had another content."""

    new: bool = False
    result: DeliveryResult | None = None
    other: bool = False


class SendingRepository:
    """Kept before anything is sent: whoever dies in between leaves a row, and nobody says it again."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def begin(self, wishes: Sequence[tuple[str, str]], now: datetime) -> list[Begun]:
        """How it stands with each wish, given as its key and a digest of what is wished."""
        new = await self._database.write(lambda tx: _begin(tx, wishes, now))
        before = [wish for wish in wishes if wish[0] not in new]
        known = await self._database.read(lambda tx: _known(tx, before)) if before else {}
        if gone := [wish for wish in before if wish[0] not in known]:
            # Taken back between the two: now it is new, or somebody is quicker again and will say it.
            new |= await self._database.write(lambda tx: _begin(tx, gone, now))
        begun: list[Begun] = []
        for key, digest in wishes:
            if key in new:
                # The same key twice in one batch: the second is told what the first one says.
                begun.append(Begun(new=new[key] == digest, other=new[key] != digest))
                known[key] = ("", new.pop(key))
                continue
            result, wished = known.get(key, ("", ""))
            other = wished not in {"", digest}
            begun.append(Begun(result=_decoder.decode(result) if result and not other else None, other=other))
        return begun

    async def end(self, results: Sequence[tuple[str, DeliveryResult]]) -> None:
        """Keep what became of it."""
        rows = [(key, msgspec.json.encode(result).decode()) for key, result in results]
        await self._database.write(
            lambda tx: tx.many(
                "WITH ended (key, result) AS (VALUES (?, ?)) UPDATE sendings SET result = ended.result"
                " FROM ended WHERE idempotency_key = ended.key",
                rows,
            )
        )

    async def take_back(self, keys: Sequence[str]) -> None:
        """Nothing was sent after all: it may be tried again."""
        rows = [(key,) for key in keys]
        await self._database.write(lambda tx: tx.many("DELETE FROM sendings WHERE idempotency_key = ?", rows))

    async def forget(self, before: datetime) -> None:
        """Forget what nobody asks about any more."""
        await self._database.write(lambda tx: tx.run("DELETE FROM sendings WHERE begun_at < ?", before))


def _begin(tx: Tx, wishes: Sequence[tuple[str, str]], now: datetime) -> dict[str, str]:
    """The keys that are new, each with its digest; one statement for all."""
    places = ", ".join(["(?, '', ?, ?)"] * len(wishes))
    rows = tx.last(
        f"INSERT INTO sendings (idempotency_key, result, digest, begun_at) VALUES {places}"
        " ON CONFLICT (idempotency_key) DO NOTHING RETURNING idempotency_key, digest",
        *(value for key, digest in wishes for value in (key, digest, now)),
    )
    return dict(rows)


def _known(tx: Tx, wishes: Sequence[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Results and digests of those that were begun before, by key."""
    places = ", ".join("?" * len(wishes))
    found = tx.rows(
        f"SELECT idempotency_key, result, digest FROM sendings WHERE idempotency_key IN ({places})",
        *(key for key, _ in wishes),
    )
    return {key: (result, digest) for key, result, digest in found}
