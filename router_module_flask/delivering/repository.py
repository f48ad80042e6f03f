"""The outbox: deliveries that wait, are on their way, or have an end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from flask_core.contracts.module import DeliveryResult
from flask_core.contracts.router import ActionState, HeldBack
from flask_core.database import AsyncDAL, Tx
from router_module_flask.delivering.rows import Due, body_of, due_again, kind_of
from router_module_flask.models import Outgoing

# Longer than a carrier may take, and much shorter than a reply makes sense: what a dead process left must still be said.
CLAIM = timedelta(seconds=20)
MAX_ATTEMPTS = 5
_COLUMNS = (
    "id, source, idempotency_key, event_id, community_id, channel, module, kind, body, priority, state, reason,"
    " message_ids, attempts, due_at, expires_at, claimed_until, created_at"
)
_INSERT = (
    f"INSERT INTO deliveries ({_COLUMNS}) VALUES {{places}}"
    " ON CONFLICT (source, idempotency_key) DO NOTHING RETURNING id"
)
_STATE = "id, kind, state, reason, message_ids"
_PLACES = "(" + ", ".join("?" * 18) + ")"
_encoder = msgspec.json.Encoder()


def insert_outgoing(tx: Tx, outgoing: Sequence[Outgoing], now: datetime, *, last: bool = False) -> list[Outgoing]:
    """Keep what is new, claimed by this process when it is due now; returns what is new and due.

    `last` when the unit does nothing else afterwards.
    """
    if not outgoing:
        return []
    values: list[object] = []
    for out in outgoing:
        due = now + timedelta(seconds=out.delay)
        claimed = now + CLAIM if not out.delay else now
        values += (
            out.id, out.source, out.key, out.event_id, out.community_id, out.channel, out.module, kind_of(out), body_of(out),
            out.priority, "waiting", "", "[]", 0, due, due + timedelta(seconds=out.expires_in), claimed, now,
        )  # fmt: skip
    places = ", ".join([_PLACES] * len(outgoing))
    insert = tx.last if last else tx.rows
    new = {row[0] for row in insert(_INSERT.format(places=places), *values)}
    return [out for out in outgoing if out.id in new and not out.delay]


class Outbox:
    """Reads and writes deliveries."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def insert(self, outgoing: Sequence[Outgoing], now: datetime) -> list[Outgoing]:
        """Keep deliveries that nobody's event caused; returns the new and due ones."""
        return await self._database.write(lambda tx: insert_outgoing(tx, outgoing, now, last=True))

    async def claim_due(self, now: datetime, limit: int = 100) -> list[Due]:
        """Take what is due and nobody's, such as what a dead process left."""
        rows = await self._database.write(
            lambda tx: tx.rows(
                "UPDATE deliveries SET claimed_until = ?, attempts = attempts + 1 WHERE id IN (SELECT id FROM deliveries"
                " WHERE state = 'waiting' AND due_at <= ? AND claimed_until <= ? ORDER BY priority, id LIMIT ?"
                f"{tx.skip_locked}) RETURNING body, source, module, attempts, expires_at, id",
                now + CLAIM,
                now,
                now,
                limit,
            )
        )
        return [due_again(*row[:5]) for row in sorted(rows, key=lambda row: int(row[5]))]

    async def finish(self, results: Sequence[tuple[Due, DeliveryResult]]) -> None:
        """Write down results that are final."""
        rows = [
            (result.id, result.status.value, result.reason, _encoder.encode(result.message_ids).decode(), due.attempts)
            for due, result in results
        ]
        await self._database.write(
            lambda tx: tx.many(
                "WITH ended (id, state, reason, message_ids, attempts) AS (VALUES (?, ?, ?, ?, ?))"
                " UPDATE deliveries SET state = ended.state, reason = ended.reason, message_ids = ended.message_ids,"
                " attempts = ended.attempts FROM ended WHERE deliveries.id = ended.id",
                rows,
            )
        )

    async def postpone(self, due: Due, until: datetime, reason: str, *, counts: bool = True) -> str:
        """Try again at `until`, or write it off as expired when that is too late; its state then.

        Where it `counts` as an attempt, the fifth was the last.
        """
        late = until > due.expires_at or (counts and due.attempts >= MAX_ATTEMPTS)
        attempts = due.attempts if counts else due.attempts - 1
        state = ("expired" if until > due.expires_at else "failed") if late else "waiting"
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE deliveries SET state = ?, reason = ?, attempts = ?, due_at = ?, claimed_until = ?"
                # Nothing that was called off meanwhile is tried again.
                " WHERE id = ? AND state = 'waiting'",
                state,
                reason,
                attempts,
                until,
                until,
                due.delivery.id,
            )
        )
        return state

    async def states(self, source: str, key: str) -> list[ActionState]:
        """What became of the actions asked for under `key`, in their order."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_STATE} FROM deliveries"
                " WHERE source = ? AND idempotency_key >= ? AND idempotency_key < ? ORDER BY id",
                source,
                f"{key}:",
                f"{key};",
            )
        )
        return [_state(row) for row in rows]

    async def late(self, result: DeliveryResult, module: str) -> ActionState | None:
        """Keep what `module` learned about its delivery unless the end is certain already; None for another's."""

        def unit(tx: Tx) -> ActionState | None:
            tx.run(
                "UPDATE deliveries SET state = ?, reason = ?, message_ids = ? WHERE id = ? AND module = ?"
                " AND state IN ('waiting', 'unknown', 'unconfirmed')",
                result.status.value, result.reason, _encoder.encode(result.message_ids).decode(), result.id, module,
            )  # fmt: skip
            row = tx.row(f"SELECT {_STATE} FROM deliveries WHERE id = ? AND module = ?", result.id, module)
            return None if row is None else _state(row)

        return await self._database.write(unit)

    async def waiting(self) -> int:
        """How many deliveries have no end yet."""
        return int(
            await self._database.read(lambda tx: tx.value("SELECT count(*) FROM deliveries WHERE state = 'waiting'"))
        )

    async def lately(self, since: datetime) -> dict[str, dict[str, int]]:
        """Module → state → how many deliveries were made since then."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT module, state, count(*) FROM deliveries WHERE created_at >= ? GROUP BY module, state"
                " ORDER BY module, state",
                since,
            )
        )
        found: dict[str, dict[str, int]] = {}
        for module, state, count in rows:
            found.setdefault(module, {})[state] = count
        return found

    async def held_back(self) -> list[HeldBack]:
        """Why deliveries wait that were tried already, the most frequent reasons first."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT module, reason, count(*) AS often FROM deliveries WHERE state = 'waiting' AND reason <> ''"
                " GROUP BY module, reason ORDER BY often DESC, module, reason LIMIT 20"
            )
        )
        return [HeldBack(*row) for row in rows]


def _state(row: tuple[Any, ...]) -> ActionState:
    return ActionState(row[0], row[1], row[2], row[3], tuple(msgspec.json.decode(row[4], type=list[str])))
