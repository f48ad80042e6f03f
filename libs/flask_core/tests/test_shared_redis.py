"""What shared state in Redis promises when Redis is slow, gone, back, or was emptied."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from flask_core.errors import Unavailable
from flask_core.shared_redis import RedisState
from flask_core.shared_state import MISSED, NOT_ANSWERING


class Wire:
    """The cable between us and Redis: can be cut, and can be connected to nothing."""

    def __init__(self, redis_url: str) -> None:
        parts = urlsplit(redis_url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 6379)
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.silent = False
        self.opened = 0
        self.carried = 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    async def connect(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.opened += 1
        there_reader, there_writer = await asyncio.open_connection(*self._target)
        self._writers |= {writer, there_writer}
        with suppress(asyncio.CancelledError, OSError):
            await asyncio.gather(self._carry(reader, there_writer), self._carry(there_reader, writer))
        writer.close()
        there_writer.close()
        self._tasks.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            self.carried += 1
            if not self.silent:
                writer.write(data)
        writer.close()


async def everything_arrived() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.fixture
async def wire(redis_url: str) -> AsyncIterator[Wire]:
    wire = Wire(redis_url)
    await wire.connect()
    yield wire
    await wire.cut()


@pytest.fixture
async def state(wire: Wire) -> AsyncIterator[RedisState]:
    state = RedisState(wire.url, answer_seconds=0.3)
    yield state
    await state.close()


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.mark.parametrize(
    "ask",
    [
        lambda state: state.claim_once("a", 5),
        lambda state: state.get("a"),
        lambda state: state.set("a", b"1", 5),
        lambda state: state.cooldown([("a", 5)]),
        lambda state: state.spend("a", capacity=1, per_seconds=1),
        lambda state: state.lease("a", "me", 5),
        lambda state: state.publish("a", b""),
        lambda state: state.ping(),
    ],
)
async def test_without_redis_everything_is_refused_and_nothing_kept_here(wire: Wire, state: RedisState, ask) -> None:  # type: ignore[no-untyped-def]
    await wire.cut()
    for _ in range(2):
        with pytest.raises(Unavailable, match=NOT_ANSWERING):
            await ask(state)


async def test_a_silent_redis_is_given_up_in_time(wire: Wire, state: RedisState) -> None:
    await state.ping()
    wire.silent = True
    began = time.monotonic()
    answers = await asyncio.gather(*(state.get(str(n)) for n in range(20)), return_exceptions=True)
    assert time.monotonic() - began < 0.6
    assert {type(answer) for answer in answers} == {Unavailable}


async def test_a_question_that_was_given_up_is_not_asked_later(wire: Wire, state: RedisState, client: Redis) -> None:
    wire.silent = True
    first = asyncio.create_task(state.get("a"))
    await everything_arrived()
    second = asyncio.create_task(state.claim_once("event", 60))
    await everything_arrived()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    wire.silent = False
    await state.ping()
    assert await client.get("wb:event") is None


async def test_redis_that_comes_back_answers_again(wire: Wire, state: RedisState) -> None:
    await state.set("a", b"1", 60)
    await wire.cut()
    with pytest.raises(Unavailable):
        await state.get("a")
    await wire.connect()
    assert await state.get("a") == b"1"


async def test_a_connection_that_died_unnoticed_costs_no_request(wire: Wire, state: RedisState) -> None:
    await state.set("a", b"1", 60)
    await wire.cut()
    await wire.connect()
    await everything_arrived()
    assert await state.get("a") == b"1"


async def test_scripts_that_redis_forgot_are_brought_along_again(state: RedisState, client: Redis) -> None:
    assert await state.cooldown([("a", 60)]) == 0.0
    await client.script_flush()
    answers = await asyncio.gather(state.cooldown([("a", 60)]), state.get("nothing"), state.cooldown([("b", 60)]))
    assert answers == [pytest.approx(60, abs=1), None, 0.0]


async def test_a_command_that_redis_refuses_does_not_harm_its_neighbours(state: RedisState) -> None:
    await state.set("text", b"no number", 60)
    answers = await asyncio.gather(state.increment("text", 60), state.get("text"), return_exceptions=True)
    assert isinstance(answers[0], ResponseError)
    assert answers[1] == b"no number"


async def test_a_redis_that_is_full_counts_as_away(state: RedisState, client: Redis) -> None:
    await client.config_set("maxmemory", "1")
    try:
        with pytest.raises(Unavailable, match=NOT_ANSWERING):
            await state.set("a", b"1", 60)
    finally:
        await client.config_set("maxmemory", "0")
    assert await state.get("a") is None


async def test_a_long_answer_arrives_whole(state: RedisState) -> None:
    long = bytes(range(256)) * 8_192
    await state.set("long", long, 60)
    assert await asyncio.gather(state.get("long"), state.get("nothing"), state.get("long")) == [long, None, long]


async def test_keys_carry_our_prefix_and_an_end(state: RedisState, client: Redis) -> None:
    await state.claim_once("claim", 60)
    await state.increment("counter", 60)
    await state.cooldown([("bucket", 60)])
    await state.spend("budget", capacity=5, per_seconds=60)
    await state.lease("lease", "me", 60)
    keys = [key async for key in client.scan_iter("*")]
    assert sorted(keys) == [b"wb:bucket", b"wb:budget", b"wb:claim", b"wb:counter", b"wb:lease:lease"]
    assert all([0 < await client.pttl(key) <= 60_000 for key in keys])


async def test_subscriptions_survive_a_cut_and_say_that_messages_may_be_missing(wire: Wire, state: RedisState) -> None:
    async with asyncio.timeout(10), state.subscribe("news") as messages, state.subscribe("news", "more") as others:
        await state.publish("news", b"before")
        assert await anext(messages) == ("news", b"before")
        await wire.cut()
        await wire.connect()
        assert await anext(messages) == MISSED
        await state.publish("news", b"after")
        assert await anext(messages) == ("news", b"after")
        assert [await anext(others) for _ in range(3)] == [("news", b"before"), MISSED, ("news", b"after")]


async def test_a_subscription_that_went_silent_connects_again(wire: Wire) -> None:
    state = RedisState(wire.url, answer_seconds=0.3, quiet_seconds=0.1)
    async with asyncio.timeout(5), state.subscribe("news") as messages:
        wire.silent = True
        await _until(lambda: wire.opened >= 2)
        wire.silent = False
        assert await anext(messages) == MISSED
    await state.close()


async def test_a_quiet_subscription_stays_connected(wire: Wire) -> None:
    state = RedisState(wire.url, answer_seconds=0.3, quiet_seconds=0.02)
    async with asyncio.timeout(5), state.subscribe("news") as messages:
        await _until(lambda: wire.carried >= 5)
        await state.publish("news", b"still here")
        assert await anext(messages) == ("news", b"still here")
    await state.close()


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await everything_arrived()


async def test_subscribing_without_redis_is_refused_in_time(wire: Wire, state: RedisState) -> None:
    await wire.cut()
    with pytest.raises(Unavailable, match=NOT_ANSWERING):
        async with state.subscribe("news"):
            raise AssertionError("nobody confirmed")


async def test_subscribing_waits_for_a_redis_that_is_just_coming_back(wire: Wire, redis_url: str) -> None:
    state = RedisState(wire.url, answer_seconds=5)
    await wire.cut()
    entered = asyncio.create_task(_first_message(state))
    await everything_arrived()
    await wire.connect()
    other = RedisState(redis_url)
    async with asyncio.timeout(5):
        while not entered.done():
            await other.publish("news", b"hello")
            await everything_arrived()
    assert await entered in {("news", b"hello"), MISSED}
    await state.close()
    await other.close()


async def _first_message(state: RedisState) -> tuple[str, bytes]:
    async with state.subscribe("news") as messages:
        return await anext(messages)


async def test_topics_nobody_listens_to_are_left(state: RedisState, client: Redis) -> None:
    async with state.subscribe("one"):
        async with state.subscribe("one", "two"):
            assert sorted(await client.pubsub_channels("wb:*")) == [b"wb:one", b"wb:two"]
        async with state.subscribe("three"):
            assert sorted(await client.pubsub_channels("wb:*")) == [b"wb:one", b"wb:three"]


async def test_closing_refuses_what_still_waits(wire: Wire) -> None:
    state = RedisState(wire.url)
    await state.ping()
    wire.silent = True
    waiting = asyncio.create_task(state.get("a"))
    await everything_arrived()
    await state.close()
    with pytest.raises(Unavailable):
        await waiting
