"""Modules that asked for events: in their order or at once, each failing alone, and once per stream."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from flask_core.contracts import wishes
from flask_core.datamodels import Account, EventInterest, Invocation, Manifest, MessageType, RepliedTo, Reply, Trigger
from flask_core.errors import InvalidInput, Unavailable
from flask_core.testing.installation import until
from router_module_flask.streams import Streams
from router_module_flask.tests.conftest import Town
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
        ({"channels": (chat_event("").channel,)}, "hello", {}, True),
        ({"channels": ("twitch:1:1",)}, "hello", {}, False),
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


@pytest.mark.parametrize(
    ("text", "more", "heard"),
    [
        ("@waddlebot hello", {}, True),
        ("what does WaddleBot think?", {}, True),
        ("waddlebots are many", {}, False),
        ("nobody is called", {}, False),
        ("<@100> hello", {"data": {"mentions_bot": True}}, True),
        ("why?", {"reply_to": RepliedTo("m1", Account("bot", bot=True))}, True),
        ("why?", {"reply_to": RepliedTo("m1", Account("eve"))}, False),
    ],
)
async def test_who_wants_to_be_called_hears_name_mention_and_answer(
    text: str, more: dict[str, Any], heard: bool
) -> None:
    world = World()
    hears(world, "ai", kind=MessageType.CHAT, mentions_bot=True)
    await world.happens(msgspec.structs.replace(chat_event(text), **more))
    assert [module for module, _ in world.modules.asked] == (["ai"] if heard else [])


async def test_who_calls_the_bot_and_is_heard_did_not_mistype_a_command() -> None:
    world = World()
    world.decide(unknown_command="pointer")
    pointer = "There is no such command here. !commands lists what you may use."
    assert await world.say("@waddlebot hello", "dee") == pointer
    hears(world, "ai", kind=MessageType.CHAT, mentions_bot=True)
    assert await world.say("@waddlebot hello", "eve") == "ran "
    assert await world.say("!hallo", "fay") == pointer


async def test_one_community_wants_more_than_the_manifest_says(town: Town) -> None:
    question = EventInterest(MessageType.CHAT, matches=r"[?]\s*$")
    follow = EventInterest(MessageType.FOLLOW)
    put = wishes.PutWishes(town.community_id, (question, follow))
    await town.recorded(await town.write("is anybody there?"))
    await town.echo.client.call("router", wishes.PUT_WISHES, put)
    await town.recorded(await town.write("just words"))
    assert await town.ask("is anybody there now?") == "Dee said is anybody there now?"
    await town.happens(MessageType.FOLLOW)
    await until(lambda: len(town.runs) == 2)
    assert [run.trigger for run in town.runs] == [Trigger.EVENT, Trigger.EVENT]
    bad = wishes.PutWishes(town.community_id, (EventInterest(MessageType.CHAT, matches="("),))
    with pytest.raises(InvalidInput):
        await town.echo.client.call("router", wishes.PUT_WISHES, bad)
    await town.echo.client.call("router", wishes.PUT_WISHES, wishes.PutWishes(town.community_id, ()))
    await town.recorded(await town.write("and now?"))
    assert len(town.runs) == 2
