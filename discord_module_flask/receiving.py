"""The way of what the gateway says: remembered, read as events, handed to the router."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from discord_module_flask.attached import Attached
from discord_module_flask.events import Heard, events_of
from discord_module_flask.gateway.intake import Dispatch
from discord_module_flask.guild_repository import GuildRepository
from discord_module_flask.interactions import Interactions
from discord_module_flask.places import Fields, Guilds
from discord_module_flask.platform_roles import PlatformRoles
from discord_module_flask.servers.hearing import NO_COMMANDS, as_chosen
from discord_module_flask.servers.setups import Setups
from discord_module_flask.voice.minutes import Minutes
from flask_core.auth import utc_now
from flask_core.datamodels import Event
from flask_core.handover import Handover

log = logging.getLogger(__name__)

_KEPT_AT_ONCE = 200


class Receiver:
    """`take` returns once everything it was given is in the router's log or in the spool."""

    def __init__(
        self,
        *,
        guilds: Guilds,
        kept: GuildRepository,
        attached: Attached,
        setups: Setups,
        handover: Handover,
        interactions: Interactions,
        minutes: Minutes,
        roles: PlatformRoles,
        home: Callable[[str], str],
        joined: Callable[[], None],
        used: Callable[[str, str], None],
        me: Callable[[], Awaitable[str]],
    ) -> None:
        self.guilds = guilds
        self.bot_id = ""
        self.last_event_at: datetime | None = None
        self._kept = kept
        self._attached = attached
        self._setups = setups
        self._handover = handover
        self._interactions = interactions
        self._minutes = minutes
        self._roles = roles
        self._home = home
        self._joined = joined
        self._used = used
        self._me = me

    async def take(self, batch: list[Dispatch]) -> None:
        """In the order in which they were said. Raises Unavailable when an event can be kept nowhere."""
        await self._attached.refresh()
        await self._setups.refresh()
        work: list[Callable[[], Awaitable[None]]] = []
        for _, kind, said in batch:
            try:
                if kind == "INTERACTION_CREATE":
                    work.append(partial(self._interactions.take, said))
                work += [partial(self._handed, event) for event in await self._understood(kind, said)]
            except (KeyError, TypeError, ValueError, AttributeError):
                # What Discord says otherwise than it promises must not keep the rest waiting.
                log.error("a %s has other fields than Discord's", kind)
        await asyncio.gather(*(do() for do in work))

    async def _understood(self, kind: str, said: Fields) -> list[Event]:
        if kind == "GUILD_CREATE" and not said.get("unavailable"):
            guild = self.guilds.created(said, self.bot_id)
            self._joined()
            return await self._minutes.found(guild)
        if kind == "GUILD_DELETE" and not said.get("unavailable"):
            self.guilds.known.pop(said["id"], None)
            await self._kept.left(said["id"], utc_now())
        elif kind == "VOICE_STATE_UPDATE":
            return await self._minutes.changed(said)
        else:
            self.guilds.heard(kind, said, self.bot_id)
            await self._roles.heard(kind, said)
        heard = Heard(self.guilds, self.bot_id, self._home, utc_now())
        guild_id = str(said.get("guild_id") or "")
        chosen, attached = self._setups.of(guild_id).settings, self._attached.places(guild_id)
        events = as_chosen(events_of(kind, said, heard), chosen, attached)
        for event in events:
            if guild_id and event.text and NO_COMMANDS not in event.data:
                self._used(guild_id, event.text)
        return events

    async def _handed(self, event: Event) -> None:
        await self._handover.take(event)
        self.last_event_at = event.occurred_at

    async def restore(self, number: int, shards: int) -> None:
        """Know again who we are, and a shard's guilds: a session that is taken up says neither."""
        self.bot_id = await self._me()
        for guild in await self._kept.all():
            if (int(guild.id) >> 22) % shards == number:
                self.guilds.known.setdefault(guild.id, guild)
        await self._minutes.restore()

    async def keep(self) -> None:
        """Write down what was learned since."""
        while self.guilds.changed:
            some = [self.guilds.changed.pop() for _ in range(min(_KEPT_AT_ONCE, len(self.guilds.changed)))]
            known = [self.guilds.known[one] for one in some if one in self.guilds.known]
            try:
                await self._kept.keep(known, utc_now())
            except BaseException:
                self.guilds.changed |= set(some)
                raise

    async def let_go(self, number: int, shards: int) -> None:
        """Another process has the shard from now on."""
        gone = [one for one in self.guilds.known if (int(one) >> 22) % shards == number]
        await self._minutes.release(gone)
        for guild_id in gone:
            del self.guilds.known[guild_id]
