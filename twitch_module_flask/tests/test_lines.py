"""Lines to Twitch: greeted, moved, lost, silent, and opened again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from flask_core.errors import UpstreamFailed
from flask_core.testing.fake_twitch import FakeTwitch, running_twitch
from flask_core.testing.fake_twitch_conduits import Conduit
from flask_core.testing.fake_twitch_sockets import SENT_TRAFFIC, UNUSED
from flask_core.testing.installation import until
from twitch_module_flask.eventsub.connection import CLOSES, Door, read_frame
from twitch_module_flask.eventsub.line import Line
from twitch_module_flask.models import Notification

RAID = {"to_broadcaster_user_id": "1337", "viewers": 3}


@dataclass
class Ear:
    """A line to a shard of a conduit through which one kind of notification is told."""

    twitch: FakeTwitch
    conduit: Conduit
    line: Line
    bound: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    lazy: int = 0

    async def bind(self, session_id: str) -> None:
        """Bind the shard, unless this time nobody does."""
        self.bound.append(session_id)
        if self.lazy:
            self.lazy -= 1
            return
        session = self.twitch.sockets.open[session_id]
        session.used = True
        self.conduit.shards[0] = session_id
        self.conduit.disabled.clear()

    async def hear(self, message: Notification) -> None:
        """Remember it."""
        self.heard.append(message.message_id)

    async def told(self, message_id: str) -> None:
        """Twitch tells something."""
        await self.twitch.notify("channel.raid", RAID, message_id)


@asynccontextmanager
async def listening(prepare: Callable[[Ear], None] = lambda _: None) -> AsyncIterator[Ear]:
    """Somebody who hears raids."""
    async with running_twitch() as twitch:
        conduit = twitch.add_conduit(1)
        twitch.subscriptions["s"] = {
            "id": "s", "type": "channel.raid", "version": "1", "condition": {"to_broadcaster_user_id": "1337"},
            "status": "enabled", "cost": 0, "secret": "", "owner": "",
            "transport": {"method": "conduit", "conduit_id": conduit.id},
        }  # fmt: skip
        door = Door(twitch.sockets.url)
        ear = Ear(twitch, conduit, Line(door, _later, _later))

        async def pause(seconds: float) -> None:
            ear.pauses.append(seconds)

        ear.line = Line(door, ear.bind, ear.hear, sleep=pause, chance=lambda: 0.5)
        prepare(ear)
        ear.line.start()
        try:
            await until(lambda: ear.conduit.shards.get(0) or ear.lazy or twitch.sockets.connected, "a line")
            yield ear
        finally:
            await ear.line.stop()
            await door.close()


async def _later(_: Any) -> None:
    raise AssertionError("this line is never opened")


async def reads(ear: Ear, after: int) -> None:
    """Until the shard is bound once more than `after` times, and the line is there."""
    await until(lambda: len(ear.bound) > after and ear.conduit.shards.get(0) == ear.line.session_id, "a new binding")


async def test_what_twitch_tells_is_heard_and_nothing_is_said_back() -> None:
    async with listening() as ear:
        await reads(ear, 0)
        await ear.told("m-1")
        await until(lambda: ear.heard == ["m-1"])
        assert SENT_TRAFFIC not in ear.twitch.sockets.codes


@pytest.mark.promise("twitch.7")
async def test_when_twitch_moves_a_line_nothing_is_lost_or_doubled() -> None:
    async with listening() as ear:
        await reads(ear, 0)
        old = next(iter(ear.twitch.sockets.open.values()))
        await ear.told("before")
        await ear.twitch.sockets.ask_to_reconnect()
        # The old line still speaks until the new one is greeted.
        await old.tell("notification", {"subscription": {"type": "channel.raid"}, "event": RAID}, "meanwhile")
        await until(lambda: ear.line.session_id not in {"", old.id}, "the new line")
        await ear.told("after")
        await until(lambda: len(ear.heard) == 3, "all three")
        assert ear.heard == ["before", "meanwhile", "after"]
        assert (len(ear.bound), ear.twitch.lost, ear.pauses) == (1, [], [])
        await until(lambda: old.ws.closed, "the end of the old line")
        assert list(ear.twitch.sockets.open) == [ear.line.session_id]


@pytest.mark.promise("twitch.7")
async def test_the_old_line_is_kept_until_the_new_one_is_greeted() -> None:
    async with listening() as ear:
        await reads(ear, 0)
        old = ear.line.session_id
        ear.twitch.sockets.welcomes = False
        await ear.twitch.sockets.ask_to_reconnect()
        await until(lambda: ear.twitch.sockets.connected == 2, "the second connection")
        assert old in ear.twitch.sockets.open
        await ear.told("still here")
        await until(lambda: ear.heard == ["still here"])


@pytest.mark.promise("twitch.7")
async def test_a_line_that_was_closed_as_unused_is_bound_afresh() -> None:
    def lazy_once(ear: Ear) -> None:
        ear.twitch.sockets.unused_seconds, ear.lazy = 0.05, 1

    async with listening(lazy_once) as ear:
        await reads(ear, 1)
        assert ear.twitch.sockets.codes == [UNUSED]
        await ear.told("m-1")
        await until(lambda: ear.heard == ["m-1"])


@pytest.mark.parametrize("code", sorted(CLOSES))
async def test_whatever_twitch_hangs_up_with_the_line_comes_back(code: int) -> None:
    async with listening() as ear:
        await reads(ear, 0)
        await ear.twitch.sockets.close(code)
        await reads(ear, 1)
        assert ear.pauses == [0.75]


async def test_a_line_that_went_dead_comes_back() -> None:
    async with listening() as ear:
        await reads(ear, 0)
        ear.twitch.sockets.drop()
        await reads(ear, 1)


async def test_silence_longer_than_the_keepalive_is_the_end_of_a_line() -> None:
    def hardly_patient(ear: Ear) -> None:
        ear.twitch.sockets.keepalive = 0.1

    async with listening(hardly_patient) as ear:
        await reads(ear, 0)
        first = ear.line.session_id
        ear.twitch.sockets.silent = True
        await reads(ear, 1)
        assert ear.line.session_id != first


async def test_keepalives_keep_a_line() -> None:
    def short(ear: Ear) -> None:
        ear.twitch.sockets.keepalive = 0.4

    async with listening(short) as ear:
        await reads(ear, 0)
        session = next(iter(ear.twitch.sockets.open.values()))
        began = session.said_at
        await until(lambda: session.said_at - began > 1.2, "three times the patience")
        assert len(ear.bound) == 1


async def pauses_of(door: Door, count: int) -> list[float]:
    """The pauses of a line that is never opened."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == count:
            await asyncio.Event().wait()

    line = Line(door, _later, _later, sleep=pause, chance=lambda: 1.0)
    line.start()
    try:
        await until(lambda: len(pauses) == count)
    finally:
        await line.stop()
        await door.close()
    return pauses


