"""Guilds show the commands that their community has: one call for all of a guild, and only when they changed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from discord_module_flask.places import Guilds
from discord_module_flask.rest import Rest
from discord_module_flask.slash.catalogue import Catalogue
from discord_module_flask.slash.repository import Synced, SyncRepository
from discord_module_flask.slash.uses import Uses
from flask_core.auth import utc_now
from flask_core.errors import NotFound, ServiceError, TooMany, Unavailable

log = logging.getLogger(__name__)

PAUSE_SECONDS = 60.0
MOST_A_DAY = 150
_AT_ONCE, _CALL_SECONDS = 4, 30.0
_LOOK_SECONDS = 15.0
_PUT = "/applications/{application_id}/guilds/{guild_id}/commands"


class Syncing:
    """`run` looks after the guilds of the shards that this process holds."""

    def __init__(
        self,
        rest: Rest,
        guilds: Guilds,
        catalogue: Catalogue,
        syncs: SyncRepository,
        uses: Uses,
        now: Callable[[], datetime] = utc_now,
        *,
        look_seconds: float = _LOOK_SECONDS,
    ) -> None:
        self._rest = rest
        self._guilds = guilds
        self._catalogue = catalogue
        self._syncs = syncs
        self._uses = uses
        self._now = now
        self._look_seconds = look_seconds
        self._news = asyncio.Event()

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self._uses.write_down()
                await self.sync_all()
            except ServiceError as error:
                log.warning("slash commands wait: %s", error.message)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._look_seconds):
                    await self._news.wait()
            self._news.clear()

    def joined(self) -> None:
        """There is a guild that was not there before."""
        self._news.set()

    async def sync_all(self) -> None:
        """Every guild whose commands changed, and that was not told within the last minute."""
        known, turns = await self._syncs.all(), asyncio.Semaphore(_AT_ONCE)

        async def one(guild_id: str) -> None:
            async with turns:
                try:
                    await self._sync(guild_id, known.get(guild_id))
                except ServiceError as error:
                    log.warning("a guild's commands are not registered: %s", error.code)

        await asyncio.gather(*(one(guild_id) for guild_id in list(self._guilds.known)))

    async def sync_now(self, guild_id: str) -> tuple[int, bool]:
        """One guild, asked for: how many commands it shows, and whether Discord was told. Raises TooMany, NotFound."""
        self._catalogue.forget()
        known = (await self._syncs.all()).get(guild_id)
        if known is None and guild_id not in self._guilds.known:
            raise NotFound("The bot is not in this server.")
        listed = await self._catalogue.of(guild_id)
        if listed is None:
            raise Unavailable("The router does not say which commands there are.")
        changed = await self._sync(guild_id, known, asked=True)
        return len(listed.menu.commands), changed

    async def _sync(self, guild_id: str, known: Synced | None, *, asked: bool = False) -> bool:
        listed = await self._catalogue.of(guild_id)
        if listed is None:
            return False
        commands = list(listed.menu.commands)
        digest = hashlib.sha256(json.dumps(commands, sort_keys=True).encode()).hexdigest()
        if known is not None and known.hash == digest:
            return False
        now, today = self._now(), f"{self._now():%Y-%m-%d}"
        made = known.made if known is not None and known.day == today else 0
        if known is not None and now - known.at < timedelta(seconds=PAUSE_SECONDS):
            return self._later(asked, "They were registered less than a minute ago.")
        if made + len(commands) > max(MOST_A_DAY, len(commands)):
            return self._later(asked, "Discord lets a server register no more commands today.")
        application = await self._rest.me()
        about: dict[str, Any] = {"application_id": application, "guild_id": guild_id}
        await self._rest.call("PUT", _PUT, json=commands, seconds=_CALL_SECONDS, **about)
        await self._syncs.keep(guild_id, Synced(digest, now, len(commands), today, made + len(commands)))
        return True

    def _later(self, asked: bool, why: str) -> bool:
        if asked:
            raise TooMany(why, retry_after=PAUSE_SECONDS)
        return False
