"""Twitch's addresses for EventSub: subscriptions, conduits, shards. They never use up what chat needs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import msgspec

from flask_core.errors import Forbidden, NotFound, TooMany, UpstreamFailed
from twitch_module_flask.eventsub.models import Conduit, Full, Told, Wanted
from twitch_module_flask.helix import APPLICATION, Helix, data_of
from twitch_module_flask.points import counted

_CONFLICT, _TOO_MANY, _NOT_FOUND = 409, 429, 404
_KEPT_FOR_CHAT = 0.25
_LONGEST_PAUSE = 60.0
_PATH = "/eventsub/subscriptions"


class _Page(msgspec.Struct, frozen=True):
    data: tuple[Told, ...]
    pagination: dict[str, str] = {}


class Pace:
    """Stands still while Twitch's counter says that only a quarter is left: that is for what people are waiting for."""

    def __init__(
        self, clock: Callable[[], float] = time.time, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._until = 0.0

    async def turn(self) -> None:
        """Wait as long as is left of a pause."""
        if (wait := self._until - self._clock()) > 0:
            await self._sleep(wait)

    def saw(self, headers: Mapping[str, str]) -> None:
        """What an answer said."""
        count = counted(headers)
        if count is not None and count.left < count.of * _KEPT_FOR_CHAT:
            self._until = min(count.again, self._clock() + _LONGEST_PAUSE)


class EventSubApi:
    """Raises what Helix raises, and Full where Twitch takes no more."""

    def __init__(self, helix: Helix, pace: Pace | None = None) -> None:
        self._helix = helix
        self._pace = pace or Pace()
        self._page = msgspec.json.Decoder(_Page)

    async def subscribe(self, wanted: Wanted, transport: dict[str, str], by: str = APPLICATION) -> tuple[str, bool]:
        """Ask to be told something; its id, and whether it is told from now on. NotFound: the transport is gone."""
        asked = {
            "type": wanted.type, "version": wanted.version, "condition": dict(wanted.condition), "transport": transport,
        }  # fmt: skip
        answer = await self._call("POST", _PATH, by, json=asked, expects=(_TOO_MANY,))
        if answer.status_code == _CONFLICT:
            raise UpstreamFailed("Twitch tells us this already.", status=_CONFLICT)
        if answer.status_code == _TOO_MANY:
            raise _too_many(answer)
        made = data_of(answer)
        if not made:
            raise NotFound("Twitch does not know this connection any more.")
        return str(made[0]["id"]), made[0].get("status") == "enabled"

    async def subscriptions(self, by: str = APPLICATION) -> list[Told]:
        """Everything that Twitch tells the application, or over an account's sockets, over all pages."""
        found: list[Told] = []
        cursor = ""
        while True:
            params = {"after": cursor} if cursor else {}
            answer = await self._call("GET", _PATH, by, params=params)
            try:
                page = self._page.decode(answer.content)
            except msgspec.MsgspecError as error:
                raise UpstreamFailed("Twitch answered something that cannot be read.") from error
            found += page.data
            cursor = page.pagination.get("cursor", "")
            if not cursor:
                return found

    async def unsubscribe(self, subscription_id: str, by: str = APPLICATION) -> None:
        """Be told no more; one that is gone already is no error."""
        await self._call("DELETE", _PATH, by, params={"id": subscription_id})

    async def conduits(self) -> list[Conduit]:
        """All of this client, whoever made them."""
        found = data_of(await self._call("GET", "/eventsub/conduits"))
        return [Conduit(one["id"], int(one["shard_count"])) for one in found]

    async def make_conduit(self, shards: int) -> Conduit:
        """A new one."""
        answer = await self._call("POST", "/eventsub/conduits", json={"shard_count": shards}, expects=(_TOO_MANY,))
        if answer.status_code == _TOO_MANY:
            raise Full("Twitch lets this application have no more conduits: end one that is not used.")
        return Conduit(data_of(answer)[0]["id"], shards)

    async def resize(self, conduit_id: str, shards: int) -> None:
        """Have more shards or fewer."""
        await self._call("PATCH", "/eventsub/conduits", json={"id": conduit_id, "shard_count": shards})

    async def shards(self, conduit_id: str) -> dict[int, tuple[str, str]]:
        """Status and session id of every shard that was bound. Raises NotFound when the conduit is gone."""
        found: dict[int, tuple[str, str]] = {}
        cursor = ""
        while True:
            params = {"conduit_id": conduit_id, **({"after": cursor} if cursor else {})}
            answer = await self._call("GET", "/eventsub/conduits/shards", params=params)
            if answer.status_code == _NOT_FOUND:
                raise NotFound("Twitch does not know this conduit any more.")
            for one in data_of(answer):
                found[int(one["id"])] = (one["status"], one.get("transport", {}).get("session_id", ""))
            cursor = answer.json().get("pagination", {}).get("cursor", "")
            if not cursor:
                return found

    async def bind(self, conduit_id: str, number: int, session_id: str) -> None:
        """Let a session read a shard. NotFound: the conduit is gone; Forbidden: the session or shard is not there."""
        shard = {"id": str(number), "transport": {"method": "websocket", "session_id": session_id}}
        asked = {"conduit_id": conduit_id, "shards": [shard]}
        answer = await self._call("PATCH", "/eventsub/conduits/shards", json=asked)
        if answer.status_code == _NOT_FOUND:
            raise NotFound("Twitch does not know this conduit any more.")
        if answer.json().get("errors"):
            raise Forbidden("Twitch does not let this connection read the shard.")

    async def _call(self, method: str, path: str, by: str = APPLICATION, **parts: Any) -> httpx.Response:
        await self._pace.turn()
        answer = await self._helix.call(method, path, by, purpose="eventsub", **parts)
        self._pace.saw(answer.headers)
        return answer


def _too_many(answer: httpx.Response) -> TooMany | Full:
    """Twitch answers the same status for too fast and for too much."""
    try:
        said = str(answer.json().get("message", "")).lower()
    except ValueError:
        said = ""
    if "exceeded" in said or "limit" in said:
        return Full("Twitch tells this application no more: its limit of notifications is reached.")
    return TooMany("Twitch is asked too often.", retry_after=5)
