"""This process's share of the shards: begun and ended as claims come and go."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

import discord

from discord_module_flask.gateway.line import Line
from discord_module_flask.gateway.sessions import SessionRepository
from discord_module_flask.rest import Rest
from flask_core.auth import utc_now
from flask_core.contracts import router
from flask_core.contracts.claims import Report, Resource
from flask_core.errors import ServiceError, Unavailable
from flask_core.service_client import ServiceClient

log = logging.getLogger(__name__)

KIND = "discord:shard"
ASK_SECONDS = 3_600.0
_PAUSE = 1.0


class Shards:
    """The work that `ClaimKeeper` shares out. How many there are is fixed in the database, and every replica follows:
    when it changes, each line is closed and a new session begun.

    With `wanted` 0 there are as many as Discord recommends, or as there are replicas; never less than before.
    """

    def __init__(
        self,
        rest: Rest,
        sessions: SessionRepository,
        services: ServiceClient,
        make: Callable[[int, int], Line],
        *,
        wanted: int,
        ask_seconds: float = ASK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rest = rest
        self._sessions = sessions
        self._services = services
        self._make = make
        self._wanted = wanted
        self._ask_seconds = ask_seconds
        self._clock = clock
        self._ask_at = 0.0
        self.count = 0
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.lines: dict[str, Line] = {}

    async def resources(self) -> Sequence[Resource]:
        """All shards that there are. Raises Unavailable while Discord does not say how many there should be."""
        if self._clock() >= self._ask_at:
            await self._fix()
        count = await self._sessions.count()
        if count != self.count:
            await self._become(count)
        return [Resource(f"{KIND}:{number}") for number in range(self.count)]

    async def _fix(self) -> None:
        if not self._wanted:
            await self._sessions.fix(await self._how_many(), utc_now(), only_more=True)
            self._ask_at = self._clock() + self._ask_seconds
        else:
            # Said once, by whoever starts with another number; the others follow.
            await self._sessions.fix(self._wanted, utc_now(), only_more=False)
            self._ask_at = float("inf")

    async def _how_many(self) -> int:
        try:
            recommended, _, _ = await (await self._rest.http()).get_bot_gateway()
        except discord.DiscordException as error:
            if self.count:
                log.info("Discord does not say how many shards it wants now")
                return self.count
            raise Unavailable("Discord does not say how many shards it wants.") from error
        return max(int(recommended), await self._replicas())

    async def _replicas(self) -> int:
        try:
            asked = router.ModuleName("discord")
            return len((await self._services.call("router", router.MODULE, asked)).instances)
        except ServiceError as error:
            log.info("how many replicas there are is not known now: %s", error.code)
            return 1

    async def _become(self, count: int) -> None:
        """So many from now on: what is open is closed, and opened again as one of them."""
        if self.count:
            log.warning("there are %d shards from now on, instead of %d", count, self.count)
        self.count = count
        for resource in list(self.lines):
            await self.end(resource)
            if _number(resource) < count:
                await self.begin(resource)

    async def begin_anew(self) -> None:
        """Close every line that is held here, and open it with a session that knows nothing of the one before."""
        for resource in list(self.lines):
            await self.end(resource)
            await self._sessions.forget(_number(resource))
            await self.begin(resource)

    async def begin(self, resource: str) -> None:
        """Open a shard's line."""
        self.lines[resource] = line = self._make(_number(resource), self.count)
        self._tasks[resource] = asyncio.create_task(self._held(line), name=resource)

    async def _held(self, line: Line) -> None:
        while True:
            try:
                await line.run()
            except Exception:  # The edge: a shard that nobody holds is silent for ever.
                log.exception("shard %d begins again", line.number)
                await asyncio.sleep(_PAUSE)
            else:
                return

    async def end(self, resource: str) -> None:
        """Close it, keeping the session for whoever has it next."""
        task = self._tasks.pop(resource, None)
        if task is None:
            # It is none any more since there are fewer.
            return
        self.lines.pop(resource)
        task.cancel()
        await asyncio.wait([task])

    def report(self, resource: str) -> Report:
        """Whether it is up."""
        line = self.lines.get(resource)
        return Report(resource, live=line is not None and line.up)


def _number(resource: str) -> int:
    return int(resource.removeprefix(f"{KIND}:"))
