"""What members, moderators and admins type about a Discord server, answered in sentences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from discord_module_flask.granting import role_called
from discord_module_flask.health import Health
from discord_module_flask.places import name_of
from discord_module_flask.rest import Rest
from discord_module_flask.servers.audit_repository import By
from discord_module_flask.servers.repository import RoleHere
from discord_module_flask.servers.service import Servers, must_be_allowed
from discord_module_flask.standing import member_of, standing_in
from discord_module_flask.voice.repository import VoiceRepository
from flask_core.auth import utc_now
from flask_core.datamodels import ChannelKey, GivenMember, Invocation, Platform, Role
from flask_core.errors import InvalidInput, NotFound
from flask_core.when_told import in_words

_MANY = {Role.SUBSCRIBER: "subscribers", Role.VIP: "VIPs", Role.MODERATOR: "moderators"}


class Chatting:
    """The server is that of the channel in which something is typed."""

    def __init__(
        self,
        servers: Servers,
        rest: Rest,
        health: Health,
        voice: VoiceRepository,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._servers = servers
        self._rest = rest
        self._health = health
        self._voice = voice
        self._now = now

    async def roles(self, call: Invocation) -> str:
        """What counts as something."""
        mapped = await self._servers.setups.roles(_server(call))
        if not mapped:
            return "No role of this server counts as anything here. Add one: !rolemap set @role vip"
        return " ".join(f"Members with @{one.name} are {_MANY[one.counts_as]} here." for one in mapped)

    async def map_role(self, call: Invocation, role: str, counts_as: str) -> str:
        """Members with a role are something from now on. Raises Forbidden for moderators made by admins."""
        guild_id, wanted = _server(call), Role.named(counts_as)
        found = role_called(await standing_in(self._rest, guild_id), role)
        if found["id"] == guild_id:
            raise InvalidInput("Everybody has this role.")
        before = self._servers.setups.of(guild_id).roles.get(found["id"])
        must_be_allowed(wanted, before, owner=call.member.assigned_role is Role.OWNER)
        await self._servers.map_one(guild_id, RoleHere(found["id"], found["name"], wanted), self._by(call))
        return f"Members with @{found['name']} are {_MANY[wanted]} here."

    async def unmap_role(self, call: Invocation, role: str) -> str:
        """They are not any more."""
        guild_id, named = _server(call), role.removeprefix("<@&").removesuffix(">").removeprefix("@").lower()
        mapped = await self._servers.setups.roles(guild_id)
        found = next((one for one in mapped if named in {one.role_id, one.name.lower()}), None)
        if found is None:
            raise NotFound("This role counts as nothing here. !rolemap list shows those that do.")
        await self._servers.map_one(guild_id, None, self._by(call), without=found.role_id)
        return f"@{found.name} counts as nothing here any more."

    async def voice(self, call: Invocation, given: GivenMember | None) -> str:
        """Minutes in voice since Monday."""
        guild_id, name, user_id = _server(call), call.member.name, call.member.account.user_id
        if given:
            name, user_id = await self._called(guild_id, given)
        minutes = await self._voice.minutes(guild_id, user_id, week_of(self._now()))
        return f"{name}: {in_words(timedelta(minutes=minutes))} this week." if minutes else f"{name}: none this week."

    async def _called(self, guild_id: str, given: GivenMember) -> tuple[str, str]:
        """What somebody is called in the server, and their id there."""
        if given.user_id and given.platform in {"", Platform.DISCORD}:
            member = await member_of(self._rest, guild_id, given.user_id)
            if member is not None:
                return name_of(member["user"], member), given.user_id
        raise NotFound("They are not in this server.")

    async def status(self, call: Invocation) -> str:
        """Shard, latency, missing permissions."""
        guild_id, state = _server(call), await self._health.status(call.community.id)
        if state.reason:
            return state.reason
        server = next((one for one in state.guilds if one.id == guild_id), None)
        lacking = (
            f"missing here: {', '.join(server.missing)}" if server and server.missing else "no permission is missing"
        )
        return f"{self._health.shard_of(guild_id)}; {lacking}. {' '.join(state.off)}".strip()

    def _by(self, call: Invocation) -> By:
        return By(call.community.id, call.member.id, self._now())


def week_of(now: datetime) -> date:
    """The Monday with which this week began."""
    return now.date() - timedelta(days=now.weekday())


def _server(call: Invocation) -> str:
    """The server of the channel. Raises InvalidInput for another platform and for direct messages."""
    key = ChannelKey.parse(call.channel.key)
    if key.platform is not Platform.DISCORD or key.direct:
        raise InvalidInput("Type this in a channel of a Discord server.")
    return key.server_id
