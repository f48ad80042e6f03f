"""How the bot behaves in a server is chosen by its admins, and holds at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from discord_module_flask.servers.hearing import as_chosen
from discord_module_flask.tests.conftest import Server
from discord_module_flask.tests.test_doing import do
from flask_core.contracts import discord_guilds as contract
from flask_core.contracts.discord_guilds import GuildSettings, MappedRole
from flask_core.datamodels import Account, ChannelKey, Event, MessageType, Moderate, Role
from flask_core.errors import Forbidden, InvalidInput, NotFound
from flask_core.operations import Acting
from flask_core.testing.fake_discord import ADMINISTRATOR, FakeMember
from flask_core.testing.installation import until

AT = datetime(2026, 3, 1, tzinfo=UTC)
HERE = "discord:1:7"


def line(text: str, channel: str = HERE, *, bot: bool = False) -> Event:
    """Somebody's line."""
    return Event("e", MessageType.CHAT, channel, AT, Account("9", "dee", bot=bot), text)


def heard(event: Event, attached: tuple[str, ...] = (), **chosen: Any) -> list[Event]:
    """What is left of it where this was chosen."""
    return as_chosen([event], GuildSettings(**chosen), attached)


def test_only_chosen_channels_are_heard() -> None:
    assert heard(line("hi"), reading="listed", listed=("8",)) == []
    assert len(heard(line("hi"), reading="listed", listed=("7",))) == 1
    assert heard(line("hi"), reading="all_but", listed=("7",)) == []
    assert len(heard(line("hi"), listed=("8",))) == 1
    joined = Event("j", MessageType.MEMBER_JOIN, HERE, AT, Account("9"))
    assert heard(joined, reading="listed", listed=("8",)) == [joined]


def test_a_prefix_of_their_own_stands_beside_the_common_one() -> None:
    assert [one.text for one in heard(line("?? so dee"), prefix="??")] == ["!so dee"]
    assert [one.text for one in heard(line("!so dee"), prefix="??")] == ["!so dee"]
    for wrong in ("w", "a b", "toolong!"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"prefix": wrong}, GuildSettings)


def test_bots_may_be_left_out_and_joins_are_told_where_they_belong() -> None:
    assert heard(line("beep", bot=True), other_bots=False) == []
    assert len(heard(line("beep", bot=True))) == 1
    joined = Event("j", MessageType.MEMBER_JOIN, HERE, AT, Account("9"))
    assert heard(joined, ("8",), welcome_channel="8")[0].channel == "discord:1:8"
    # Detached since: nobody would hear of it there.
    assert heard(joined, (), welcome_channel="8")[0].channel == HERE


async def _choose(server: Server, acting: Acting | None = None, **chosen: Any) -> None:
    asked = contract.PutGuildSettings(server.guild.id, server.community_id, GuildSettings(**chosen))
    await server.portal.client.call("discord", contract.SET_UP, asked, acting=acting or server.owner)


async def _shown(server: Server) -> contract.GuildView:
    asked = contract.GuildOf(server.guild.id, server.community_id)
    return await server.portal.client.call("discord", contract.GUILD, asked, acting=server.owner)


def _channel(server: Server) -> str:
    return ChannelKey.parse(server.channel).channel_id


async def test_settings_hold_at_once_and_are_shown(server: Server) -> None:
    bots = server.guild.add_channel("bots")
    await _choose(server, commands_in=(bots,), prefix="?")
    await server.discord.write(server.guild, server.dee, "!ping")
    await server.discord.write(server.guild, server.dee, "?ping")
    said = await server.answer(server.ann, "?ping")
    # Ann owns the server; Dee's commands belong elsewhere, and her lines are lines.
    assert "pong" in said["content"].lower()
    assert len(server.discord.said) == 1
    view = await _shown(server)
    assert (view.name, view.settings) == ("Icefloe", GuildSettings(commands_in=(bots,), prefix="?"))
    assert [(one.name, one.mine) for one in view.channels] == [("general", True), ("bots", False)]
    assert [one.name for one in (await _of(server)).items] == ["Icefloe"]


