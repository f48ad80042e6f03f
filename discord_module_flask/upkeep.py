"""What is forgotten in time, and what is looked at again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from discord_module_flask.forms.service import Forms
from discord_module_flask.guild_repository import GuildRepository
from discord_module_flask.voice.minutes import Minutes
from flask_core.auth import utc_now
from flask_core.delivering import Delivering
from flask_core.errors import ServiceError

log = logging.getLogger(__name__)

_PAUSE, _FRESH = 3_600.0, 15.0


class Upkeep:
    """`sweep` is safe in every replica at once: what is gone is gone."""

    def __init__(
        self,
        delivering: Delivering,
        guilds: GuildRepository,
        forms: Forms,
        minutes: Minutes,
        servers: Sequence[Callable[[datetime], Awaitable[None]]],
        fresh: Sequence[Callable[[], Awaitable[None]]],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._delivering = delivering
        self._guilds = guilds
        self._forms = forms
        self._minutes = minutes
        self._servers = servers
        self._fresh = fresh
        self._now = now

    async def stay_fresh(self) -> None:
        """For ever: what is read without waiting is half a minute old at most, also where no shard is held."""
        while True:
            for refresh in self._fresh:
                await refresh()
            await asyncio.sleep(_FRESH)

    async def sweep(self) -> None:
        """For ever, every hour."""
        while True:
            try:
                await self._delivering.forget_old()
                await self._guilds.forget(self._now())
                await self._forms.forget_old()
                await self._minutes.forget_old()
                for forget in self._servers:
                    await forget(self._now())
            except ServiceError as error:
                log.warning("old rows stay for now: %s", error.code)
            await asyncio.sleep(_PAUSE)
