"""Servers of a community: shown as Discord has them now, set up, and their channels attached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from discord_module_flask.attached import Attached
from discord_module_flask.granting import why_not
from discord_module_flask.rest import Rest
from discord_module_flask.servers.audit_repository import AuditRepository, By
from discord_module_flask.servers.channel_rights import missing_in
from discord_module_flask.servers.known import KnownGuilds
from discord_module_flask.servers.proof_repository import ProofRepository
from discord_module_flask.servers.repository import RoleHere
from discord_module_flask.servers.setups import Setups
from discord_module_flask.standing import Standing, standing_in
from flask_core.auth import utc_now
from flask_core.contracts import community, community_servers
from flask_core.contracts import discord_guilds as contract
from flask_core.contracts.discord_guilds import MappedRole, MappedTo
from flask_core.datamodels import ChannelKey, Platform, Role
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound
from flask_core.service_client import ServiceClient

_TEXTS, _VOICES = frozenset({0, 5, 15, 16}), frozenset({2, 13})
_CHANNELS, _SEND = "/guilds/{guild_id}/channels", "/channels/{channel_id}/messages"
_WORDS: dict[Role, MappedTo] = {Role.SUBSCRIBER: "subscriber", Role.VIP: "vip", Role.MODERATOR: "moderator"}
_NOTHING = Role.VIEWER
_HELLO = "Hello! This is a test line from the portal: I can write here."


class Servers:
    """A server is a community's when one of its channels is attached, or somebody proved that they manage it."""

    def __init__(
        self,
        rest: Rest,
        known: KnownGuilds,
        attached: Attached,
        proofs: ProofRepository,
        setups: Setups,
        audit: AuditRepository,
        services: ServiceClient,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._rest = rest
        self._known = known
        self._attached = attached
        self._proofs = proofs
        self.setups = setups
        self._audit = audit
        self._services = services
        self._now = now

    async def of(self, community_id: int) -> contract.GuildNames:
        """Those of a community, or all (0), by name."""
        await self._attached.refresh(now=True)
        attached, proved = self._attached.guilds(community_id), set[str]()
        if community_id:
            proved = await self._proofs.guilds(community_id)
        known = await (self._known.some({*attached, *proved}) if community_id else self._known.all())
        names = (
            contract.GuildName(one.id, one.name, one.members, len(attached.get(one.id, ())), one.id in proved)
            for one in known
        )
        return contract.GuildNames(tuple(sorted(names, key=lambda one: (one.name.lower(), one.id))))

    async def must_be_of(self, guild_id: str, community_id: int) -> None:
        """Raise NotFound for a server of others, or one that the bot is not in."""
        if community_id and guild_id not in {one.id for one in (await self.of(community_id)).items}:
            raise NotFound("This server is not connected here.")

    async def show(self, asked: contract.GuildOf) -> contract.GuildView:
        """As Discord has it now. Raises NotFound for a server of others."""
        await self.must_be_of(asked.guild_id, asked.community_id)
        await self.setups.refresh()
        standing, channels = await asyncio.gather(
            standing_in(self._rest, asked.guild_id), self._rest.call("GET", _CHANNELS, guild_id=asked.guild_id)
        )
        return contract.GuildView(
            asked.guild_id, standing.name, self.setups.of(asked.guild_id).settings,
            self._channels(asked, channels, standing), self._roles(asked.guild_id, standing),
            community_servers.whole_of(self._attached.whole(asked.guild_id), asked.community_id),
        )  # fmt: skip

    def _channels(
        self, asked: contract.GuildOf, channels: list[dict[str, Any]], standing: Standing
    ) -> tuple[contract.ChannelView, ...]:
        own = self._attached.channels(asked.guild_id)
        owners = {one["id"]: self._attached.owner(asked.guild_id, one["id"]) for one in channels}
        ordered = sorted(channels, key=lambda one: (int(one.get("position") or 0), one["id"]))
        return tuple(
            contract.ChannelView(
                one["id"], one["name"], "voice" if one["type"] in _VOICES else "text", bool(owners[one["id"]]),
                owners[one["id"]] == asked.community_id,
                missing_in(one, standing) if one["type"] in _TEXTS else (),
                bool(owners[one["id"]]) and one["id"] not in own,
            )
            for one in ordered
            if one["type"] in _TEXTS | _VOICES
        )  # fmt: skip

    def _roles(self, guild_id: str, standing: Standing) -> tuple[contract.RoleView, ...]:
        counts = self.setups.of(guild_id).roles
        ordered = sorted(standing.roles.values(), key=lambda role: -int(role["position"]))
        return tuple(
            contract.RoleView(
                role["id"], role["name"], _WORDS.get(counts.get(role["id"], Role.VIEWER)), why_not(standing, role)
            )
            for role in ordered
            if role["id"] != guild_id
        )

    async def set_up(self, asked: contract.PutGuildSettings, who: str) -> None:
        """Choose how the bot behaves. Raises InvalidInput for a channel that cannot do what it shall."""
        await self.must_be_of(asked.guild_id, asked.community_id)
        chosen = asked.settings
        if (
            chosen.welcome_channel
            and self._attached.owner(asked.guild_id, chosen.welcome_channel) != asked.community_id
        ):
            raise InvalidInput("Joins can be told in an attached channel only.", field="welcome_channel")
        known = await self._rest.call("GET", _CHANNELS, guild_id=asked.guild_id)
        named = {*chosen.listed, *chosen.commands_in, *chosen.voice_excluded, chosen.log_channel} - {""}
        if named - {one["id"] for one in known}:
            raise InvalidInput("A channel that you chose is not there any more. Load the page again.", field="listed")
        await self.setups.repository.set_up(asked.guild_id, chosen, self._by(asked.community_id, who))
        await self.setups.changed()

    async def map_roles(self, asked: contract.PutRoleMap, who: str, *, owner: bool) -> None:
        """Choose which roles count as what. Raises Forbidden for a new moderator role of somebody but the owner."""
        await self.must_be_of(asked.guild_id, asked.community_id)
        await self.setups.refresh()
        standing = await standing_in(self._rest, asked.guild_id)
        before = self.setups.of(asked.guild_id).roles
        wanted = _checked(asked.roles, standing, before, owner=owner)
        await self._map(asked.guild_id, wanted, self._by(asked.community_id, who))

    async def map_one(self, guild_id: str, role: RoleHere | None, by: By, without: str = "") -> None:
        """Add one, or take one away."""
        mapped = [
            one for one in await self.setups.roles(guild_id) if one.role_id not in {without, role and role.role_id}
        ]
        await self._map(guild_id, [*mapped, role] if role else mapped, by)

    async def _map(self, guild_id: str, roles: list[RoleHere], by: By) -> None:
        await self.setups.repository.map(guild_id, roles, by)
        await self.setups.changed()

    async def attach_whole(self, asked: contract.GuildOf, who: str) -> None:
        """Attach all of a server that was proved for this community."""
        await self._must_be_proved(asked.guild_id, asked.community_id)
        name = next((one.name for one in await self._known.some({asked.guild_id})), "")
        attach = community_servers.AttachServer(asked.community_id, "discord", asked.guild_id, name)
        await self._services.call("community", community_servers.ATTACH_SERVER, attach)
        await self._attached.refresh(now=True)
        await self._audit.note(self._by(asked.community_id, who), "server.attach", f"discord:{asked.guild_id}:*")

    async def _must_be_proved(self, guild_id: str, community_id: int) -> None:
        if guild_id not in await self._proofs.guilds(community_id):
            raise Forbidden("Prove at Discord first that you manage this server.")
        await self.must_be_of(guild_id, community_id)

    async def attach(self, asked: contract.ChannelOf, who: str) -> None:
        """Attach a channel of a server that was proved for this community."""
        await self._must_be_proved(asked.guild_id, asked.community_id)
        known = await self._rest.call("GET", _CHANNELS, guild_id=asked.guild_id)
        name = next((one["name"] for one in known if one["id"] == asked.channel_id and one["type"] in _TEXTS), "")
        if not name:
            raise NotFound("There is no such channel in this server.")
        key = str(ChannelKey(Platform.DISCORD, asked.guild_id, asked.channel_id))
        attach = community.AttachChannel(asked.community_id, key, name)
        await self._services.call("community", community.ATTACH, attach)
        await self._attached.refresh(now=True)
        await self._audit.note(self._by(asked.community_id, who), "server.attach", key)

    async def test(self, asked: contract.ChannelOf) -> contract.TestLine:
        """Say a test line. Raises Conflict for a channel that is not attached here, and what Discord says."""
        await self.must_be_of(asked.guild_id, asked.community_id)
        if self._attached.owner(asked.guild_id, asked.channel_id) != asked.community_id:
            raise Conflict("Attach this channel first.")
        began = time.monotonic()
        body = {"content": _HELLO, "allowed_mentions": {"parse": []}}
        await self._rest.call("POST", _SEND, channel_id=asked.channel_id, json=body)
        return contract.TestLine(time.monotonic() - began)

    def _by(self, community_id: int, who: str) -> By:
        return By(community_id, who, self._now())


def _checked(wanted: Iterable[MappedRole], standing: Standing, before: Any, *, owner: bool) -> list[RoleHere]:
    found: dict[str, RoleHere] = {}
    for one in wanted:
        role, counts_as = standing.roles.get(one.role_id), Role.named(one.counts_as)
        if role is None or one.role_id == standing.guild_id:
            raise NotFound("There is no such role in this server.")
        must_be_allowed(counts_as, before.get(one.role_id), owner=owner)
        found[one.role_id] = RoleHere(one.role_id, role["name"], counts_as)
    return list(found.values())


def must_be_allowed(counts_as: Role, before: Role | None, *, owner: bool) -> None:
    """Raise Forbidden for a role that makes moderators, unless the owner says so or said so before."""
    if counts_as is Role.MODERATOR and before is not Role.MODERATOR and not owner:
        raise Forbidden("Only the owner may map to moderator.")
