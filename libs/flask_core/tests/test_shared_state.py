"""The contract of shared state, told once to memory and once to a real Redis."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from redis.asyncio import Redis

from flask_core.errors import Unavailable
from flask_core.shared_memory import MemoryState
from flask_core.shared_redis import RedisState
from flask_core.shared_state import SharedState, open_shared_state

type Elapse = Callable[[float], Awaitable[None]]

ABOUT = 0.25


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def elapse(self, seconds: float) -> None:
        self.now += seconds


class RedisTime:
    """Lets time pass for what Redis keeps, by making everything older."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def elapse(self, seconds: float) -> None:
        async for key in self._client.scan_iter("wb:*"):
            await self._age(key, seconds)

    async def _age(self, key: bytes, seconds: float) -> None:
        left = await self._client.pttl(key) - round(seconds * 1000)
        value = await self._client.get(key) or b""
        left_over, _, counted_at = value.partition(b" ")
        if counted_at.replace(b".", b"").isdigit():
            value = b"%s %f" % (left_over, float(counted_at) - seconds)
        await self._client.delete(key)
        if left > 0:
            await self._client.set(key, value, px=left)


@pytest.fixture(params=["memory", "redis"])
async def kept(request: pytest.FixtureRequest) -> AsyncIterator[tuple[SharedState, Elapse]]:
    if request.param == "memory":
        clock = Clock()
        state: SharedState = MemoryState(clock)
        yield state, clock.elapse
        await state.close()
        return
    url = request.getfixturevalue("redis_url")
    client = Redis.from_url(url)
    await client.flushdb()
    state = RedisState(url)
    yield state, RedisTime(client).elapse
    await state.close()
    await client.aclose()


@pytest.fixture
def shared(kept: tuple[SharedState, Elapse]) -> SharedState:
    return kept[0]


@pytest.fixture
def elapse(kept: tuple[SharedState, Elapse]) -> Elapse:
    return kept[1]


async def test_a_key_is_claimed_once_until_its_time_is_over(shared: SharedState, elapse: Elapse) -> None:
    assert await shared.claim_once("event:1", 60)
    assert not await shared.claim_once("event:1", 60)
    assert await shared.claim_once("event:2", 60)
    await elapse(61)
    assert await shared.claim_once("event:1", 60)


async def test_of_many_who_claim_at_once_exactly_one_wins(shared: SharedState) -> None:
    outcomes = await asyncio.gather(*(shared.claim_once("event", 60) for _ in range(50)))
    assert outcomes.count(True) == 1


async def test_a_value_is_kept_for_its_time(shared: SharedState, elapse: Elapse) -> None:
    assert await shared.get("greeting") is None
    await shared.set("greeting", b"h\x00i", 10)
    assert await shared.get("greeting") == b"h\x00i"
    await shared.set("greeting", b"hello", 20)
    await elapse(15)
    assert await shared.get("greeting") == b"hello"
    await elapse(6)
    assert await shared.get("greeting") is None


async def test_of_several_that_swap_each_finds_another_value(shared: SharedState, elapse: Elapse) -> None:
    assert await shared.swap("seat", b"ada", 10) is None
    found = await asyncio.gather(*(shared.swap("seat", b"%d" % number, 10) for number in range(5)))
    last = await shared.get("seat")
    assert {b"ada", *(b"%d" % number for number in range(5))} - {*found} == {last}
    await elapse(10)
    assert await shared.swap("seat", b"bob", 10) is None
    await elapse(10)
    assert await shared.get("seat") is None


async def test_a_value_can_be_taken_by_one_only(shared: SharedState, elapse: Elapse) -> None:
    await shared.set("ticket", b"seat 7", 10)
    assert sorted(await asyncio.gather(*(shared.take("ticket") for _ in range(5))), key=str) == [None] * 4 + [b"seat 7"]
    await shared.set("ticket", b"seat 8", 10)
    await elapse(11)
    assert await shared.take("ticket") is None


