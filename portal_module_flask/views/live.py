"""What happens in a community while somebody watches: by a button, or by itself with a script of ours."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, cast

import msgspec
from quart import Blueprint, Response, make_response, request

from flask_core.contracts import desk
from flask_core.datamodels import Role
from flask_core.errors import ServiceError, TooMany
from flask_core.news import looks, server_sent
from flask_core.shared_state import SharedState
from portal_module_flask.again import Modules
from portal_module_flask.pages import ask, blueprint, community_of, page
from portal_module_flask.visits import Visit, door, members

MOST_STREAMS = 200
_STREAM_SECONDS = 300.0
_PATIENCE = 3.0
_AT_ONCE = 200
_communities = msgspec.json.Decoder(list[int])


class Watchers:
    """Counts the streams of this process, and feeds them."""

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared
        self._open = 0

    def check_room(self) -> None:
        """Raise TooMany when as many streams are open as one process carries."""
        if self._open >= MOST_STREAMS:
            raise TooMany("Too many people watch right now. The button works.", retry_after=10)

    async def follow(self, client: Modules, visit: Visit, after: str) -> AsyncGenerator[bytes]:
        """Server-sent events for `visit`; ends after five minutes or a failure, and the page comes back."""
        self._open += 1
        here = community_of(visit)

        async def behind(last: str) -> list[tuple[str, bytes]]:
            asked = desk.ListActivity(here, last, limit=_AT_ONCE)
            found = await client.call("router", desk.ACTIVITY, asked, acting=visit.acting, timeout=_PATIENCE)
            return [(one.event_id, msgspec.json.encode(one)) for one in found.items]

        news = looks(
            self._shared, desk.TOPIC_ACTIVITY, lambda told: here in _communities.decode(told), seconds=_STREAM_SECONDS
        )
        try:
            async with aclosing(server_sent(news, behind, after)) as events:
                async for event in events:
                    yield event
        except ServiceError:
            # What was sent is sent; the page connects again and says where it was.
            return
        finally:
            self._open -= 1


def views(shared: SharedState) -> Blueprint:
    """The page and its stream."""
    pages, watchers = blueprint("live"), Watchers(shared)

    @pages.get("/c/<int:community_id>/live")
    @members(Role.MODERATOR)
    async def show(visit: Visit) -> Any:
        found = await ask(visit, "router", desk.ACTIVITY, desk.ListActivity(community_of(visit)))
        return await page("live", visit, items=found.items[::-1])

    @pages.get("/c/<int:community_id>/live/stream")
    @members(Role.MODERATOR)
    async def stream(visit: Visit) -> Any:
        watchers.check_room()
        after = request.headers.get("Last-Event-ID") or request.args.get("after", "")
        response = cast(Response, await make_response(watchers.follow(door().client, visit, after)))
        response.timeout = None
        response.content_type = "text/event-stream"
        return response

    return pages
