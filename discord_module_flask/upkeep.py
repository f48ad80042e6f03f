"""What is forgotten in time."""

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

_PAUSE = 3_600.0


class Upkeep:
    """`sweep` is safe in every replica at once: what is gone is gone."""

    def __init__(
        self,
        delivering: Delivering,
        guilds: GuildRepository,
        forms: Forms,
        minutes: Minutes,
        servers: Sequence[Callable[[datetime], Awaitable[None]]],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._delivering = delivering
        self._guilds = guilds
        self._forms = forms
        self._minutes = minutes
        self._servers = servers
        self._now = now

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
