"""The connection to Discord: held, taken up again, shared, refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from discord_module_flask.gateway import wiring
from discord_module_flask.tests.conftest import Server, serving
from flask_core.contracts import discord as contract
from flask_core.contracts import router
from flask_core.errors import Forbidden
from flask_core.operations import Acting
from flask_core.testing.fake_discord import running_discord
from flask_core.testing.installation import until

_CONTENT, _MEMBERS = 1 << 15, 1 << 1


@pytest.mark.promise("discord.1")
async def test_a_line_in_an_attached_server_reaches_its_community(server: Server) -> None:
    said = await server.discord.write(server.guild, server.dee, "hello all")
    trace = await server.trace(f"discord:message:{said['id']}")
    assert trace.channel == server.channel
    elsewhere = server.discord.add_guild("Elsewhere", "eve")
    await server.discord.dispatch("GUILD_CREATE", elsewhere.shown(server.discord.bot.id), elsewhere.id)
    other = await server.discord.write(elsewhere, elsewhere.members[elsewhere.owner_id], "hello there")
    # What comes after it is written down, and the other line is not among what happened in Penguins.
    after = await server.discord.write(server.guild, server.dee, "still here")
    await server.trace(f"discord:message:{after['id']}")
    listed = await server.portal.client.call("router", router.TRACES, router.ListTraces(server.community_id))
    assert f"discord:message:{other['id']}" not in {one.event_id for one in listed.items}


@pytest.mark.promise("discord.2")
async def test_a_restart_resumes_and_loses_no_line(tmp_path: Path) -> None:
    async with running_discord() as fake:
        async with serving(tmp_path, fake) as server:
            await server.connected()
            await server.answer(server.dee, "!ping")
        # Nobody listens now; Discord says it again to whoever resumes.
        await fake.write(server.guild, server.dee, "!ping")
        async with serving(tmp_path, fake) as server:
            await server.says(2)
            await server.answer(server.dee, "!ping")
            assert len(fake.said) == 3
    assert (len(fake.identifies), fake.resumes) == (1, 1)


@pytest.mark.promise("discord.2")
async def test_an_invalid_session_begins_a_new_one(tmp_path: Path) -> None:
    async with running_discord() as fake:
        async with serving(tmp_path, fake) as server:
            await server.connected()
        fake.forget_sessions()
        async with serving(tmp_path, fake) as server:
            await server.connected()
            await server.answer(server.dee, "!ping")
    assert (len(fake.identifies), fake.resumes) == (2, 0)


async def test_op_7_and_a_closed_socket_are_resumed(server: Server) -> None:
    await server.discord.ask_to_reconnect()
    await until(lambda: server.discord.resumes == 1)
    await server.answer(server.dee, "!ping")
    await server.discord.close_sockets(4008)
    await until(lambda: server.discord.resumes == 2)
    await server.answer(server.dee, "!ping")
    assert len(server.discord.identifies) == 1


async def test_what_nobody_understands_stops_nothing(server: Server) -> None:
    for kind in ("MESSAGE_CREATE", "INTERACTION_CREATE", "VOICE_STATE_UPDATE", "GUILD_ROLE_CREATE", "NEWS_OF_TOMORROW"):
        await server.discord.dispatch(kind, {"guild_id": server.guild.id, "odd": True}, server.guild.id)
    await server.answer(server.dee, "!ping")


@pytest.mark.promise("discord.3")
async def test_moderators_are_known_to_who_takes_a_shard_over(tmp_path: Path) -> None:
    async with running_discord() as fake:
        async with serving(tmp_path, fake) as server:
            await server.connected()
            helpers = server.guild.add_role("Helpers", 1 << 13)
            role = {"guild_id": server.guild.id, "role": server.guild.roles[helpers]}
            await fake.dispatch("GUILD_ROLE_CREATE", role, server.guild.id)
        server.dee.roles.append(helpers)
        async with serving(tmp_path, fake) as server:
            said = await fake.write(server.guild, server.dee, "hello")
            trace = await server.trace(f"discord:message:{said['id']}")
    assert fake.resumes == 1
    assert "moderator" in next(step.said for step in trace.steps if step.name == "resolved")


@pytest.mark.promise("discord.4")
async def test_while_the_router_is_away_lines_wait_in_order(tmp_path: Path) -> None:
    async with running_discord() as fake, serving(tmp_path, fake) as server:
        await server.connected()
        real = server.inst.runtime.modules.pop("router")
        for number in range(5):
            await fake.write(server.guild, server.dee, f"line {number}")
        command = await fake.interact(
            server.guild, server.dee, 2, {"name": "waddlebot", "options": [{"name": "help", "type": 1}]}
        )
        await until(lambda: fake.edited, "the line that it takes a while")
        assert fake.edited[0]["content"] == "I will answer as soon as I can."
        assert (await server.status()).spooled == 6
        server.inst.runtime.modules["router"] = real
        await until(lambda: len(fake.edited) > 1, "the answer")
        listed = await server.portal.client.call("router", router.TRACES, router.ListTraces(server.community_id))
    assert command["token"] == fake.edited[1]["token"]
    heard = [one.text for one in listed.items if one.text.startswith("line")]
    assert heard == [f"line {number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.promise("discord.19")
async def test_a_refused_intent_is_done_without_and_named(tmp_path: Path) -> None:
    async with running_discord() as fake:
        fake.refuses_intents = _CONTENT
        async with serving(tmp_path, fake) as server:
            await server.connected()
            state = await server.status()
            assert state.off == ("Commands with ! and moderation are off, slash commands work.",)
            await fake.interact(server.guild, server.dee, 2, {"name": "command", "options": [_named("!ping")]})
            await until(lambda: fake.edited, "the answer to the slash command")
    assert not fake.identifies[-1]["intents"] & _CONTENT
    assert fake.identifies[-1]["intents"] & _MEMBERS


@pytest.mark.promise("discord.19")
async def test_at_a_click_every_intent_is_asked_for_again(tmp_path: Path) -> None:
    async with running_discord() as fake:
        fake.refuses_intents = _CONTENT
        async with serving(tmp_path, fake) as server:
            await server.connected()
            fake.refuses_intents = 0
            with pytest.raises(Forbidden):
                await _reconnect(server, replace(server.owner, operator=False))
            await _reconnect(server, server.owner)
            await until(
                lambda: fake.identifies[-1]["intents"] & _CONTENT and len(fake.identifies) == 3, "a new session"
            )
            await server.connected()
            assert (await server.status()).off == ()
            await server.answer(server.dee, "!ping")
    assert fake.resumes == 0


async def _reconnect(server: Server, who: Acting) -> None:
    await server.portal.client.call("discord", contract.RECONNECT, contract.Reconnect(), acting=who)


async def test_a_wrong_token_stays_closed_and_says_why(tmp_path: Path) -> None:
    async with running_discord() as fake:
        fake.refuses_token = True
        async with serving(tmp_path, fake) as server:
            await until(lambda: fake.identifies)
            await _reason(server, "Discord does not know this bot token.")
            answer = await server.inst.app("discord").test_client().get("/ready")
    assert answer.status_code == 200
    assert len(fake.identifies) == 1


async def test_without_a_token_the_module_runs_and_says_so(tmp_path: Path) -> None:
    async with running_discord() as fake, serving(tmp_path, fake, DISCORD_BOT_TOKEN="") as server:
        state = await server.status()
    assert (state.connected, state.can_connect, state.invite_url) == (False, False, "")
    assert state.reason == "Not connected: set DISCORD_BOT_TOKEN."
    assert fake.calls == []


def _named(command: str) -> dict[str, object]:
    return {"name": "name", "type": 3, "value": command}


async def _reason(server: Server, sentence: str) -> None:
    import asyncio

    async with asyncio.timeout(10):
        while (await server.status()).reason != sentence:  # noqa: ASYNC110 - its own state
            await asyncio.sleep(0.02)


async def test_two_shards_take_turns_and_each_hears_its_servers(tmp_path: Path) -> None:
    async with running_discord() as fake:
        fake.shards = 2
        first, second = ((number << 23) | (shard << 22) for shard, number in ((0, 41), (1, 42)))
        fake.add_guild("Icefloe", guild_id=str(first))
        other = fake.add_guild("Elsewhere", "eve", guild_id=str(second))
        async with serving(tmp_path, fake) as server:
            await until(lambda: {one.shard for one in fake.sessions.values()} == {0, 1}, "both shards")
            await server.connected()
            assert [(one.number, one.up) for one in (await server.status()).shards] == [(0, True), (1, True)]
            await server.answer(server.dee, "!ping")
            eve = other.members[other.owner_id]
            await fake.write(other, eve, "!ping")
            said = (await server.says(2))[1]
    assert said["channel_id"] == next(iter(other.channels))
    assert sorted(one["shard"] for one in fake.identifies) == [[0, 2], [1, 2]]


async def test_more_shards_begin_without_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(wiring, "_ASK_SECONDS", 0.0)
    async with running_discord() as fake:
        first, second = ((number << 23) | (shard << 22) for shard, number in ((0, 41), (1, 42)))
        fake.add_guild("Icefloe", guild_id=str(first))
        other = fake.add_guild("Elsewhere", "eve", guild_id=str(second))
        async with serving(tmp_path, fake) as server:
            await server.connected()
            await server.answer(server.dee, "!ping")
            fake.shards = 2
            # They take turns of five seconds.
            await until(lambda: len(fake.identifies) == 2, "one of them")
            await until(lambda: len(fake.identifies) == 3, "the other one")
            assert sorted(one["shard"] for one in fake.identifies[1:]) == [[0, 2], [1, 2]]
            await server.connected()
            assert [(one.number, one.up) for one in (await server.status()).shards] == [(0, True), (1, True)]
            await server.answer(server.dee, "!ping")
            await fake.write(other, other.members[other.owner_id], "!ping")
            said = (await server.says(3))[2]
            # It never becomes less by itself: that would begin all sessions anew for nothing.
            fake.shards = 1
            await server.answer(server.dee, "!ping")
    assert said["channel_id"] == next(iter(other.channels))
    assert len(fake.identifies) == 3
