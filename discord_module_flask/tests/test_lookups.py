"""Other modules ask who somebody is, what a channel is, and who holds a role."""

from __future__ import annotations

import asyncio

import pytest

from discord_module_flask.tests.conftest import Server
from flask_core.contracts import discord_guilds as contract
from flask_core.contracts.people_facts import UserFacts
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, InvalidInput, NotFound, NotReady
from flask_core.testing.fake_discord import MEMBERS_INTENT, MODERATE


async def test_members_are_found_by_id_or_by_how_their_name_begins(server: Server) -> None:
    ask, guild = server.inst.client("shoutout").call, server.guild.id
    server.guild.add_member("deedee", bot=True)
    one = await ask("discord", contract.USERS, contract.UserQuery(guild, id=server.ann.id))
    assert one.items == (UserFacts(server.ann.id, "ann", "Ann", Role.OWNER),)
    some = await ask("discord", contract.USERS, contract.UserQuery(guild, login="@Dee"))
    assert [(who.login, who.bot) for who in some.items] == [("dee", False), ("deedee", True)]
    for nobody in (
        contract.UserQuery(guild, id="5"),
        contract.UserQuery(guild, login="zoe"),
        contract.UserQuery("1", id="5"),
    ):
        with pytest.raises(NotFound):
            await ask("discord", contract.USERS, nobody)
    for nonsense in (contract.UserQuery(guild), contract.UserQuery(guild, id="../5")):
        with pytest.raises(InvalidInput):
            await ask("discord", contract.USERS, nonsense)


async def test_roles_and_channels_are_told(server: Server) -> None:
    ask, guild = server.inst.client("labels").call, server.guild.id
    mods = server.guild.add_role("Mods", MODERATE)
    role = {"guild_id": guild, "role": server.guild.roles[mods]}
    await server.discord.dispatch("GUILD_ROLE_CREATE", role, guild)
    line = await server.discord.write(server.guild, server.dee, "hello")
    await server.trace(f"discord:message:{line['id']}")
    server.dee.roles.append(mods)
    told = await ask("discord", contract.ROLES, contract.RoleQuery(guild, server.dee.id))
    assert told.role is Role.MODERATOR
    general = next(iter(server.guild.channels))
    thread = server.guild.add_channel("help me", 11, general)
    facts = await ask("discord", contract.CHANNEL, contract.ChannelQuery(thread))
    assert facts == contract.ChannelFacts(thread, "help me", guild, general)
    with pytest.raises(NotFound):
        await ask("discord", contract.CHANNEL, contract.ChannelQuery("1"))
    held = await ask("discord", contract.HOLDERS, contract.HoldersOf("discord_role", guild, mods))
    assert held.accounts == (server.dee.id,)
    with pytest.raises(Forbidden):
        await server.inst.client("shoutout").call(
            "discord", contract.HOLDERS, contract.HoldersOf("discord_role", guild, mods)
        )


async def test_without_the_intent_nobody_can_say_who_holds_a_role(server: Server) -> None:
    server.discord.refuses_intents = MEMBERS_INTENT
    asked = contract.HoldersOf("discord_role", server.guild.id, "1")
    # A process that holds no shard does not know yet: Discord itself says no.
    with pytest.raises(NotReady):
        await server.inst.client("labels").call("discord", contract.HOLDERS, asked)
    server.discord.forget_sessions()
    await server.discord.close_sockets(4009)
    async with asyncio.timeout(30):
        while "Joins and boosts are not seen." not in (await server.status()).off:  # noqa: ASYNC110 - its own state
            await asyncio.sleep(0.02)
    before = len(server.discord.calls)
    with pytest.raises(NotReady):
        await server.inst.client("labels").call("discord", contract.HOLDERS, asked)
    assert len(server.discord.calls) == before
