"""What modules want to hear about in one community: kept, and part of what is customary there."""

from __future__ import annotations

import msgspec

from flask_core.contracts.wishes import PUT_WISHES, PutWishes
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import EventInterest
from flask_core.operations import Caller, Endpoints
from router_module_flask.customs.known import KnownCustoms
from router_module_flask.introductions.manifests import check_interests
from router_module_flask.models import Interest

_decoder = msgspec.json.Decoder(tuple[EventInterest, ...])


def wishes_of(tx: Tx, community_id: int) -> list[Interest]:
    """Module and interest, for every wish of a community."""
    rows = tx.rows("SELECT module, interests FROM event_wishes WHERE community_id = ? ORDER BY module", community_id)
    return [(module, interest) for module, interests in rows for interest in _decoder.decode(interests)]


def wish_endpoints(database: AsyncDAL, known: KnownCustoms) -> Endpoints:
    """`…/event-wishes`."""
    api = Endpoints()

    @api.offers(PUT_WISHES)
    async def put(asked: PutWishes, caller: Caller) -> None:
        check_interests(asked.interests)
        text = msgspec.json.encode(asked.interests).decode()
        await database.write(lambda tx: _put(tx, asked.community_id, caller.service, text, none=not asked.interests))
        await known.changed(asked.community_id)

    return api


def _put(tx: Tx, community_id: int, module: str, text: str, *, none: bool) -> None:
    if none:
        tx.run("DELETE FROM event_wishes WHERE community_id = ? AND module = ?", community_id, module)
        return
    tx.run(
        "INSERT INTO event_wishes (community_id, module, interests) VALUES (?, ?, ?)"
        " ON CONFLICT (community_id, module) DO UPDATE SET interests = excluded.interests",
        community_id, module, text,
    )  # fmt: skip
