"""A server becomes a community's when somebody proves at Discord that they manage it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from msgspec.structs import replace

from discord_module_flask.tests.conftest import Server, serving
from flask_core.contracts import community
from flask_core.contracts import discord_guilds as contract
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound
from flask_core.testing.fake_discord import CLIENT_SECRET, MANAGE_GUILD, FakeGuild, FakeMember, running_discord


@pytest_asyncio.fixture
async def provable(tmp_path: Path) -> AsyncIterator[Server]:
    """An installation to which Discord sends people back; the bot is in another server, too."""
    async with running_discord() as fake:
        fake.add_guild("Icefloe")
        other = fake.add_guild("Elsewhere", "eve")
        other.members[next(iter(fake.guilds.values())).owner_id] = FakeMember("1", "ann")
        settings = {"DISCORD_CLIENT_SECRET": CLIENT_SECRET, "PUBLIC_URL": "https://bot.example"}
        async with serving(tmp_path, fake, **settings) as made:
            await made.connected()
            yield made


async def _begun(server: Server) -> str:
    asked = contract.StartProof(server.community_id)
    begun = await server.portal.client.call("discord", contract.START, asked, acting=server.owner)
    said = parse_qs(urlsplit(begun.url).query)
    assert said["redirect_uri"] == ["https://bot.example/connect/discord/callback"]
    assert set(said["scope"][0].split()) == {"identify", "guilds", "bot", "applications.commands"}
    return said["state"][0]


async def _finished(server: Server, state: str, who: FakeMember, guild: FakeGuild) -> contract.Proved:
    finish = contract.FinishProof(state, server.discord.says_yes(who), guild.id)
    return await server.portal.client.call("discord", contract.FINISH, finish, acting=server.owner)


async def test_whoever_manages_a_server_connects_it_and_attaches_its_channels(provable: Server) -> None:
    _, elsewhere = provable.discord.guilds.values()
    lounge = contract.ChannelOf(elsewhere.id, next(iter(elsewhere.channels)), provable.community_id)
    call = provable.portal.client.call
    with pytest.raises(Forbidden):
        await call("discord", contract.ATTACH, lounge, acting=provable.owner)
    manager = elsewhere.add_member("mo", elsewhere.add_role("Team", MANAGE_GUILD))
    proved = await _finished(provable, await _begun(provable), manager, elsewhere)
    assert (proved.name, proved.community_id) == ("Elsewhere", provable.community_id)
    assert provable.discord.bearers == {}
    await call("discord", contract.ATTACH, lounge, acting=provable.owner)
    attached = await call("community", community.CHANNELS, community.CommunityId(provable.community_id))
    assert f"discord:{elsewhere.id}:{lounge.channel_id}" in {one.key for one in attached.items}
    assert (await call("discord", contract.TEST, lounge, acting=provable.owner)).seconds < 5
    assert provable.discord.said[-1]["channel_id"] == lounge.channel_id


@pytest.mark.promise("community.18")
async def test_whoever_manages_a_server_attaches_all_of_it(provable: Server) -> None:
    _, elsewhere = provable.discord.guilds.values()
    whole = contract.GuildOf(elsewhere.id, provable.community_id)
    call = provable.portal.client.call
    with pytest.raises(Forbidden):
        await call("discord", contract.ATTACH_WHOLE, whole, acting=provable.owner)
    manager = elsewhere.add_member("mo", elsewhere.add_role("Team", MANAGE_GUILD))
    await _finished(provable, await _begun(provable), manager, elsewhere)
    await call("discord", contract.ATTACH_WHOLE, whole, acting=provable.owner)
    view = await call("discord", contract.GUILD, whole, acting=provable.owner)
    assert view.whole == "mine"
    assert {(one.attached, one.mine, one.covered) for one in view.channels} == {(True, True, True)}
    lounge = contract.ChannelOf(elsewhere.id, next(iter(elsewhere.channels)), provable.community_id)
    assert (await call("discord", contract.TEST, lounge, acting=provable.owner)).seconds < 5
    await call("discord", contract.ATTACH, lounge, acting=provable.owner)
    view = await call("discord", contract.GUILD, whole, acting=provable.owner)
    assert {one.id for one in view.channels if not one.covered} == {lounge.channel_id}
    names = await call("discord", contract.GUILDS, contract.OfCommunity(provable.community_id), acting=provable.owner)
    assert (elsewhere.id, 1) in {(one.id, one.channels) for one in names.items}


async def test_who_does_not_manage_it_or_brings_a_foreign_state_connects_nothing(provable: Server) -> None:
    _, elsewhere = provable.discord.guilds.values()
    member, owner = elsewhere.add_member("dee"), elsewhere.members[elsewhere.owner_id]
    with pytest.raises(Forbidden):
        await _finished(provable, await _begun(provable), member, elsewhere)
    state = await _begun(provable)
    eve = replace(provable.owner, person_id="person-eve")
    finish = contract.FinishProof(state, provable.discord.says_yes(owner), elsewhere.id)
    with pytest.raises(InvalidInput):
        await provable.portal.client.call("discord", contract.FINISH, finish, acting=eve)
    # It is in somebody else's hands: of no more use to anybody.
    with pytest.raises(InvalidInput):
        await _finished(provable, state, owner, elsewhere)
    state = await _begun(provable)
    await _finished(provable, state, owner, elsewhere)
    with pytest.raises(InvalidInput):
        await _finished(provable, state, owner, elsewhere)
    without_bot = provable.discord.add_guild("Without", "eve")
    with pytest.raises(NotFound):
        await _finished(provable, await _begun(provable), without_bot.members[without_bot.owner_id], without_bot)
    with pytest.raises(InvalidInput):
        await provable.portal.client.call(
            "discord", contract.FINISH, contract.FinishProof(await _begun(provable), "made-up", elsewhere.id),
            acting=provable.owner,
        )  # fmt: skip


async def test_without_a_secret_nobody_is_sent_away(server: Server) -> None:
    assert not (await server.status()).can_prove
    with pytest.raises(Conflict):
        await _begun(server)