async def test_pauses_grow_to_a_minute_while_twitch_does_not_let_us_in() -> None:
    async with running_twitch() as twitch:
        closed = Door(twitch.sockets.url.replace("/ws", "/closed"))
        assert await pauses_of(closed, 9) == [1, 2, 4, 8, 16, 32, 60, 60, 60]


async def test_pauses_stay_short_while_nobody_is_there(caplog: pytest.LogCaptureFixture) -> None:
    assert await pauses_of(Door("ws://127.0.0.1:1/ws"), 6) == [1, 2, 4, 5, 5, 5]
    assert len([one for one in caplog.messages if "broke" in one]) == 1, "the same trouble is told once"


@pytest.mark.parametrize("url", ["wss://evil.example/ws", "ws://eventsub.wss.twitch.tv/ws", "https://x.wss.twitch.tv/"])
async def test_a_line_moves_to_no_address_that_is_not_twitchs(url: str) -> None:
    door = Door("wss://eventsub.wss.twitch.tv/ws")
    with pytest.raises(UpstreamFailed):
        await door.open(url)


async def test_who_does_not_greet_is_not_believed() -> None:
    async with running_twitch() as twitch:
        door = Door(twitch.sockets.url)
        opening: Awaitable[Any] = asyncio.ensure_future(door.open())
        twitch.sockets.welcomes = False
        await until(lambda: twitch.sockets.open)
        await next(iter(twitch.sockets.open.values())).tell("session_keepalive", {})
        with pytest.raises(UpstreamFailed, match="greet"):
            await opening
        await door.close()


@pytest.mark.parametrize("data", ["", "[]", "{", '{"metadata": {}}', b"\xff", '{"metadata": {"message_id": 3}}'])
def test_what_is_no_message_is_left_out(data: str | bytes) -> None:
    assert read_frame(data) is None
