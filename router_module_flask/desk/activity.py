"""Says that something was recorded, and lets whoever looks after a community follow it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from datetime import datetime, timedelta

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts import desk
from flask_core.errors import InvalidInput, TooMany
from flask_core.news import looks, server_sent
from flask_core.shared_state import SharedState
from router_module_flask.desk.activity_repository import ActivityRepository

MOST_STREAMS = 200
STREAM_SECONDS = 300.0
_LONGEST = 86_400
_AT_FIRST, _AT_ONCE = 50, 200
_GATHER_SECONDS = 0.25
_decoder = msgspec.json.Decoder(list[int])


class Announcer:
    """Tells all replicas in which communities something was recorded, four times a second at most."""

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared
        self._communities: set[int] = set()
        self._some = asyncio.Event()

    def recorded(self, communities: Iterable[int]) -> None:
        """Something is committed there."""
        self._communities.update(communities)
        self._some.set()

    async def run(self) -> None:
        """For ever: publish what came together."""
        while True:
            await self._some.wait()
            self._some.clear()
            told, self._communities = self._communities, set()
            await self._shared.publish(desk.TOPIC_ACTIVITY, msgspec.json.encode(sorted(told)))
            await asyncio.sleep(_GATHER_SECONDS)


class Activity:
    """Lists and streams; a stream ends after five minutes and goes on where its reader says it was."""

    def __init__(
        self, repository: ActivityRepository, shared: SharedState, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._repository = repository
        self._shared = shared
        self._now = now
        self._open = 0

    async def chatters(self, asked: desk.WhoIsHere) -> desk.ChatterList:
        """Who wrote lately."""
        if not 1 <= asked.seconds <= _LONGEST:
            raise InvalidInput("Ask for 1 to 86,400 seconds.", field="seconds")
        since = self._now() - timedelta(seconds=asked.seconds)
        return desk.ChatterList(tuple(await self._repository.chatters(asked.community_id, asked.channel, since)))

    async def of_account(self, asked: desk.ActivityOf) -> desk.MemberActivity:
        """When an account was last here."""
        platform, colon, user_id = asked.account.partition(":")
        if not colon or not platform or not user_id:
            raise InvalidInput("An account is written platform:user id.", field="account")
        return await self._repository.of_account(asked.community_id, platform, user_id)

    async def happened(self, asked: desk.ListActivity) -> desk.ActivityList:
        """What happened just now."""
        return desk.ActivityList(tuple(await self._repository.happened(asked, self._now())))

    async def executions(self, asked: desk.ListExecutions) -> desk.ExecutionPage:
        """What ran."""
        return await self._repository.executions(asked)

    def check_room(self) -> None:
        """Raise TooMany when as many streams are open as one process carries."""
        if self._open >= MOST_STREAMS:
            raise TooMany("Too many people follow live right now.", retry_after=10)

    async def follow(self, community_id: int, after: str) -> AsyncGenerator[bytes]:
        """Server-sent events, each with its event's id; a comment now and then keeps the line open."""
        self._open += 1
        news = looks(
            self._shared, desk.TOPIC_ACTIVITY, lambda told: community_id in _decoder.decode(told),
            seconds=STREAM_SECONDS,
        )  # fmt: skip
        try:
            async with aclosing(server_sent(news, lambda last: self._behind(community_id, last), after)) as events:
                async for event in events:
                    yield event
        finally:
            self._open -= 1

    async def _behind(self, community_id: int, after: str) -> list[tuple[str, bytes]]:
        asked = desk.ListActivity(community_id, after, limit=_AT_ONCE if after else _AT_FIRST)
        found = await self._repository.happened(asked, self._now())
        return [(one.event_id, msgspec.json.encode(one)) for one in found]