async def test_deleted_keys_are_gone_and_unknown_ones_do_no_harm(shared: SharedState) -> None:
    await shared.set("a", b"1", 10)
    await shared.spend("budget", capacity=1, per_seconds=100)
    await shared.delete("a", "budget", "never there")
    await shared.delete()
    assert await shared.get("a") is None
    assert await shared.spend("budget", capacity=1, per_seconds=100) == 0.0


async def test_a_counter_expires_counted_from_its_first_addition(shared: SharedState, elapse: Elapse) -> None:
    assert await shared.increment("lines", 10) == 1
    await elapse(6)
    assert await shared.increment("lines", 10, by=4) == 5
    assert await shared.get("lines") == b"5"
    await elapse(6)
    assert await shared.increment("lines", 10) == 1


async def test_a_cooldown_takes_all_buckets(shared: SharedState, elapse: Elapse) -> None:
    assert await shared.cooldown([("so:everyone", 5), ("so:grace", 30)]) == 0.0
    assert await shared.cooldown([("so:everyone", 5)]) == pytest.approx(5, abs=ABOUT)
    await elapse(6)
    assert await shared.cooldown([("so:everyone", 5)]) == 0.0


async def test_a_cooldown_that_waits_for_one_bucket_takes_none(shared: SharedState) -> None:
    assert await shared.cooldown([("so:grace", 30), ("so:everyone", 10)]) == 0.0
    wait = await shared.cooldown([("so:ada", 30), ("so:everyone", 10), ("so:grace", 30)])
    assert wait == pytest.approx(30, abs=ABOUT), "the longest of the waits"
    assert await shared.cooldown([("so:ada", 30)]) == 0.0, "ada's bucket was not taken"


async def test_of_many_who_hurry_exactly_one_gets_the_cooldown(shared: SharedState) -> None:
    waits = await asyncio.gather(*(shared.cooldown([("everyone", 5), (f"member:{n}", 5)]) for n in range(40)))
    assert waits.count(0.0) == 1
    others = await asyncio.gather(*(shared.cooldown([(f"member:{n}", 5)]) for n in range(40)))
    assert others.count(0.0) == 39


async def test_a_bucket_of_no_seconds_is_always_ready(shared: SharedState) -> None:
    assert await shared.cooldown([("a", 0), ("b", 0)]) == 0.0
    assert await shared.cooldown([("a", 0), ("c", 5)]) == 0.0
    assert await shared.cooldown([("c", 0)]) == 0.0, "a cooldown that was switched off meanwhile"
    assert await shared.cooldown([]) == 0.0


async def test_a_refunded_cooldown_is_ready_again(shared: SharedState) -> None:
    await shared.cooldown([("a", 60), ("b", 60), ("c", 60)])
    await shared.refund("a", "b")
    assert await shared.cooldown([("a", 60), ("b", 60)]) == 0.0
    assert await shared.cooldown([("c", 60)]) > 0


async def test_a_budget_is_spent_and_fills_up_evenly(shared: SharedState, elapse: Elapse) -> None:
    spent = [await shared.spend("send", capacity=20, per_seconds=3_000) for _ in range(21)]
    assert spent[:20] == [0.0] * 20
    assert spent[20] == pytest.approx(150, abs=5)
    await elapse(301)
    assert [await shared.spend("send", capacity=20, per_seconds=3_000) for _ in range(2)] == [0.0, 0.0]
    assert await shared.spend("send", capacity=20, per_seconds=3_000) > 0
    await elapse(3_100)
    assert await shared.spend("send", capacity=20, per_seconds=3_000, amount=20) == 0.0


async def test_a_budget_never_falls_below_what_is_kept_for_others(shared: SharedState) -> None:
    assert await shared.spend("send", capacity=10, per_seconds=100, amount=6, keep=4) == 0.0
    assert await shared.spend("send", capacity=10, per_seconds=100, keep=4) == pytest.approx(10, abs=ABOUT)
    assert await shared.spend("send", capacity=10, per_seconds=100, amount=4) == 0.0


async def test_many_who_spend_at_once_never_overspend(shared: SharedState) -> None:
    waits = await asyncio.gather(*(shared.spend("send", capacity=7, per_seconds=3600) for _ in range(60)))
    assert waits.count(0.0) == 7


