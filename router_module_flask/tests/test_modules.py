"""Modules that hang, die or talk nonsense: one clear answer, and everybody else is served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest

from flask_core.contracts import module, router
from flask_core.datamodels import EventInterest, Invocation, MessageType, Reply
from flask_core.operations import Caller
from flask_core.testing.installation import until
from router_module_flask.tests.conftest import ECHO, Town

APOLOGY = "The echo module is not answering right now."
type Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def dies_in_the_middle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"actions": [')


async def says_nothing(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    return


async def hangs(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def is_a_proxy_without_its_module(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 15\r\n\r\n<h1>nginx</h1>\n")


async def speaks_no_http(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\x01\x02 nonsense\r\n\r\n")


async def answers_something_else(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<h1>hello</h1>\n")


@asynccontextmanager
async def elsewhere(town: Town, behaviour: Behaviour) -> AsyncIterator[None]:
    """The echo module is another process, and behaves like that."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await behaviour(reader, writer)
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1")
    del town.inst.runtime.modules["echo"]
    port = server.sockets[0].getsockname()[1]
    cards = tuple(msgspec.structs.replace(card, timeout=0.5) for card in ECHO.commands)
    there = msgspec.structs.replace(ECHO, commands=cards, base_url=f"http://127.0.0.1:{port}")
    await town.echo.client.call("router", router.INTRODUCE, router.Introduction("echo", there))
    yield
    server.close()
    server.close_clients()


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (dies_in_the_middle, APOLOGY),
        (says_nothing, APOLOGY),
        (hangs, APOLOGY),
        (is_a_proxy_without_its_module, APOLOGY),
        (speaks_no_http, APOLOGY),
        (answers_something_else, "The echo module answered something that cannot be read."),
    ],
)
async def test_a_module_that_behaves_badly_is_apologised_for(town: Town, behaviour: Behaviour, said: str) -> None:
    async with elsewhere(town, behaviour):
        event_id = await town.write("!echo hi")
        await until(lambda: town.said)
        assert [delivery.action.text for delivery in town.said] == [said]
        assert (await town.recorded(event_id)).outcome == "failed"
        assert (await town.ask("!ping")).startswith("Pong.")


async def test_a_module_that_hangs_on_an_event_takes_nothing_from_the_others(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("router_module_flask.hearing._TIMEOUT", 0.1)
    greets = EventInterest(MessageType.RAID)
    for name in ("greeter", "sleeper"):
        played = town.inst.fake(name)
        manifest = router.Manifest(name, "1", "interaction", "", "one", events=(greets,))
        await played.client.call("router", router.INTRODUCE, router.Introduction(name, manifest))
        played.offers(module.EXECUTE)(_sleeps if name == "sleeper" else _greets)
    event_id = await town.happens(MessageType.RAID, "rita", amount=40)
    await until(lambda: town.said)
    assert town.said[0].action.text == "Welcome, Rita!"
    steps = {step.name: step.said for step in (await town.recorded(event_id)).steps}
    assert (steps["greeter"], steps["sleeper"]) == ("said", "unavailable")


async def _greets(asked: Invocation, _: Caller) -> Reply:
    return Reply.chat(f"Welcome, {asked.member.name}!")


async def _sleeps(asked: Invocation, _: Caller) -> Reply:
    await asyncio.Event().wait()
    return Reply()


async def test_a_module_that_is_away_is_apologised_for(town: Town) -> None:
    del town.inst.runtime.modules["echo"]
    assert await town.ask("!echo hi") == "The echo module is not answering right now."


async def test_a_module_that_answers_garbage_is_apologised_for(town: Town) -> None:
    class Garbage:
        async def serve(self, key: object, token: str, body: bytes) -> bytes:
            return b"<html>"

    town.inst.runtime.modules["echo"] = Garbage()
    assert await town.ask("!echo hi") == "The echo module answered something that cannot be read."


async def test_a_module_that_hangs_is_given_up(town: Town) -> None:
    class Hangs:
        async def serve(self, key: object, token: str, body: bytes) -> bytes:
            await asyncio.Event().wait()
            return b""

    town.inst.runtime.modules["echo"] = Hangs()
    directory = town.inst.services["router"].app.extensions["router"].directory
    slow = directory.words.at(("!", "slow"))[0][1]
    directory.words._offers["!", "slow"] = (("echo", msgspec.structs.replace(slow, timeout=0.05)),)
    assert await town.ask("!slow") == "The echo module is not answering right now."


async def test_an_unexpected_failure_names_a_trace(town: Town) -> None:
    class Breaks:
        async def serve(self, key: object, token: str, body: bytes) -> bytes:
            raise RuntimeError("secret details")

    town.inst.runtime.modules["echo"] = Breaks()
    said = await town.ask("!echo hi")
    assert said.startswith("Something went wrong on our side (trace ")
    assert "secret" not in said