async def test_what_the_bot_may_not_do_is_told_by_channel(server: Server) -> None:
    general = next(iter(server.guild.channels.values()))
    (role,) = server.guild.members["100"].roles
    overwrite: dict[str, Any] = {"id": server.guild.id, "type": 0, "deny": str(1 << 11 | 1 << 14), "allow": "0"}
    general["permission_overwrites"] = [overwrite]
    assert (await _shown(server)).channels[0].missing == ("Send Messages", "Embed Links")
    general["permission_overwrites"] = [overwrite, {"id": role, "type": 0, "deny": "0", "allow": str(1 << 14)}]
    assert (await _shown(server)).channels[0].missing == ("Send Messages",)
    general["permission_overwrites"].append({"id": "100", "type": 1, "deny": str(1 << 10), "allow": str(1 << 11)})
    assert (await _shown(server)).channels[0].missing == ("View Channels",)
    server.guild.roles[role]["permissions"] = str(ADMINISTRATOR)
    assert (await _shown(server)).channels[0].missing == ()


async def _of(server: Server) -> contract.GuildNames:
    asked = contract.OfCommunity(server.community_id)
    return await server.portal.client.call("discord", contract.GUILDS, asked, acting=server.owner)


async def test_a_slash_command_is_refused_where_none_are_taken_and_hidden_where_that_was_chosen(server: Server) -> None:
    bots = server.guild.add_channel("bots")
    await _choose(server, commands_in=(bots,))
    shown = await _command(server, server.dee)
    assert (shown["data"]["content"], shown["data"]["flags"]) == (f"Commands are for <#{bots}> here.", 64)
    await _choose(server, ephemeral=True)
    assert await _command(server, server.dee) == {"type": 5, "data": {"flags": 64}}


async def _command(server: Server, who: FakeMember) -> dict[str, Any]:
    before = len(server.discord.callbacks)
    options = [{"name": "name", "type": 3, "value": "!ping"}]
    await server.discord.interact(server.guild, who, 2, {"name": "command", "type": 1, "options": options})
    await until(lambda: len(server.discord.callbacks) > before, "an answer")
    return {name: value for name, value in server.discord.callbacks[-1].items() if name != "id"}


async def test_what_cannot_be_chosen_is_refused(server: Server) -> None:
    other = server.guild.add_channel("elsewhere")
    for chosen in ({"welcome_channel": other}, {"log_channel": "1"}, {"listed": ("1",)}):
        with pytest.raises(InvalidInput):
            await _choose(server, **chosen)
    foreign = server.discord.add_guild("Elsewhere")
    asked = contract.PutGuildSettings(foreign.id, server.community_id, GuildSettings())
    with pytest.raises(NotFound):
        await server.portal.client.call("discord", contract.SET_UP, asked, acting=server.owner)


async def test_the_team_reads_what_was_done_to_members(server: Server) -> None:
    team = server.guild.add_channel("team")
    await _choose(server, log_channel=team)
    await do(server, Moderate("timeout", server.dee.id, seconds=600, reason="spam @everyone"))
    said = server.discord.said[-1]
    assert said["channel_id"] == team
    assert said["content"] == f"<@{server.dee.id}> was timed out for 10 min (asked by Dee): spam @everyone."
    assert said["allowed_mentions"] == {"parse": []}
    server.discord.fails[f"/channels/{team}"] = [403]
    assert (await do(server, Moderate("timeout", server.dee.id, seconds=60))).reason == ""


async def test_a_mapped_role_counts_in_chat_and_only_the_owner_makes_moderators(server: Server) -> None:
    helpers = server.guild.add_role("Helpers")
    server.dee.roles.append(helpers)
    # Ann owns the server, and in the community she is its owner, too.
    assert (await server.answer(server.ann, "!rolemap list"))["content"].startswith("No role of this server")
    await _map(server, MappedRole(helpers, "vip"))
    view = await _shown(server)
    assert [(one.name, one.counts_as) for one in view.roles] == [("Helpers", "vip"), ("WaddleBot", None)]
    shown = await server.discord.write(server.guild, server.dee, "hello")
    assert "vip" in str(await server.trace(f"discord:message:{shown['id']}"))
    said = await server.answer(server.ann, "!rolemap list")
    assert said["content"] == "Members with @Helpers are VIPs here."
    admin = replace(server.owner, role=Role.ADMIN, operator=False)
    with pytest.raises(Forbidden):
        await _map(server, MappedRole(helpers, "moderator"), acting=admin)
    await _map(server, MappedRole(helpers, "moderator"))
    # What the owner chose an admin may leave as it is.
    await _map(server, MappedRole(helpers, "moderator"), acting=admin)
    with pytest.raises(NotFound):
        await _map(server, MappedRole("5", "vip"))


async def _map(server: Server, *roles: MappedRole, acting: Acting | None = None) -> None:
    asked = contract.PutRoleMap(server.guild.id, server.community_id, roles)
    await server.portal.client.call("discord", contract.MAP_ROLES, asked, acting=acting or server.owner)
