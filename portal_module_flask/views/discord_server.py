"""One Discord server: its channels, how the bot behaves there, and which of its roles count as what."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
from quart import Blueprint, request

from flask_core.contracts import community, community_servers, discord_guilds
from flask_core.contracts.discord_guilds import GuildSettings, MappedRole, MappedTo
from flask_core.datamodels import ChannelKey, Platform, Role
from flask_core.errors import InvalidInput, ServiceError
from portal_module_flask.pages import ask, blueprint, community_of, field, go, page
from portal_module_flask.visits import Visit, members

_DISCORD = "discord"
_HERE = "/c/<int:community_id>/platforms/discord/<guild>"
_YES = ("ephemeral", "other_bots", "voice", "platform_roles")
_LISTS = ("listed", "commands_in", "voice_excluded")
_TEXTS = ("reading", "prefix", "welcome_channel", "log_channel")


def views() -> Blueprint:
    """Pages under /c/<community>/platforms/discord/<server>."""
    pages = blueprint("discord_server")
    _choosing(pages)
    _channels(pages)

    @pages.get(_HERE)
    @members(Role.ADMIN)
    async def server(visit: Visit, guild: str) -> Any:
        return await _page(visit, guild)

    return pages


def _choosing(pages: Blueprint) -> None:
    @pages.post(f"{_HERE}/settings")
    @members(Role.ADMIN)
    async def set_up(visit: Visit, guild: str) -> Any:
        try:
            asked = discord_guilds.PutGuildSettings(guild, community_of(visit), await _chosen())
            await ask(visit, _DISCORD, discord_guilds.SET_UP, asked, seconds=10)
        except ServiceError as problem:
            return await _page(visit, guild, problem)
        return go(f"{_base(visit)}/{guild}?saved=settings")

    @pages.post(f"{_HERE}/roles")
    @members(Role.ADMIN)
    async def map_roles(visit: Visit, guild: str) -> Any:
        form = await request.form
        chosen = [(name.removeprefix("role-"), value) for name, value in form.items() if name.startswith("role-")]
        mapped = tuple(MappedRole(role[:20], value) for role, value in chosen if value in get_args(MappedTo))
        try:
            asked = discord_guilds.PutRoleMap(guild, community_of(visit), mapped)
            await ask(visit, _DISCORD, discord_guilds.MAP_ROLES, asked, seconds=10)
        except ServiceError as problem:
            return await _page(visit, guild, problem)
        return go(f"{_base(visit)}/{guild}?saved=roles")


def _channels(pages: Blueprint) -> None:
    @pages.post(f"{_HERE}/channels/<channel>/attach")
    @members(Role.ADMIN)
    async def attach(visit: Visit, guild: str, channel: str) -> Any:
        try:
            asked = discord_guilds.ChannelOf(guild, channel, community_of(visit))
            await ask(visit, _DISCORD, discord_guilds.ATTACH, asked, seconds=10)
        except ServiceError as problem:
            return await _page(visit, guild, problem)
        return go(f"{_base(visit)}/{guild}?saved=channels")

    @pages.post(f"{_HERE}/attach")
    @members(Role.ADMIN)
    async def attach_whole(visit: Visit, guild: str) -> Any:
        try:
            asked = discord_guilds.GuildOf(guild, community_of(visit))
            await ask(visit, _DISCORD, discord_guilds.ATTACH_WHOLE, asked, seconds=10)
        except ServiceError as problem:
            return await _page(visit, guild, problem)
        return go(f"{_base(visit)}/{guild}?saved=channels")

    @pages.post(f"{_HERE}/detach")
    @members(Role.ADMIN)
    async def detach_whole(visit: Visit, guild: str) -> Any:
        try:
            asked = community_servers.ServerOf(community_of(visit), "discord", guild)
            await ask(visit, "community", community_servers.DETACH_SERVER, asked)
        except ServiceError as problem:
            return await _page(visit, guild, problem)
        return go(f"{_base(visit)}/{guild}?saved=channels")

    @pages.post(f"{_HERE}/channels/<channel>/detach")
    @members(Role.ADMIN)
    async def detach(visit: Visit, guild: str, channel: str) -> Any:
        key = str(ChannelKey(Platform.DISCORD, guild, channel))
        try:
            await ask(visit, "community", community.DETACH, community.ChannelOf(community_of(visit), key))
        except ServiceError as problem:
            return await _page(visit, guild, problem)
        return go(f"{_base(visit)}/{guild}?saved=channels")

    @pages.post(f"{_HERE}/channels/<channel>/test")
    @members(Role.ADMIN)
    async def test(visit: Visit, guild: str, channel: str) -> Any:
        try:
            asked = discord_guilds.ChannelOf(guild, channel, community_of(visit))
            said = await ask(visit, _DISCORD, discord_guilds.TEST, asked, seconds=15)
        except ServiceError as problem:
            return await _page(visit, guild, problem)
        return await _page(visit, guild, tested=said)


async def _chosen() -> GuildSettings:
    """What the form says. Raises InvalidInput for what no form of ours sends, and for a prefix that is none."""
    form = await request.form
    said: dict[str, Any] = {name: (await field(name)) for name in _TEXTS}
    said |= {name: name in form for name in _YES} | {name: form.getlist(name) for name in _LISTS}
    try:
        return msgspec.convert(said, GuildSettings)
    except msgspec.ValidationError as wrong:
        if "prefix" in str(wrong):
            raise InvalidInput("A prefix is up to five characters, with a sign such as ? in it.") from wrong
        raise InvalidInput("This form cannot be read. Load the page again.") from wrong


def _base(visit: Visit) -> str:
    return f"/c/{community_of(visit)}/platforms/discord"


async def _page(visit: Visit, guild: str, problem: ServiceError | None = None, *, tested: Any = None) -> Any:
    asked, view = discord_guilds.GuildOf(guild, community_of(visit)), None
    try:
        view = await ask(visit, _DISCORD, discord_guilds.GUILD, asked, seconds=10)
        listed = await ask(visit, _DISCORD, discord_guilds.GUILDS, discord_guilds.OfCommunity(community_of(visit)))
    except ServiceError as away:
        if problem is None and view is None:
            raise
        listed, problem = discord_guilds.GuildNames(()), problem or away
    return await page(
        "discord_server", visit, status=problem.status if problem else 200, base=_base(visit), problem=problem,
        place=f"{_base(visit)}/{guild}", server=view, tested=tested, saved=request.args.get("saved", "")[:10],
        proved=any(one.id == guild and one.proved for one in listed.items), connected="connected" in request.args,
    )  # fmt: skip