@pytest.mark.parametrize("wrong", [{"amount": 11}, {"amount": 8, "keep": 3}, {"amount": -1}, {"keep": -1}])
async def test_what_a_budget_can_never_give_is_a_mistake(shared: SharedState, wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="Cannot spend"):
        await shared.spend("send", capacity=10, per_seconds=30, **wrong)


async def test_a_lease_belongs_to_one_owner_who_can_renew_it(shared: SharedState, elapse: Elapse) -> None:
    assert await shared.lease("poll", "ada", 10)
    assert not await shared.lease("poll", "grace", 10)
    await elapse(6)
    assert await shared.lease("poll", "ada", 10)
    await elapse(6)
    assert not await shared.lease("poll", "grace", 10), "renewed"
    await elapse(5)
    assert await shared.lease("poll", "grace", 10)


async def test_who_holds_a_lease_is_told(shared: SharedState, elapse: Elapse) -> None:
    assert await shared.holder("poll") == ""
    await shared.lease("poll", "ada", 10)
    assert await shared.holder("poll") == "ada"
    await elapse(11)
    assert await shared.holder("poll") == ""


async def test_a_lease_is_released_by_its_owner_only(shared: SharedState) -> None:
    await shared.lease("poll", "ada", 60)
    await shared.release("poll", "grace")
    assert not await shared.lease("poll", "grace", 60)
    await shared.release("poll", "ada")
    await shared.release("poll", "ada")
    assert await shared.lease("poll", "grace", 60)


async def test_subscribers_hear_their_topics_from_the_moment_they_are_in(shared: SharedState) -> None:
    await shared.publish("overlay:1", b"too early")
    async with shared.subscribe("overlay:1", "overlay:2") as messages, shared.subscribe("overlay:2") as others:
        await shared.publish("overlay:1", b"fish")
        await shared.publish("overlay:3", b"not for us")
        await shared.publish("overlay:2", b"\xff\x00")
        async with asyncio.timeout(2):
            assert [await anext(messages), await anext(messages)] == [
                ("overlay:1", b"fish"),
                ("overlay:2", b"\xff\x00"),
            ]
            assert await anext(others) == ("overlay:2", b"\xff\x00")


async def test_a_subscriber_who_left_and_came_back_hears_again(shared: SharedState) -> None:
    for said in (b"one", b"two"):
        async with shared.subscribe("news") as messages:
            await shared.publish("news", said)
            async with asyncio.timeout(2):
                assert await anext(messages) == ("news", said)


async def test_a_reader_waits_for_the_next_message(shared: SharedState) -> None:
    async with shared.subscribe("news") as messages:
        waiting = asyncio.create_task(anext(messages))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        assert not waiting.done()
        await shared.publish("news", b"late")
        assert await asyncio.wait_for(waiting, 2) == ("news", b"late")


async def test_closing_ends_the_messages(shared: SharedState) -> None:
    async with shared.subscribe("news") as messages:
        await shared.close()
        assert [message async for message in messages] == []


async def test_it_answers_a_ping(shared: SharedState) -> None:
    await shared.ping()


async def test_a_subscriber_who_falls_behind_is_told_and_subscribes_again(redis_url: str) -> None:
    for shared in (MemoryState(waiting_messages=3), RedisState(redis_url, waiting_messages=3)):
        topic = f"news:{uuid.uuid4()}"
        async with shared.subscribe(topic) as messages, shared.subscribe("end") as end:
            for _ in range(4):
                await shared.publish(topic, b"flood")
            await shared.publish("end", b"")
            await asyncio.wait_for(anext(end), 2)  # type: ignore[arg-type]
            with pytest.raises(Unavailable, match="Subscribe again"):
                await anext(messages)
        await shared.close()


async def test_the_address_decides_where_state_is_shared(redis_url: str) -> None:
    assert isinstance(open_shared_state(""), MemoryState)
    state = open_shared_state(redis_url)
    assert isinstance(state, RedisState)
    await state.ping()
    await state.close()
