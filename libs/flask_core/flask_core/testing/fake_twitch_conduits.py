"""The fake Twitch's conduits: who reads which shard, and what happens to a message when nobody does."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from flask_core.testing.fake_twitch_refusals import Refused, application_only

if TYPE_CHECKING:
    from flask_core.testing.fake_twitch import FakeTwitch

MOST_CONDUITS = 5


@dataclass(slots=True)
class Conduit:
    """`shards` are session ids by number, for those that somebody reads or read; `disabled` with their reason."""

    id: str
    shard_count: int
    shards: dict[int, str] = field(default_factory=dict)
    disabled: dict[int, str] = field(default_factory=dict)
    turn: int = 0

    def next_shard(self) -> int | None:
        """Whose turn it is among those that are read."""
        able = [number for number in sorted(self.shards) if number not in self.disabled]
        self.turn += 1
        return able[self.turn % len(able)] if able else None


class ConduitPages:
    """`/helix/eventsub/conduits` and what is below it."""

    def __init__(self, twitch: FakeTwitch) -> None:
        self._twitch = twitch

    async def conduits(self, request: web.Request) -> web.Response:
        """Those of this client."""
        application_only(self._twitch, request)
        return web.json_response({"data": [_shown(one) for one in self._twitch.conduits.values()]})

    async def make(self, request: web.Request) -> web.Response:
        """A new one."""
        application_only(self._twitch, request)
        if len(self._twitch.conduits) >= MOST_CONDUITS:
            raise Refused(429, "conduit limit reached")
        conduit = self._twitch.add_conduit((await request.json())["shard_count"])
        return web.json_response({"data": [_shown(conduit)]})

    async def resize(self, request: web.Request) -> web.Response:
        """More shards or fewer; those beyond the end are read no more."""
        application_only(self._twitch, request)
        asked = await request.json()
        conduit = self._conduit(asked["id"])
        conduit.shard_count = asked["shard_count"]
        conduit.shards = {number: one for number, one in conduit.shards.items() if number < conduit.shard_count}
        return web.json_response({"data": [_shown(conduit)]})

    async def delete(self, request: web.Request) -> web.Response:
        """Gone, with its subscriptions."""
        application_only(self._twitch, request)
        self._twitch.end_conduit(self._conduit(request.query["id"]).id)
        return web.Response(status=204)

    async def shards(self, request: web.Request) -> web.Response:
        """Those that were bound at some time."""
        application_only(self._twitch, request)
        conduit = self._conduit(request.query["conduit_id"])
        self._twitch.look_at_shards(conduit)
        shown = [_shard(conduit, number) for number in sorted(conduit.shards)]
        return web.json_response({"data": shown, "pagination": {}})

    async def bind(self, request: web.Request) -> web.Response:
        """Sessions read shards from now on."""
        application_only(self._twitch, request)
        asked = await request.json()
        conduit, bound, errors = self._conduit(asked["conduit_id"]), list[int](), list[dict[str, str]]()
        for shard in asked["shards"]:
            number, session = int(shard["id"]), self._twitch.sockets.now(shard["transport"]["session_id"])
            if session is None or number >= conduit.shard_count:
                errors.append({"id": shard["id"], "message": "The shard cannot be bound.", "code": "invalid_parameter"})
                continue
            session.used = True
            conduit.shards[number] = session.id
            conduit.disabled.pop(number, None)
            bound.append(number)
        return web.json_response({"data": [_shard(conduit, one) for one in bound], "errors": errors}, status=202)

    def _conduit(self, conduit_id: str) -> Conduit:
        if conduit_id not in self._twitch.conduits:
            raise Refused(404, "conduit not found")
        return self._twitch.conduits[conduit_id]


def new_conduit(shard_count: int) -> Conduit:
    """One that nobody reads yet."""
    return Conduit(secrets.token_hex(8), shard_count)


def _shown(conduit: Conduit) -> dict[str, Any]:
    return {"id": conduit.id, "shard_count": conduit.shard_count}


def _shard(conduit: Conduit, number: int) -> dict[str, Any]:
    transport = {"method": "websocket", "session_id": conduit.shards[number],
                 "connected_at": datetime.now(UTC).isoformat()}  # fmt: skip
    return {"id": str(number), "status": conduit.disabled.get(number, "enabled"), "transport": transport}
