"""Community hears who moderates a server: by what they write, by their roles, and by looking."""

from __future__ import annotations

import asyncio

from discord_module_flask.attached import Attached
from discord_module_flask.gateway.intents import Intents
from discord_module_flask.guild_repository import GuildRepository
from discord_module_flask.places import Guilds
from discord_module_flask.platform_roles import PlatformRoles, channels_of
from discord_module_flask.rest import Rest
from discord_module_flask.tests.conftest import Server
from flask_core.auth import utc_now
from flask_core.datamodels import Role
from flask_core.role_telling import RoleTelling
from flask_core.seen_role_repository import SeenRoleRepository
from flask_core.testing.fake_discord import MODERATE, TOKEN

_REMEMBERED = "SELECT user_id, channel, role FROM community_platform_roles ORDER BY user_id"


async def _known(server: Server) -> list[tuple[str, str, int]]:
    return await server.inst.services["community"].database.read(lambda tx: tx.rows(_REMEMBERED))


async def _becomes(server: Server, wanted: list[tuple[str, str, int]]) -> None:
    async with asyncio.timeout(10):
        while sorted(await _known(server)) != sorted(wanted):  # noqa: ASYNC110 - another module's state
            await asyncio.sleep(0.02)


async def _written_down(server: Server) -> Guilds:
    """The server as the bot knows it, kept as it is every five seconds."""
    guilds = Guilds()
    guild = guilds.created(server.guild.shown("100"), "100")
    await GuildRepository(server.inst.services["discord"].database).keep([guild], utc_now())
    return guilds


async def test_who_writes_gets_or_loses_a_role_or_leaves_is_told(server: Server) -> None:
    await _written_down(server)
    mods = server.guild.add_role("Mods", MODERATE)
    role = {"guild_id": server.guild.id, "role": server.guild.roles[mods]}
    await server.discord.dispatch("GUILD_ROLE_CREATE", role, server.guild.id)
    ben = server.guild.add_member("ben", mods)
    for _ in range(2):
        await server.discord.write(server.guild, ben, "hello")
        await server.discord.write(server.guild, server.dee, "hello")
    moderates = (ben.id, server.channel, Role.MODERATOR.value)
    await _becomes(server, [moderates])
    server.dee.roles.append(mods)
    changed = {**server.dee.shown, "guild_id": server.guild.id}
    await server.discord.dispatch("GUILD_MEMBER_UPDATE", changed, server.guild.id)
    await _becomes(server, [moderates, (server.dee.id, server.channel, Role.MODERATOR.value)])
    server.dee.roles.clear()
    changed = {**server.dee.shown, "guild_id": server.guild.id}
    await server.discord.dispatch("GUILD_MEMBER_UPDATE", changed, server.guild.id)
    await _becomes(server, [moderates])
    gone = {"guild_id": server.guild.id, "user": ben.user}
    await server.discord.dispatch("GUILD_MEMBER_REMOVE", gone, server.guild.id)
    await _becomes(server, [])


async def test_who_never_says_a_word_is_found_by_looking(server: Server) -> None:
    guilds = await _written_down(server)
    mods = server.guild.add_role("Mods", MODERATE)
    guilds.heard("GUILD_ROLE_CREATE", {"guild_id": server.guild.id, "role": server.guild.roles[mods]}, "100")
    ben = server.guild.add_member("ben", mods)
    roles = _looking(server, guilds)
    await roles.look()
    await roles.telling.tell_once()
    ours = {(ben.id, server.channel, Role.MODERATOR.value), (server.ann.id, server.channel, Role.OWNER.value)}
    await _becomes(server, list(ours))
    del server.guild.members[ben.id]
    await roles.look()
    await roles.telling.tell_once()
    await _becomes(server, [(server.ann.id, server.channel, Role.OWNER.value)])
    # Without the intent nobody is asked for, and nobody is taken for gone.
    intents = Intents()
    intents.refuse()
    intents.refuse()
    before = len(server.discord.calls)
    await _looking(server, guilds, intents).look()
    assert len(server.discord.calls) == before
    await roles._rest.close()


def _looking(server: Server, guilds: Guilds, intents: Intents | None = None) -> PlatformRoles:
    """What the hourly round does, now."""
    service = server.inst.services["discord"]
    attached = Attached(service.services)
    attached._communities = {server.guild.id: {server.channel.rpartition(":")[2]: server.community_id}}
    repository = SeenRoleRepository(service.database, "guild_id", "guilds")
    telling = RoleTelling("discord", repository, service.services, service.shared, channels_of(attached))
    return PlatformRoles(
        telling, guilds, attached, Rest(service.shared, TOKEN, server.discord.url), intents or Intents()
    )
