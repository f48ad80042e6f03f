"""The outbox: deliveries that wait, are on their way, or have an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from flask_core.contracts.module import Delivery, DeliveryResult
from flask_core.contracts.router import ActionState
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Chat
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
_PLACES = "(" + ", ".join("?" * 18) + ")"
_encoder = msgspec.json.Encoder()


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the column `body` holds: everything that the carrier of the action needs."""

    delivery: Delivery
    simulated: bool = False


_decoder = msgspec.json.Decoder(Kept)


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that this process shall carry out now; `attempts` counts this one."""

    delivery: Delivery
    source: str
    module: str
    attempts: int
    expires_at: datetime
    simulated: bool


def kind_of(outgoing: Outgoing) -> str:
    """The tag of the action: `chat`, `ticker` …"""
    return str(outgoing.action.__struct_config__.tag)


def delivery_of(outgoing: Outgoing) -> Delivery:
    """The delivery as its carrier gets it; the key is unique over all sources."""
    return Delivery(
        id=outgoing.id,
        idempotency_key=f"{outgoing.source}:{outgoing.key}",
        channel=outgoing.channel,
        action=outgoing.action,
        community_id=outgoing.community_id,
        priority=outgoing.priority,
        reply_to=outgoing.reply_to,
        account=outgoing.account,
        time_zone=outgoing.time_zone,
        locale=outgoing.locale,
    )


def insert_outgoing(tx: Tx, outgoing: Sequence[Outgoing], now: datetime) -> list[Outgoing]:
    """Keep what is new, claimed by this process when it is due now; returns what is new and due."""
    if not outgoing:
        return []
    values: list[object] = []
    for out in outgoing:
        body = _encoder.encode(Kept(delivery_of(out), out.simulated)).decode()
        due = now + timedelta(seconds=out.delay)
        claimed = now + CLAIM if not out.delay else now
        values += (
            out.id, out.source, out.key, out.event_id, out.community_id, out.channel, out.module, kind_of(out), body,
            out.priority, "waiting", "", "[]", 0, due, due + timedelta(seconds=out.expires_in), claimed, now,
        )  # fmt: skip
    places = ", ".join([_PLACES] * len(outgoing))
    new = {row[0] for row in tx.rows(_INSERT.format(places=places), *values)}
    return [out for out in outgoing if out.id in new and not out.delay]


def due_of(outgoing: Outgoing, now: datetime) -> Due:
    """The first attempt at something that was just committed."""
    return Due(
        delivery_of(outgoing),
        outgoing.source,
        outgoing.module,
        1,
        now + timedelta(seconds=outgoing.expires_in),
        outgoing.simulated,
    )


class Outbox:
    """Reads and writes deliveries."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def insert(self, outgoing: Sequence[Outgoing], now: datetime) -> list[Outgoing]:
        """Keep deliveries that nobody's event caused; returns the new and due ones."""
        return await self._database.write(lambda tx: insert_outgoing(tx, outgoing, now))

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
        return [_due(*row[:5]) for row in sorted(rows, key=lambda row: int(row[5]))]

    async def finish(self, results: Sequence[tuple[Due, DeliveryResult]]) -> None:
        """Write down results that are final."""
        values = [
            value
            for due, result in results
            for value in (
                result.id, result.status.value, result.reason, _encoder.encode(result.message_ids).decode(), due.attempts,
            )
        ]  # fmt: skip
        places = ", ".join(["(?, ?, ?, ?, ?)"] * len(results))
        await self._database.write(
            lambda tx: tx.run(
                f"WITH ended (id, state, reason, message_ids, attempts) AS (VALUES {places})"
                " UPDATE deliveries SET state = ended.state, reason = ended.reason, message_ids = ended.message_ids,"
                " attempts = ended.attempts FROM ended WHERE deliveries.id = ended.id",
                *values,
            )
        )

    async def postpone(self, due: Due, until: datetime, reason: str) -> None:
        """Try again at `until`, or write it off as expired when that is too late."""
        late = until > due.expires_at or due.attempts >= MAX_ATTEMPTS
        state = ("expired" if until > due.expires_at else "failed") if late else "waiting"
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE deliveries SET state = ?, reason = ?, attempts = ?, due_at = ?, claimed_until = ? WHERE id = ?",
                state,
                reason,
                due.attempts,
                until,
                until,
                due.delivery.id,
            )
        )

    async def states(self, source: str, key: str) -> list[ActionState]:
        """What became of the actions asked for under `key`, in their order."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT id, kind, state, reason, message_ids, idempotency_key FROM deliveries"
                " WHERE source = ? AND idempotency_key >= ? AND idempotency_key < ? ORDER BY id",
                source,
                f"{key}:",
                f"{key};",
            )
        )
        return [
            ActionState(row[0], row[1], row[2], row[3], tuple(msgspec.json.decode(row[4], type=list[str])))
            for row in rows
        ]

    async def waiting(self) -> int:
        """How many deliveries have no end yet."""
        return int(
            await self._database.read(lambda tx: tx.value("SELECT count(*) FROM deliveries WHERE state = 'waiting'"))
        )


def _due(body: str, source: str, module: str, attempts: int, expires_at: datetime) -> Due:
    kept = _decoder.decode(body)
    return Due(kept.delivery, source, module, attempts, expires_at, kept.simulated)


def public_form(due: Due) -> Outgoing | None:
    """What is said in public instead of a private line that the platform refused, if the module gave such a text."""
    action = due.delivery.action
    if not isinstance(action, Chat) or not action.private or not action.public_fallback:
        return None
    said = due.delivery
    return Outgoing(
        source=due.source,
        key=f"{said.idempotency_key.removeprefix(due.source + ':')}:public",
        community_id=said.community_id,
        channel=said.channel,
        module=due.module,
        action=msgspec.structs.replace(action, text=action.public_fallback, private=False, public_fallback=""),
        priority=said.priority,
        expires_in=60,
        account=said.account,
        time_zone=said.time_zone,
        locale=said.locale,
        simulated=due.simulated,
    )
