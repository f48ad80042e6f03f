"""What people type about their server."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from discord_module_flask.chatting import week_of
from discord_module_flask.tests.conftest import Server
from discord_module_flask.voice.repository import VoiceRepository
from flask_core.contracts import community
from flask_core.datamodels import Role
from flask_core.testing.fake_discord import FakeMember


async def _member(server: Server, who: FakeMember) -> community.Member:
    asked = community.ListMembers(server.community_id, q=who.name)
    page = await server.portal.client.call("community", community.MEMBERS, asked, acting=server.owner)
    return next(one for one in page.items if one.name.lower() == who.name)


async def _is_admin(server: Server, who: FakeMember) -> None:
    await server.answer(who, "!ping")
    asked = community.SetRole(server.community_id, (await _member(server, who)).id, Role.ADMIN)
    await server.portal.client.call("community", community.SET_ROLE, asked, acting=server.owner)


async def _said(server: Server, who: FakeMember, text: str) -> str:
    said: dict[str, Any] = await server.answer(who, text)
    return str(said["content"])


async def test_admins_map_roles_and_only_the_owner_maps_to_moderator(server: Server) -> None:
    helpers = server.guild.add_role("Helpers")
    await _is_admin(server, server.dee)
    assert await _said(server, server.dee, "!rolemap set @nobody vip") == "There is no such role in this server."
    assert (
        await _said(server, server.dee, f"!rolemap set <@&{helpers}> moderator")
        == "Only the owner may map to moderator."
    )
    assert await _said(server, server.dee, f"!rolemap set <@&{helpers}> vip") == "Members with @Helpers are VIPs here."
    ben = server.guild.add_member("ben", helpers)
    line = await server.discord.write(server.guild, ben, "hello")
    assert "vip" in str(await server.trace(f"discord:message:{line['id']}"))
    assert await _said(server, server.dee, "!rolemap off helpers") == "@Helpers counts as nothing here any more."
    assert (await _said(server, server.dee, "!rolemap off helpers")).startswith("This role counts as nothing here.")


async def test_voice_tells_the_minutes_of_this_week(server: Server) -> None:
    assert await _said(server, server.dee, "!voice") == "Dee: none this week."
    today, database = datetime.now(UTC).date().isoformat(), server.inst.services["discord"].database
    await VoiceRepository(database).keep([], told=[(server.guild.id, server.dee.id, today, 320)])
    assert await _said(server, server.ann, f"!voice <@{server.dee.id}>") == "Dee: 5 h 20 min this week."
    assert week_of(datetime(2026, 3, 15, tzinfo=UTC)) == date(2026, 3, 9)


async def test_moderators_hear_how_the_bot_is_connected(server: Server) -> None:
    role = server.guild.members["100"].roles[0]
    server.guild.roles[role]["permissions"] = str(int(server.guild.roles[role]["permissions"]) & ~(1 << 40))
    changed = {"guild_id": server.guild.id, "role": server.guild.roles[role]}
    await server.discord.dispatch("GUILD_ROLE_UPDATE", changed, server.guild.id)
    told = await _said(server, server.ann, "!discord status")
    assert told.startswith("Shard 0 of 1")
    assert told.endswith("missing here: Timeout Members.")
