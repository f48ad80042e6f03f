"""Facts about members, channels and roles of servers, for other modules."""

from __future__ import annotations

from typing import Any

from discord_module_flask.gateway.intents import MEMBERS, Intents
from discord_module_flask.places import Fields, Guild, Guilds
from discord_module_flask.platform_roles import members_of
from discord_module_flask.rest import Rest
from discord_module_flask.servers.known import KnownGuilds
from discord_module_flask.servers.setups import Setups
from discord_module_flask.standing import member_of
from flask_core.contracts import discord_guilds as contract
from flask_core.contracts.people_facts import Holders, UserFacts, UserList
from flask_core.datamodels import Account, Platform
from flask_core.errors import Forbidden, InvalidInput, NotFound, NotReady

_SEARCH = "/guilds/{guild_id}/members/search?query={name}&limit=20"
_CHANNEL = "/channels/{channel_id}"
_NO_MEMBERS = "Discord does not tell the bot about members: switch on the intent Server Members."
_THREADS = frozenset({10, 11, 12})


class Lookups:
    """Discord is asked each time: names and roles are never older than the answer."""

    def __init__(self, rest: Rest, guilds: Guilds, known: KnownGuilds, setups: Setups, intents: Intents) -> None:
        self._rest = rest
        self._guilds = guilds
        self._known = known
        self._setups = setups
        self._intents = intents

    async def users(self, asked: contract.UserQuery) -> UserList:
        """One by id, or everybody whose name begins so. Raises NotFound for nobody."""
        guild = await self._guild(asked.guild)
        name = asked.login.strip().lstrip("@")
        if asked.id:
            found = [one for one in [await self._member(guild, asked.id)] if one]
        elif name:
            found = await self._rest.call("GET", _SEARCH, guild_id=guild.id, name=name[:100])
        else:
            raise InvalidInput("Name a user by id or login.", field="login")
        if not found:
            raise NotFound("Nobody in this server is called so.")
        return UserList(tuple(self._facts(guild, one) for one in found))

    async def role(self, asked: contract.RoleQuery) -> contract.RoleFacts:
        """What somebody is in the channels of a server. Raises NotFound for somebody who is not there."""
        guild = await self._guild(asked.guild)
        member = await self._member(guild, asked.user)
        if member is None:
            raise NotFound("They are not in this server.")
        return contract.RoleFacts(self._account(guild, member).platform_role)

    async def channel(self, channel_id: str) -> contract.ChannelFacts:
        """A channel or a thread. Raises NotFound for one that the bot does not see."""
        _must_be_id(channel_id)
        said: dict[str, Any] = await self._rest.call("GET", _CHANNEL, channel_id=channel_id)
        if not said.get("guild_id"):
            raise NotFound("This channel belongs to no server.")
        parent = str(said.get("parent_id") or "") if said["type"] in _THREADS else ""
        return contract.ChannelFacts(str(said["id"]), str(said["name"]), str(said["guild_id"]), parent)

    async def holders(self, asked: contract.HoldersOf) -> Holders:
        """Who has a role. Raises NotReady where Discord does not tell the bot about members."""
        if MEMBERS in self._intents.refused:
            raise NotReady(_NO_MEMBERS)
        guild = await self._guild(asked.guild)
        try:
            members = [one async for one in members_of(self._rest, guild.id) if asked.role in one["roles"]]
        except Forbidden as refused:
            # A process that holds no shard was refused no intent.
            raise NotReady(_NO_MEMBERS) from refused
        return Holders(tuple(str(one["user"]["id"]) for one in members))

    async def _guild(self, guild_id: str) -> Guild:
        await self._setups.refresh()
        found = await self._known.some([guild_id])
        if not found:
            raise NotFound("The bot is not in this server.")
        return found[0]

    async def _member(self, guild: Guild, user_id: str) -> Fields | None:
        _must_be_id(user_id)
        return await member_of(self._rest, guild.id, user_id)

    def _account(self, guild: Guild, member: Fields) -> Account:
        return self._guilds.account(guild.id, member["user"], member, guild=guild)

    def _facts(self, guild: Guild, member: Fields) -> UserFacts:
        account = self._account(guild, member)
        return UserFacts(account.user_id, account.login, account.display_name, account.platform_role, account.bot)


def _must_be_id(text: str) -> None:
    if not text.isascii() or not text.isdecimal():
        raise InvalidInput(f"On {Platform.DISCORD.capitalize()} an id is a number.", field="id")
