"""Tells community who moderates which server: seen where somebody speaks, when roles change, and once in an hour."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime

from discord_module_flask.attached import Attached
from discord_module_flask.gateway.intents import MEMBERS, Intents
from discord_module_flask.places import Fields, Guilds
from discord_module_flask.rest import Rest
from flask_core.auth import utc_now
from flask_core.contracts.community_servers import Server
from flask_core.datamodels import Account, ChannelKey, Platform, Role
from flask_core.errors import ServiceError
from flask_core.role_telling import RoleTelling
from flask_core.seen_role_repository import SeenRole

log = logging.getLogger(__name__)

_TELLS = frozenset({"MESSAGE_CREATE", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE"})
_PAUSE, _PAGE, _PAGES = 3_600.0, 1_000, 10
_MEMBERS = "/guilds/{guild_id}/members?limit={limit}&after={after}"


class PlatformRoles:
    """Community remembers moderators only, and those of each attached channel."""

    def __init__(
        self,
        telling: RoleTelling,
        guilds: Guilds,
        attached: Attached,
        rest: Rest,
        intents: Intents,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.telling = telling
        self._guilds = guilds
        self._attached = attached
        self._rest = rest
        self._intents = intents
        self._now = now

    async def heard(self, kind: str, said: Fields) -> None:
        """Somebody spoke, was given or lost roles, or left: whoever is gone is nobody there any more."""
        if kind not in _TELLS:
            return
        member = said.get("member") if kind == "MESSAGE_CREATE" else said
        user = said.get("user") or said.get("author") or {}
        guild_id = str(said.get("guild_id") or "")
        if member and user and self._attached.community_of(guild_id):
            gone = kind == "GUILD_MEMBER_REMOVE"
            account = Account(str(user["id"])) if gone else self._guilds.account(guild_id, user, member)
            await self._noticed(guild_id, account)

    async def _noticed(self, guild_id: str, account: Account) -> None:
        if not account.bot:
            role = account.platform_role if account.platform_role >= Role.MODERATOR else Role.VIEWER
            await self.telling.noticed(SeenRole(guild_id, account.user_id, role, self._now()))

    async def reconcile(self) -> None:
        """For ever, every hour: who moderates the servers of this process, also those who never say a word."""
        while True:
            await asyncio.sleep(_PAUSE)
            await self.look()

    async def look(self) -> None:
        """Go through the members of every attached server that is ours."""
        if MEMBERS in self._intents.refused:
            return
        for guild_id in [one for one in self._attached.guilds() if one in self._guilds.known]:
            try:
                await self._look_in(guild_id)
            except ServiceError as error:
                log.warning("the roles of a server are not looked at: %s", error.code)

    async def _look_in(self, guild_id: str) -> None:
        known, seen = await self.telling.known(guild_id), set[str]()
        async for member in members_of(self._rest, guild_id):
            account = self._guilds.account(guild_id, member["user"], member)
            seen.add(account.user_id)
            if account.user_id in known or account.platform_role >= Role.MODERATOR:
                await self._noticed(guild_id, account)
        if len(seen) < _PAGE * _PAGES:
            for gone in known.keys() - seen:
                await self._noticed(guild_id, Account(gone))


async def members_of(rest: Rest, guild_id: str) -> AsyncIterator[Fields]:
    """The first thousands of a server. Raises Forbidden where Discord does not tell the bot about members."""
    after = "0"
    for _ in range(_PAGES):
        page = await rest.call("GET", _MEMBERS, guild_id=guild_id, limit=str(_PAGE), after=after)
        for member in page:
            yield member
        if len(page) < _PAGE:
            return
        after = page[-1]["user"]["id"]


def channels_of(attached: Attached) -> Callable[[SeenRole], Iterable[str]]:
    """The keys of the channels in which a role of a server counts, and of all of it when it is attached."""

    def keys(seen: SeenRole) -> Iterable[str]:
        keys = [str(ChannelKey(Platform.DISCORD, seen.place, one)) for one in attached.channels(seen.place)]
        whole = attached.whole(seen.place)
        return [*keys, Server("discord", seen.place, whole).channels] if whole else keys

    return keys
