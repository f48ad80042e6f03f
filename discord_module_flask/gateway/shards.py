"""This process's share of the shards: begun and ended as claims come and go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import discord

from discord_module_flask.gateway.line import Line
from discord_module_flask.gateway.sessions import SessionRepository
from discord_module_flask.rest import Rest
from flask_core.contracts.claims import Report, Resource
from flask_core.errors import Unavailable

log = logging.getLogger(__name__)

KIND = "discord:shard"
_PAUSE = 1.0


class Shards:
    """The work that `ClaimKeeper` shares out; the number of shards is fixed as long as sessions are kept."""

    def __init__(
        self, rest: Rest, sessions: SessionRepository, make: Callable[[int, int], Line], *, wanted: int
    ) -> None:
        self._rest = rest
        self._sessions = sessions
        self._make = make
        self._wanted = wanted
        self.count = 0
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.lines: dict[str, Line] = {}

    async def resources(self) -> Sequence[Resource]:
        """All shards that there are. Raises Unavailable while Discord does not say how many there should be."""
        if not self.count:
            self.count = await self._how_many()
        return [Resource(f"{KIND}:{number}") for number in range(self.count)]

    async def _how_many(self) -> int:
        if self._wanted:
            return self._wanted
        try:
            recommended, _, _ = await (await self._rest.http()).get_bot_gateway()
        except discord.DiscordException as error:
            raise Unavailable("Discord does not say how many shards it wants.") from error
        return max(recommended, await self._sessions.shards())

    async def begin(self, resource: str) -> None:
        """Open a shard's line."""
        number = int(resource.removeprefix(f"{KIND}:"))
        self.lines[resource] = line = self._make(number, self.count)
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
        task = self._tasks.pop(resource)
        self.lines.pop(resource)
        task.cancel()
        await asyncio.wait([task])

    def report(self, resource: str) -> Report:
        """Whether it is up."""
        line = self.lines.get(resource)
        return Report(resource, live=line is not None and line.up)
