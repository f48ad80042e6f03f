"""Conversations: a command that waits for the next line, and what a module remembers of a member."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flask_core.commands import Call, CommandGroup
from flask_core.contracts import sessions as contract
from flask_core.datamodels import Invocation, Manifest, Reply, Trigger
from flask_core.errors import NotFound, TooLarge, Unavailable
from flask_core.shared_memory import MemoryState
from router_module_flask.sessions.sessions import Awaited, Sessions
from router_module_flask.tests.conftest import Town
from router_module_flask.tests.fakes import World


def asking(seconds: float = 60) -> World:
    """A world in which !quote asks for something and takes the next line."""
    world = World()

    def answer(invocation: Invocation) -> Reply:
        if invocation.trigger is Trigger.REPLY:
            return Reply.chat(f"Got: {invocation.text}")
        return Reply(Reply.chat("Which one?").actions, expects_reply=seconds)

    world.modules.answer = answer
    world.pipeline.dispatch.sessions._clock = lambda: world.now
    return world


async def test_the_next_plain_line_of_the_member_goes_to_the_command_that_waits() -> None:
    world = asking()
    assert await world.say("!quote") == "Which one?"
    assert await world.say("not me", user="ben") == ""
    assert await world.say("the one with the fish") == "Got: the one with the fish"
    asked, reply = (invocation for _, invocation in world.modules.asked)
    assert (reply.command, reply.trigger, reply.session_id) == ("quote", Trigger.REPLY, asked.session_id)
    assert await world.say("and now?") == ""


async def test_cancel_and_another_command_end_the_waiting() -> None:
    world = asking()
    await world.say("!quote")
    assert await world.say("Cancel") == "Cancelled."
    assert await world.say("hello") == ""
    world.now += 10
    await world.say("!quote")
    await world.say("!so", user="dee")
    world.modules.asked.clear()
    world.modules.answer = lambda invocation: Reply.chat("nobody waits")
    await world.say("!reset")
    assert await world.say("hello") == ""


async def test_it_waits_as_long_as_it_said_and_two_minutes_at_most() -> None:
    for said, waits in ((10, 10), (3_600, 120)):
        world = asking(said)
        await world.say("!quote")
        world.now += waits - 1
        assert await world.say("in time") == "Got: in time"
        world.now += 60
        await world.say("!quote")
        world.now += waits
        assert await world.say("too late") == ""


async def test_in_another_channel_nobody_waits() -> None:
    world = asking()
    await world.say("!quote")
    assert await world.say("hello", channel="console:2:other") == ""
    assert await world.say("hello") == "Got: hello"


async def test_banned_meanwhile_is_not_answered() -> None:
    world = asking()
    await world.say("!quote")
    world.contexts.banned.add("dee")
    assert await world.say("hello") == ""


async def test_the_answer_spends_no_cooldown() -> None:
    world = asking()
    await world.say("!quote")
    assert await world.say("first") == "Got: first"
    assert await world.say("!quote") == "Ready in 10 s."


async def test_other_replicas_know_whom_one_waits_for() -> None:
    shared = MemoryState()
    here, there = Sessions(shared), Sessions(shared)
    await here.wait_for("c", "ann", "memories", "quote", 60)
    kept = here.awaited("c", "ann")
    assert kept is not None
    there._take(kept)
    assert there.awaited("c", "ann") == kept
    there._take(Awaited(kept.session_id))
    assert there.awaited("c", "ann") is None


async def test_a_module_declares_what_it_does_with_the_line() -> None:
    commands = CommandGroup("fishing")

    @commands.command("cast")
    async def cast(call: Call[str]) -> Reply:
        """Cast the line."""
        return Reply(Reply.chat("Which bait?").actions, expects_reply=60)

    @commands.reply("cast")
    async def bait(call: Call[str], line: str) -> Reply:
        return Reply.chat(f"{call.service} takes {line}")

    world = World()

    async def run(module: str, invocation: Invocation, timeout: float) -> Reply:
        return await commands.run("Dee", invocation)

    world.modules.run = run  # type: ignore[method-assign]
    world.directory.take(Manifest("fishing", "1", "interaction", "", "one", commands=commands.cards()))
    assert await world.say("!cast") == "Which bait?"
    assert await world.say("worms") == "Dee takes worms"
    with pytest.raises(ValueError, match="declared before"):
        commands.reply("reel")


async def keep(town: Town, session_id: str, module: str = "echo", **state: object) -> contract.Session:
    return await town.inst.client(module).call("router", contract.PUT_SESSION, contract.Session(session_id, state))


async def test_a_module_keeps_something_until_the_member_is_gone_for_an_hour(town: Town) -> None:
    await town.ask("!echo hi")
    session_id = town.runs[-1].session_id
    echo = town.inst.client("echo")
    asked = contract.SessionId(session_id)
    assert (await echo.call("router", contract.GET_SESSION, asked)).state == {}
    await keep(town, session_id, bait="worms")
    assert (await echo.call("router", contract.GET_SESSION, asked)).state == {"bait": "worms"}
    await town.ask("!echo again")
    assert (await echo.call("router", contract.GET_SESSION, asked)).state == {"bait": "worms"}
    await echo.call("router", contract.END_SESSION, asked)
    for operation in (contract.GET_SESSION, contract.END_SESSION):
        with pytest.raises(NotFound):
            await echo.call("router", operation, asked)


async def test_a_session_is_the_modules_own_and_was_made_by_a_command(town: Town) -> None:
    await town.recorded(await town.write("just chatting"))
    await town.ask("!echo hi", user="ben")
    session_id = town.runs[-1].session_id
    with pytest.raises(NotFound):
        await keep(town, session_id, "memories")
    with pytest.raises(NotFound):
        await keep(town, "0" * 32)
    with pytest.raises(TooLarge):
        await keep(town, session_id, much="x" * 17_000)


async def test_a_session_ends_an_hour_after_its_last_use() -> None:
    now = [1_000.0]
    sessions = Sessions(MemoryState(clock=lambda: now[0]), clock=lambda: now[0])
    await sessions.begin("s1", "fishing")
    await sessions.put(contract.Session("s1", {"bait": "worms"}), "fishing")
    now[0] += 3_599
    assert (await sessions.get("s1", "fishing")).state == {"bait": "worms"}
    now[0] += timedelta(hours=1).total_seconds()
    with pytest.raises(NotFound):
        await sessions.get("s1", "fishing")


async def test_a_command_of_another_module_takes_the_session_over() -> None:
    sessions = Sessions(MemoryState())
    await sessions.begin("s1", "fishing")
    await sessions.put(contract.Session("s1", {"bait": "worms"}), "fishing")
    await sessions.begin("s1", "memories")
    assert (await sessions.get("s1", "memories")).state == {}
    with pytest.raises(NotFound):
        await sessions.get("s1", "fishing")


async def test_whose_session_it_is_is_written_down_once_a_minute() -> None:
    class Counts(MemoryState):
        swaps = 0

        async def swap(self, key: str, value: bytes, seconds: float) -> bytes | None:
            self.swaps += 1
            return await super().swap(key, value, seconds)

    now, shared = [1_000.0], Counts()
    sessions = Sessions(shared, clock=lambda: now[0])
    for _ in range(3):
        await sessions.begin("s1", "fishing")
    assert shared.swaps == 1
    now[0] += 60
    await sessions.begin("s1", "fishing")
    assert shared.swaps == 2


async def test_a_session_that_was_ended_through_another_replica_begins_anew() -> None:
    shared = MemoryState()
    here, there = Sessions(shared), Sessions(shared)
    await here.begin("s1", "fishing")
    await there.end("s1", "fishing")
    here._take(Awaited("s1"))
    await here.begin("s1", "fishing")
    assert (await here.get("s1", "fishing")).state == {}


async def test_nobody_finds_what_another_kept_though_taking_over_was_cut_off() -> None:
    class Dies(MemoryState):
        async def delete(self, *keys: str) -> None:
            raise Unavailable("gone")

    sessions = Sessions(Dies())
    await sessions.begin("s1", "fishing")
    await sessions.put(contract.Session("s1", {"bait": "worms"}), "fishing")
    with pytest.raises(Unavailable):
        await sessions.begin("s1", "memories")
    assert (await sessions.get("s1", "memories")).state == {}
