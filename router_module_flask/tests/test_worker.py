"""The worker: channels begin in order, executions overlap, and one event that fails takes no other with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from flask_core.datamodels import Invocation, Moderate, Reply
from flask_core.errors import Unavailable
from flask_core.testing.installation import until
from router_module_flask.models import Entry, Outgoing
from router_module_flask.moderation.verdicts import Verdict
from router_module_flask.pipeline import Pipeline
from router_module_flask.tests.fakes import World, chat_event, entry
from router_module_flask.worker import PER_MEMBER, Worker


class FakeLog:
    """Hands out what the test puts in; keeps what was given back and what was renewed."""

    def __init__(self) -> None:
        self.waiting: asyncio.Queue[Entry] = asyncio.Queue()
        self.given_back: list[str] = []
        self.renewed: list[str] = []
        self.away = False

    async def read(self) -> list[Entry]:
        return [await self.waiting.get()]

    async def retry(self, entry: Entry) -> None:
        if self.away:
            raise Unavailable("The event log is not answering right now.")
        self.given_back.append(entry.event.text)

    async def keep(self, entries: Sequence[Entry]) -> None:
        if self.away:
            raise Unavailable("The event log is not answering right now.")
        self.renewed += [entry.event.text for entry in entries]


class Slow:
    """A module that runs until it is let go; `running` are the texts of what runs."""

    def __init__(self) -> None:
        self.running: list[str] = []
        self.done: list[str] = []
        self.go = asyncio.Event()

    async def run(self, module: str, invocation: Invocation, timeout: float) -> Reply:
        if "breaks" in invocation.text:
            raise RuntimeError("nobody thought of this")
        self.running.append(invocation.text)
        await self.go.wait()
        self.running.remove(invocation.text)
        self.done.append(invocation.text)
        return Reply()


class Shift:
    """A worker at work."""

    def __init__(self) -> None:
        self.world = World()
        self.module = Slow()
        self.log = FakeLog()
        world = self.world
        self.pipeline = Pipeline.around(
            world.contexts, world.moderation, world.directory, world.limits, self.module, world.records, world.shared
        )
        self.worker = Worker(self.log, self.pipeline)  # type: ignore[arg-type]

    def say(self, text: str, user: str = "dee", channel: str = "console:2:main") -> None:
        self.log.waiting.put_nowait(entry(chat_event(text, user, channel, moderator=True)))

    @property
    def recorded(self) -> list[str]:
        return [finished.entry.event.text for finished in self.world.records.finished]


@pytest_asyncio.fixture
async def shift() -> AsyncIterator[Shift]:
    shift = Shift()
    reading = asyncio.create_task(shift.worker.run())
    yield shift
    shift.module.go.set()
    await shift.worker.settle()
    reading.cancel()


async def test_a_slow_command_delays_nobody_who_speaks_after_it(shift: Shift) -> None:
    shift.say("!quote 1")
    shift.say("hello", user="eve")
    shift.say("!quote 2", user="cy")
    await until(lambda: shift.recorded == ["hello"] and len(shift.module.running) == 2)
    shift.module.go.set()
    await until(lambda: len(shift.recorded) == 3)


async def test_a_member_has_two_commands_running_and_the_rest_wait(shift: Shift) -> None:
    for number in range(4):
        shift.say(f'!quote add "{number}"')
    shift.say("hello", user="eve")
    await until(lambda: shift.recorded == ["hello"])
    assert len(shift.module.running) == PER_MEMBER
    shift.module.go.set()
    await until(lambda: len(shift.module.done) == 4)


async def test_an_event_that_nobody_can_begin_is_given_back_and_the_next_one_goes_on(
    shift: Shift, caplog: pytest.LogCaptureFixture
) -> None:
    find = shift.world.directory.find

    def broken(text: str, community_id: int) -> object:
        if text == "poison":
            raise RuntimeError("nobody thought of this")
        return find(text, community_id)

    shift.world.directory.find = broken  # type: ignore[method-assign, assignment]
    shift.say("poison")
    shift.say("hello")
    await until(lambda: shift.recorded == ["hello"])
    assert shift.log.given_back == ["poison"]
    assert "an event failed and is given back" in caplog.text


async def test_a_command_that_breaks_is_given_back(shift: Shift, caplog: pytest.LogCaptureFixture) -> None:
    shift.say('!quote add "breaks"')
    await until(lambda: shift.log.given_back)
    assert shift.recorded == []
    assert "a command failed and is given back" in caplog.text


async def test_a_log_that_is_away_keeps_nothing_from_ending(
    shift: Shift, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("router_module_flask.worker.KEEP_SECONDS", 0.01)
    keeping = asyncio.create_task(shift.worker.keep_alive())
    shift.say("!quote 1")
    await until(lambda: shift.log.renewed)
    shift.log.away = True
    shift.say('!quote add "breaks"')
    await until(lambda: "could not give an event back" in caplog.text)
    await until(lambda: "could not renew what is under way" in caplog.text)
    shift.log.away = False
    shift.log.renewed.clear()
    await until(lambda: set(shift.log.renewed) == {"!quote 1"})
    keeping.cancel()


async def test_what_is_read_twice_is_begun_once(shift: Shift) -> None:
    again = entry(chat_event("!quote 1"))
    shift.log.waiting.put_nowait(again)
    shift.log.waiting.put_nowait(again)
    shift.say("hello", user="eve")
    await until(lambda: shift.recorded == ["hello"])
    assert shift.module.running == ["!quote 1"]


async def test_no_more_is_read_than_fits(shift: Shift, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router_module_flask.worker.MOST_UNDER_WAY", 1)
    monkeypatch.setattr("router_module_flask.worker.MOST_BEGUN", 2)
    for number in range(3):
        shift.say(f"!quote {number}", user=f"user-{number}")
    shift.say("hello", user="eve")
    await until(lambda: len(shift.module.running) == 2)
    assert shift.recorded == []
    assert shift.log.waiting.qsize() >= 1
    shift.module.go.set()
    await until(lambda: len(shift.recorded) == 4)


@pytest.mark.timeout(10)
async def test_settling_ends_when_the_last_one_ended_just_now(shift: Shift) -> None:
    async def nothing() -> None:
        return

    shift.worker._spawn(nothing())
    await asyncio.sleep(0)
    assert shift.worker._tasks
    await shift.worker.settle()
    assert not shift.worker._tasks


@pytest.mark.promise("router.4")
async def test_no_slow_command_delays_what_moderation_does_about_the_next_line(shift: Shift) -> None:
    delete = Outgoing("filters", "k", 2, "console:2:main", "portal", Moderate("delete", message_id="m9"), 0, 600)
    shift.world.moderation.verdicts["free skins"] = Verdict((delete,))
    for number in range(3):
        shift.say(f"!quote {number}")
    shift.say("free skins", user="eve")
    await until(lambda: shift.recorded == ["free skins"])
    assert shift.world.records.handed_out == [delete]
    assert len(shift.module.running) == PER_MEMBER
    assert shift.module.done == []


async def test_running_commands_leave_room_to_read_and_moderate(shift: Shift, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router_module_flask.worker.MOST_UNDER_WAY", 1)
    for number in range(3):
        shift.say(f"!quote {number}", user=f"user-{number}")
    shift.say("hello", user="eve")
    await until(lambda: shift.recorded == ["hello"])
    assert len(shift.module.running) == 3
