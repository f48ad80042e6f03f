"""Slash commands: registered, understood, answered in time and later."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from discord_module_flask.slash.lines import line_of, walked
from discord_module_flask.slash.tree import menu_of, roots_of
from discord_module_flask.slash.uses_repository import UsesRepository
from discord_module_flask.tests.conftest import Server
from flask_core.contracts import discord as contract
from flask_core.contracts import router
from flask_core.contracts.module import EXECUTE
from flask_core.contracts.router import ModuleCommand
from flask_core.datamodels import Argument, ArgumentKind, Chat, CommandCard, Invocation, Manifest, Reply, Role
from flask_core.errors import TooMany
from flask_core.grammar import bind, tokenize
from flask_core.operations import Caller
from flask_core.testing.fake_discord import FakeMember
from flask_core.testing.installation import until

WEBHOOK = "/api/v1/webhooks/interactions"


def _chosen(*path: str, **given: Any) -> dict[str, Any]:
    """What Discord sends for `/path … name:value`."""
    options = [{"name": name, "type": 3, "value": value} for name, value in given.items()]
    for depth, word in enumerate(reversed(path[1:])):
        options = [{"name": word, "type": 1 if depth == 0 else 2, "options": options}]
    return {"name": path[0], "type": 1, "options": options}


async def _registered(server: Server) -> list[dict[str, Any]]:
    await until(lambda: server.guild.commands, "the commands")
    return server.guild.commands


def _puts(server: Server) -> int:
    return sum(method == "PUT" and path.endswith("/commands") for method, path, _ in server.discord.calls)


@pytest.mark.promise("discord.7")
async def test_commands_are_registered_in_one_call_and_again_when_they_change(server: Server) -> None:
    await _registered(server)
    before = await _registered_now(server)
    shown = {one["name"] for one in server.guild.commands}
    assert {"ping", "memories", "command", "waddlebot"} <= shown
    same, puts = await _sync(server), _puts(server)
    assert (same.changed, same.commands, before.commands) == (False, len(shown), len(shown))
    switched = router.PutEnablement(server.community_id, "memories", enabled=False)
    await server.inst.client("marketplace").call("router", router.ENABLE, switched)
    async with asyncio.timeout(10):
        while "memories" in await _modules(server):  # noqa: ASYNC110 - another module's state
            await asyncio.sleep(0.01)
    await _registered_at(server, datetime.now(UTC))
    with pytest.raises(TooMany):
        await _sync(server)
    assert _puts(server) == puts
    assert (await _registered_now(server)).changed
    assert _puts(server) == puts + 1
    assert "memories" not in {one["name"] for one in server.guild.commands}


async def _sync(server: Server) -> contract.Synced:
    asked = contract.SyncCommands(server.community_id, server.guild.id)
    return await server.portal.client.call("discord", contract.SYNC, asked, acting=server.owner)


async def _registered_at(server: Server, at: datetime) -> None:
    database = server.inst.services["discord"].database
    await database.write(lambda tx: tx.run("UPDATE command_sync SET synced_at = ?", at))


async def _registered_now(server: Server) -> contract.Synced:
    """A long time after the last time."""
    await _registered_at(server, datetime(2026, 1, 1, tzinfo=UTC))
    return await _sync(server)


async def _modules(server: Server) -> set[str]:
    asked = router.ListCommands(server.community_id)
    return {one.module for one in (await server.portal.client.call("router", router.COMMANDS, asked)).items}


@pytest.mark.promise("discord.7")
def test_of_too_many_commands_97_and_the_bots_own_are_shown() -> None:
    cards = [CommandCard(f"word{number}", "Do it.", f"!word{number}") for number in range(130)]
    menu = menu_of(roots_of(ModuleCommand("any", card) for card in cards))
    assert len(menu.commands) == 100
    assert {"command", "waddlebot", "feedback"} <= {one["name"] for one in menu.commands}


@pytest.mark.promise("discord.7")
def test_of_too_many_commands_the_most_used_are_shown() -> None:
    cards = [CommandCard(f"word{number:03}", "Do it.", f"!word{number:03}") for number in range(130)]
    roots = roots_of(ModuleCommand("any", card) for card in cards)
    shown = {one["name"] for one in menu_of(roots, {"word129": 7, "word128": 1}).commands}
    assert {"word129", "word128", "word094"} <= shown
    assert "word095" not in shown


async def test_what_is_used_is_counted_from_tomorrow_on(server: Server) -> None:
    await _registered(server)
    uses, today = UsesRepository(server.inst.services["discord"].database), datetime.now(UTC)
    await server.answer(server.dee, "!ping")
    await server.discord.write(server.guild, server.dee, "!nonsense")
    await server.discord.interact(server.guild, server.dee, 2, _chosen("command", name="!ping"))
    tomorrow = today + timedelta(days=1)
    async with asyncio.timeout(20):
        while await uses.before_today(server.community_id, tomorrow) != {"ping": 2}:
            # Counts are written down whenever commands are looked at, as they are for a new server.
            await server.discord.dispatch("GUILD_CREATE", server.guild.shown("100"), server.guild.id)
            await asyncio.sleep(0.05)
    assert await uses.before_today(server.community_id, today) == {}
    await uses.forget(today + timedelta(days=31))
    assert await uses.before_today(server.community_id, tomorrow) == {}


def test_groups_subcommands_and_options_are_what_discord_takes() -> None:
    member = Argument("member", ArgumentKind.MEMBER)
    cards = [
        CommandCard("quote", "Show one.", "!quote"),
        CommandCard("quote add", "Save.", "!quote add", arguments=(Argument("author", required=False), member)),
        CommandCard("rule word add", "Add.", "!rule word add <word>", role=Role.MODERATOR),
        CommandCard("far too deep down", "Too deep.", "!far"),
        CommandCard("secret", "Hidden.", "!secret", hidden=True),
    ]
    menu = menu_of(roots_of(ModuleCommand("any", card) for card in cards))
    quote, rule = menu.commands[0], menu.commands[1]
    assert [one["name"] for one in quote["options"]] == ["add", "run"]
    assert [(one["name"], one["type"]) for one in quote["options"][0]["options"]] == [("member", 6), ("author", 3)]
    assert rule["options"][0]["options"][0]["name"] == "add"
    assert rule["default_member_permissions"] == str(1 << 13)
    assert "far" not in {one["name"] for one in menu.commands}


@pytest.mark.promise("discord.8")
async def test_a_slash_command_is_the_line_that_somebody_types(server: Server) -> None:
    listed = await server.portal.client.call("router", router.COMMANDS, router.ListCommands(server.community_id))
    menu = menu_of(roots_of(listed.items))
    path, given = walked(_chosen("memories", "add", "quote", text='a "b" c', author="ann"))
    leaf = menu.leaves[path]
    line = line_of(leaf, given)
    taken = len(leaf.typed.split())
    bound = bind(leaf.card, line[1:], tokenize(line[1:])[taken:])
    assert bound["text"] == 'a "b" c'
    typed = 'memories add quote "a \\"b\\" c" by ann'
    assert bind(leaf.card, typed, tokenize(typed)[3:]) == bound
    await server.discord.interact(server.guild, server.ann, 2, _chosen(*path, text="a b"))
    await until(lambda: server.discord.edited, "the answer")
    assert "quote" in server.discord.edited[0]["content"].lower()


@pytest.mark.promise("discord.9")
async def test_autocomplete_hides_what_the_asker_may_not_do(server: Server) -> None:
    await _registered(server)
    await _registered_now(server)
    server.inst.runtime.modules.pop("router")

    async def offered(who: FakeMember, begun: str) -> list[str]:
        before = len(server.discord.callbacks)
        await server.discord.interact(server.guild, who, 4, _chosen("command", name=begun))
        await until(lambda: len(server.discord.callbacks) > before)
        assert server.discord.callbacks[-1]["type"] == 8
        return [one["name"] for one in server.discord.callbacks[-1]["data"]["choices"]]

    assert "!nuke" not in await offered(server.dee, "nu")
    assert "!nuke" in await offered(server.ann, "nu")
    assert (await offered(server.dee, "pi"))[0] == "!ping"
    assert len(await offered(server.ann, "")) == 25


@pytest.mark.promise("discord.6")
async def test_a_late_answer_takes_the_place_of_the_first_or_is_said_in_the_channel(server: Server) -> None:
    slow = server.inst.fake("slow")

    @slow.offers(EXECUTE)
    async def execute(asked: Invocation, _: Caller) -> Reply:
        if asked.text.endswith("late"):
            await server.inst.services["discord"].shared.delete(f"discord:token:{asked.event.data['interaction_id']}")
        return Reply.chat("Done at last.")

    card = CommandCard("slow", "Take long.", "!slow [how]", arguments=(Argument("how", required=False),))
    manifest = Manifest("slow", "1", "interaction", "http://127.0.0.1:1", "one", commands=(card,))
    await slow.client.call("router", router.INTRODUCE, router.Introduction("slow", manifest))
    await server.discord.interact(server.guild, server.dee, 2, _chosen("command", name="!slow"))
    await until(lambda: server.discord.edited, "the answer")
    assert server.discord.callbacks[0]["type"] == 5
    assert server.discord.edited[0]["content"] == "Done at last."
    await server.discord.interact(server.guild, server.ann, 2, _chosen("command", name="!slow", args="late"))
    said = (await server.says())[0]
    assert said["content"] == f"<@{server.ann.id}> Done at last."
    assert said["allowed_mentions"]["users"] == []


async def test_a_command_that_is_gone_says_so_to_the_asker_alone(server: Server) -> None:
    await _registered(server)
    await server.discord.interact(server.guild, server.dee, 2, _chosen("nosuch"))
    await until(lambda: server.discord.callbacks)
    told = server.discord.callbacks[0]["data"]
    assert (told["content"], told["flags"]) == ("This command is no longer available here.", 64)


async def test_status_tells_whether_text_is_readable(server: Server) -> None:
    await _registered(server)
    await server.discord.interact(server.guild, server.dee, 2, _chosen("waddlebot", "status"))
    await until(lambda: server.discord.callbacks)
    assert "message text readable" in server.discord.callbacks[0]["data"]["content"]


@pytest.mark.promise("discord.5")
async def test_interactions_over_https_are_believed_when_signed_and_fresh(keyed: Server) -> None:
    web = keyed.inst.app("discord").test_client()
    ping = json.dumps({"type": 1}).encode()
    answer = await web.post(WEBHOOK, data=ping, headers=keyed.discord.signed(ping))
    assert (answer.status_code, await answer.get_json()) == (200, {"type": 1})
    assert answer.content_type == "application/json"
    said = keyed.discord.interaction(keyed.guild, keyed.dee, 2, _chosen("command", name="!ping"))
    body = json.dumps(said).encode()
    headers = keyed.discord.signed(body)
    for wrong in (
        {**headers, "X-Signature-Timestamp": str(int(time.time()) - 1)},
        keyed.discord.signed(body + b" "),
        keyed.discord.signed(body, int(time.time()) - 360),
        {"Content-Type": "application/json"},
    ):
        assert (await web.post(WEBHOOK, data=body, headers=wrong)).status_code == 401
    for _ in range(2):
        answer = await web.post(WEBHOOK, data=body, headers=headers)
        assert await answer.get_json() == {"type": 5}
    await until(lambda: keyed.discord.edited, "the answer")
    assert "Pong" in keyed.discord.edited[0]["content"]
    assert len(keyed.discord.edited) == 1
    assert keyed.discord.sessions == {}


async def test_a_private_answer_to_a_slash_command_is_for_the_asker_alone(server: Server) -> None:
    slow = server.inst.fake("slow")

    @slow.offers(EXECUTE)
    async def execute(_: Invocation, __: Caller) -> Reply:
        return Reply(actions=(Chat("Only for you.", private=True),))

    card = CommandCard("secretly", "Whisper.", "!secretly")
    manifest = Manifest("slow", "1", "interaction", "http://127.0.0.1:1", "one", commands=(card,))
    await slow.client.call("router", router.INTRODUCE, router.Introduction("slow", manifest))
    await server.discord.interact(server.guild, server.dee, 2, _chosen("command", name="!secretly"))
    said = (await server.says())[0]
    assert (said["content"], said["flags"]) == ("Only for you.", 64)
    assert server.discord.edited[0]["content"] == "The answer is for you alone."


async def test_the_bot_tells_what_it_can_do_here(server: Server) -> None:
    await _registered(server)
    await server.discord.interact(server.guild, server.dee, 2, _chosen("waddlebot", "status"))
    await until(lambda: server.discord.callbacks, "an answer")
    told = server.discord.callbacks[0]["data"]
    assert (told["content"], told["flags"]) == (
        "Community «Penguins», 4 modules with commands, message text readable.", 64,
    )  # fmt: skip
