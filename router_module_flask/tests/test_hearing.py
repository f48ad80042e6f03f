"""Modules that asked for events: in their order or at once, each failing alone, and once per stream."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from flask_core.datamodels import EventInterest, Invocation, Manifest, MessageType, Reply
from flask_core.errors import Unavailable
from router_module_flask.streams import Streams
from router_module_flask.tests.fakes import World, chat_event


def hears(world: World, name: str, **interest: Any) -> None:
    wanted = EventInterest(interest.pop("kind", MessageType.RAID), **interest)
    world.directory.take(Manifest(name, "1", "interaction", "", "one", events=(wanted,)))


def happening(kind: MessageType, user: str = "dee", text: str = "") -> Any:
    return msgspec.structs.replace(chat_event(text, user), message_type=kind)


class Meeting:
    """Modules that answer when everybody who runs at once is there."""

    def __init__(self, world: World, parties: int) -> None:
        self.ran: list[str] = []
        self._barrier = asyncio.Barrier(parties)
        world.modules.run = self.run  # type: ignore[method-assign]

    async def run(self, module: str, invocation: Invocation, timeout: float) -> Reply:
        self.ran.append(module)
        if module.startswith("together"):
            async with asyncio.timeout(5):
                await self._barrier.wait()
        return Reply.chat(module)


async def test_those_with_an_order_go_first_and_the_others_run_at_once() -> None:
    world = World()
    for name, priority in (("second", 20), ("first", 10)):
        hears(world, name, parallel=False, priority=priority)
    for name in ("together-a", "together-b"):
        world.directory.manifests.pop(name, None)
        hears(world, name)
    meeting = Meeting(world, 2)
    assert await world.happens(happening(MessageType.RAID)) == "first / second / together-a / together-b"
    assert meeting.ran[:2] == ["first", "second"]


@pytest.mark.parametrize("failure", [Unavailable("away"), RuntimeError("nobody thought of this")])
@pytest.mark.parametrize("parallel", [True, False])
async def test_each_fails_alone(failure: Exception, parallel: bool, caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    for name in ("alpha", "beta", "gamma"):
        hears(world, name, parallel=parallel)

    async def run(module: str, invocation: Invocation, timeout: float) -> Reply:
        if module == "beta":
            raise failure
        return Reply.chat(module)

    world.modules.run = run  # type: ignore[method-assign]
    assert await world.happens(happening(MessageType.RAID)) == "alpha / gamma"
    outcomes = {run.module: run.outcome for run in world.records.finished[-1].runs}
    assert outcomes == {"alpha": "said", "beta": getattr(failure, "code", "failed"), "gamma": "said"}


async def test_one_that_is_off_here_leaves_no_run_behind() -> None:
    world = World()
    hears(world, "alpha")
    world.customs.states[("alpha", "")] = False
    assert await world.happens(happening(MessageType.RAID)) == ""
    assert world.records.finished[-1].runs == []


@pytest.mark.promise("router.23")
async def test_the_first_line_in_a_stream_is_told_once_per_member_over_replicas() -> None:
    world = World()
    hears(world, "greeter", kind=MessageType.CHAT, first_in_stream=True)
    world.modules.answer = lambda invocation: Reply.chat(f"Hi {invocation.member.name}!")
    other = World()
    hears(other, "greeter", kind=MessageType.CHAT, first_in_stream=True)
    other.modules.answer = world.modules.answer
    hearing = other.pipeline.hearing
    object.__setattr__(hearing, "streams", Streams(world.shared))
    assert await world.say("before the stream") == ""
    await world.happens(happening(MessageType.STREAM_ONLINE))
    assert await world.say("hello") == "Hi Dee!"
    assert await world.say("hello again") == ""
    assert await other.say("hello from another replica") == ""
    assert await other.say("hello", user="ben") == "Hi Ben!"
    assert await world.say("me again", user="ben") == ""
    await world.happens(happening(MessageType.STREAM_OFFLINE))
    assert await world.say("is it over?", user="cy") == ""
    await world.happens(happening(MessageType.STREAM_ONLINE))
    assert await world.say("again") == "Hi Dee!"


@pytest.mark.promise("router.23")
async def test_an_entry_that_is_taken_over_is_still_the_first() -> None:
    world = World()
    hears(world, "greeter", kind=MessageType.CHAT, first_in_stream=True)
    await world.happens(happening(MessageType.STREAM_ONLINE))
    event = chat_event("hello")
    for attempts in (1, 2):
        await world.happens(event, attempts)
    assert [run.module for finished in world.records.finished[1:] for run in finished.runs] == ["greeter", "greeter"]


@pytest.mark.parametrize(
    ("interest", "text", "data", "told"),
    [
        ({"mentions_bot": True}, "hey @WaddleBot", {}, True),
        ({"mentions_bot": True}, "hey <@B42>", {"mentions_bot": True}, True),
        ({"mentions_bot": True}, "hey bot", {}, False),
        ({"matches": r"(?i)\bfish\b"}, "Fish!", {}, True),
        ({"matches": r"(?i)\bfish\b"}, "selfish", {}, False),
    ],
)
async def test_whom_a_line_interests(interest: dict[str, Any], text: str, data: dict[str, Any], told: bool) -> None:
    world = World()
    hears(world, "ai", kind=MessageType.CHAT, **interest)
    await world.say(text, data=data)
    assert bool(world.modules.asked) is told


@pytest.mark.parametrize(("amount", "told"), [(None, False), (99, False), (100, True)])
async def test_small_amounts_interest_nobody(amount: int | None, told: bool) -> None:
    world = World()
    hears(world, "thanks", kind=MessageType.CHEER, min_amount=100)
    await world.happens(msgspec.structs.replace(happening(MessageType.CHEER), amount=amount))
    assert bool(world.modules.asked) is told
