"""Reads our share of the conduit: a claim per shard, a socket per claim, bound again as soon as one is not read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.contracts.claims import Report, Resource
from flask_core.errors import NotFound, ServiceError, Unavailable
from flask_core.shared_state import SharedState
from twitch_module_flask.account_repository import AccountRepository
from twitch_module_flask.eventsub.api import EventSubApi
from twitch_module_flask.eventsub.connection import Door
from twitch_module_flask.eventsub.line import Line
from twitch_module_flask.eventsub.models import Conduit
from twitch_module_flask.eventsub.news import News
from twitch_module_flask.eventsub.repository import ConduitRepository
from twitch_module_flask.models import Notification

log = logging.getLogger(__name__)

KIND = "twitch:shard"
LOOK_SECONDS = 15.0
CHANNELS_PER_SHARD = 500
_REPLICA_LIVES, _REPLICA_KEPT = timedelta(minutes=1), timedelta(minutes=10)
"""A replica that restarts is not forgotten at once: a conduit that shrinks loses shards that somebody reads."""
_LEASE, _LEASE_SECONDS = "twitch:conduit", 30.0
_TAKEN_OVER_SECONDS, _ASK_EVERY = 5.0, 0.25
_NEXT_LOOKS_SECONDS = 20.0
"""By then every other replica has looked for what is free."""


class Shards:
    """The work behind the claims of this kind; `instance` is this replica's name."""

    def __init__(
        self,
        api: EventSubApi,
        repository: ConduitRepository,
        accounts: AccountRepository,
        door: Door,
        heard: Callable[[Notification], Awaitable[None]],
        shared: SharedState,
        news: News,
        instance: str,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._api = api
        self._repository = repository
        self._accounts = accounts
        self._door = door
        self._heard = heard
        self._shared = shared
        self._news = news
        self._instance = instance
        self._now = now
        self._lines: dict[int, Line] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._leaving = False
        self._others = False
        self._share = 0
        self._seen: tuple[str, int] = ("", 0)

    @property
    def share(self) -> int:
        """How many shards are ours, so that whoever dies leaves readers behind; 0 before we know how many there are."""
        return self._share

    async def resources(self) -> Sequence[Resource]:
        """Every shard of the conduit, which is made when there is none."""
        now = self._now()
        alive, replicas = await self._repository.seen(self._instance, now, now - _REPLICA_LIVES, now - _REPLICA_KEPT)
        self._others = alive > 1
        channels = await self._accounts.channel_count()
        if not channels and await self._repository.conduit() is None:
            return ()
        wanted = max(replicas, -(-channels // CHANNELS_PER_SHARD), 1)
        conduit = await self._conduit_with(wanted)
        self._share = -(-conduit.shards // alive)
        return [Resource(f"{KIND}:{number}") for number in range(conduit.shards)]

    async def _conduit_with(self, shards: int) -> Conduit:
        known = await self._repository.conduit()
        if known is not None and known.shards == shards and self._seen == (known.id, shards):
            return known
        if not await self._shared.lease(_LEASE, self._instance, _LEASE_SECONDS):
            if known is None:
                raise Unavailable("Another replica makes the conduit.", retry_after=1)
            return known
        try:
            return await self._made(known, shards)
        finally:
            await self._shared.release(_LEASE, self._instance)

    async def _made(self, known: Conduit | None, shards: int) -> Conduit:
        """Ours, found again by its id; other conduits of the same application are somebody else's."""
        there = next((one for one in await self._api.conduits() if known and one.id == known.id), None)
        if there is None:
            conduit = await self._api.make_conduit(shards)
            log.info("a conduit was made", extra={"conduit": conduit.id})
        elif there.shards != shards:
            await self._api.resize(there.id, shards)
            conduit = Conduit(there.id, shards)
        else:
            conduit = there
        await self._repository.keep(conduit, self._now())
        self._seen = (conduit.id, shards)
        if there is None:
            await self._news.tell("accounts")
        return conduit

    async def begin(self, resource: str) -> None:
        """Read a shard."""
        number = int(resource.rpartition(":")[2])
        self._lines[number] = line = Line(self._door, lambda session: self._bind(number, session), self._heard)
        line.start()

    async def end(self, resource: str) -> None:
        """Somebody else reads it, or soon will: until then what still comes is heard."""
        number = int(resource.rpartition(":")[2])
        if self._leaving or (line := self._lines.pop(number, None)) is None:
            return
        task = asyncio.create_task(self._hand_over(number, line), name="twitch shard")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _hand_over(self, number: int, line: Line) -> None:
        try:
            if self._others:
                await self._until_taken_over({number}, _NEXT_LOOKS_SECONDS)
        except ServiceError as error:
            log.warning("a shard is not read for a moment: %s", error.message)
        finally:
            await line.stop()

    def report(self, resource: str) -> Report:
        """Whether it is read."""
        line = self._lines.get(int(resource.rpartition(":")[2]))
        return Report(resource, live=bool(line and line.session_id))

    async def _bind(self, number: int, session_id: str) -> None:
        conduit = await self._repository.conduit()
        if conduit is None:
            raise NotFound("There is no conduit yet.")
        try:
            await self._api.bind(conduit.id, number, session_id)
        except NotFound:
            self._seen = ("", 0)
            await self._news.tell("shards")
            raise
        await self._repository.bound(conduit.id, number, self._instance, session_id, self._now())

    async def keep(self) -> None:
        """For ever: see that Twitch knows that we read."""
        while True:
            try:
                await self.look()
            except ServiceError as error:
                log.warning("shards cannot be looked at: %s", error.message)
            await self._news.wait("bindings", LOOK_SECONDS)

    async def look(self) -> None:
        """Bind what Twitch thinks nobody reads."""
        conduit = await self._repository.conduit()
        ours = {number: line for number, line in self._lines.items() if line.session_id}
        if conduit is None or not ours:
            return
        try:
            bound = await self._api.shards(conduit.id)
        except NotFound:
            self._seen = ("", 0)
            await self._news.tell("shards")
            raise
        for number, line in ours.items():
            if line.session_id and bound.get(number) != ("enabled", line.session_id):
                await self.bind_again(number)

    async def bind_again(self, number: int) -> None:
        """Twitch says that a shard is not read: bind it, over a new connection where the old one is of no more use."""
        line = self._lines.get(number)
        if line is None or not line.session_id:
            return
        try:
            await self._bind(number, line.session_id)
        except ServiceError as error:
            log.warning("a shard needs a new connection: %s", error.message)
            await line.again()

    async def leave(self, give_back: Callable[[], Awaitable[None]]) -> None:
        """Let others take over while we still read; then hang up."""
        self._leaving = True
        # Without this the others take no more than their share; it is known for a while, so that no shard ends.
        with suppress(ServiceError):
            await self._repository.leaves(self._instance, self._now() - _REPLICA_LIVES)
        await give_back()
        try:
            if self._lines:
                await self._news.tell("shards")
            if self._lines and self._others:
                await self._until_taken_over(self._lines.keys(), _TAKEN_OVER_SECONDS)
        finally:
            for task in self._ending:
                task.cancel()
            await asyncio.gather(*self._ending, *(line.stop() for line in self._lines.values()), return_exceptions=True)
            self._lines.clear()

    async def _until_taken_over(self, numbers: Collection[int], seconds: float) -> None:
        """Until others read all these, at most so long."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while loop.time() < until:
            mine = {one.number for one in await self._repository.shards() if one.owner == self._instance}
            if mine.isdisjoint(numbers):
                return
            await asyncio.sleep(_ASK_EVERY)
