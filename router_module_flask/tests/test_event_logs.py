"""One contract for both event logs: the table and the streams."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.exceptions import RedisError

from flask_core.database import AsyncDAL
from flask_core.datamodels import Account, Event, RepliedTo
from flask_core.errors import Unavailable
from flask_core.migrations import SHARED_FOLDER, migrate
from flask_core.shared_memory import MemoryState
from flask_core.shared_state import open_shared_state
from flask_core.testing.servers import RedisServer, running
from router_module_flask.event_log.redis_streams import RedisEventLog
from router_module_flask.event_log.table import SqlEventLog
from router_module_flask.models import Entry
from router_module_flask.ports import EventLog
from router_module_flask.retained import Bounds
from router_module_flask.retention import Retention
from router_module_flask.tests.fakes import chat_event

FOLDER = Path(__file__).parents[1]


@dataclass
class Logs:
    """Two workers on one log; after `lease_ends` what the first one read and did not finish is free."""

    first: EventLog
    second: EventLog
    lease_ends: Callable[[], Awaitable[None]]


async def read(log: EventLog, count: int = 1) -> list[Entry]:
    """At least `count` entries, or whatever came within five seconds."""
    entries: list[Entry] = []
    until = time.monotonic() + 5
    while len(entries) < count and time.monotonic() < until:
        entries += await log.read()
    return entries


async def sql_logs(url: str) -> AsyncIterator[Logs]:
    schema = f"log_{time.monotonic_ns()}"
    migrate(url, schema, [SHARED_FOLDER, FOLDER / "schema"])
    database = AsyncDAL(url, schema=schema)
    clock = [datetime.now(UTC)]
    logs = [SqlEventLog(database, owner, now=lambda: clock[0]) for owner in ("worker-1", "worker-2")]

    async def lease_ends() -> None:
        clock[0] += timedelta(seconds=61)

    yield Logs(*logs, lease_ends)
    await database.close()


async def redis_logs(url: str) -> AsyncIterator[Logs]:
    redis = Redis.from_url(url)
    await redis.flushdb()
    shared = open_shared_state(url)
    logs = [
        RedisEventLog(url, shared, owner, partitions=4, idle=timedelta(milliseconds=300), lease_seconds=0.3)
        for owner in ("worker-1", "worker-2")
    ]

    async def lease_ends() -> None:
        await asyncio.sleep(0.4)

    yield Logs(*logs, lease_ends)
    for log in logs:
        await log.close()
    await redis.aclose()
    await shared.close()


@pytest_asyncio.fixture(params=["sqlite", "postgres", "redis"])
async def logs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Logs]:
    if request.param == "redis":
        opened = redis_logs(request.getfixturevalue("redis_url"))
    elif request.param == "postgres":
        opened = sql_logs(request.getfixturevalue("postgres_url"))
    else:
        opened = sql_logs(f"sqlite://{tmp_path}/log.db")
    async for found in opened:
        yield found


@pytest.mark.promise("router.22")
async def test_what_is_appended_is_read_once_and_gone_when_done(logs: Logs) -> None:
    events = [chat_event(f"line {number}", event_id=f"once:{number}") for number in range(5)]
    assert await logs.first.append(events) == [True] * 5
    entries = await read(logs.first, 5)
    assert [entry.event.text for entry in entries] == [f"line {number}" for number in range(5)]
    assert (await logs.first.depth())[0] == 5
    await logs.first.done(entries)
    assert (await logs.first.depth())[0] == 0


@pytest.mark.promise("router.22")
async def test_an_event_seen_before_is_not_kept_again(logs: Logs) -> None:
    event = chat_event("hello", event_id="seen:1")
    assert await logs.first.append([event, event]) == [True, False]
    assert await logs.second.append([event]) == [False]
    await logs.first.done(await read(logs.first))
    assert await logs.first.append([event]) == [False]


@pytest.mark.promise("router.22")
async def test_fifty_posts_of_one_event_at_once_keep_it_once(logs: Logs) -> None:
    event = chat_event("hello", event_id="fifty:1")
    answers = await asyncio.gather(*(log.append([event]) for log in [logs.first, logs.second] * 25))
    assert sum(fresh for (fresh,) in answers) == 1


@pytest.mark.promise("router.22")
async def test_entries_of_a_dead_worker_are_taken_over(logs: Logs) -> None:
    await logs.first.append([chat_event("hello", event_id="over:1")])
    (entry,) = await read(logs.first)
    assert entry.attempts == 1
    await logs.lease_ends()
    (again,) = await read(logs.second)
    assert (again.event.event_id, again.attempts) == ("over:1", 2)
    await logs.second.done([again])
    assert (await logs.second.depth())[0] == 0


@pytest.mark.promise("router.22")
async def test_a_poison_entry_dies_after_five_readings(logs: Logs) -> None:
    await logs.first.append([chat_event("poison", event_id="poison:1")])
    workers = [logs.first, logs.second]
    for attempt in range(1, 6):
        (entry,) = await read(workers[attempt % 2 == 0])
        assert entry.attempts == attempt
        await logs.lease_ends()
    assert await read_nothing(logs.second)
    assert await logs.first.dead() == 1
    assert (await logs.first.depth())[0] == 0


async def dies(logs: Logs, *events: Event) -> None:
    """Events that are read until they are given up."""
    await logs.first.append(events)
    for _ in range(5):
        await read(logs.first, len(events))
        await logs.lease_ends()
    assert await read_nothing(logs.second)
    assert await logs.first.dead() == len(events)


@pytest.mark.promise("router.22")
async def test_a_dead_letter_is_revived_once_and_late(logs: Logs) -> None:
    await dies(logs, chat_event("poison", event_id="poison:2"), chat_event("more", event_id="poison:3"))
    letters = await logs.second.letters(10)
    assert [event.event_id for _, event in letters] == ["poison:3", "poison:2"]
    assert len(await logs.second.letters(1)) == 1
    (_, (letter, _)) = letters
    revived = await asyncio.gather(logs.first.revive(letter), logs.second.revive(letter))
    assert sorted(revived, key=str) == [None, "poison:2"]
    (entry,) = await read(logs.first)
    assert (entry.event.text, entry.event.data["late"], entry.attempts) == ("poison", True, 1)
    await logs.first.done([entry])
    assert (await logs.first.dead(), (await logs.first.depth())[0]) == (1, 0)
    for nonsense in ("", "x", "9" * 40, "99999", "1-1", "-"):
        assert await logs.first.revive(nonsense) is None


@pytest.mark.promise("router.24")
async def test_dead_letters_by_and_about_somebody_are_forgotten(logs: Logs) -> None:
    quoting = chat_event("so true", "eve", event_id="dead:4")
    quoted = msgspec.structs.replace(quoting, reply_to=RepliedTo("m1", Account("dee_x"), "what Dee said"))
    await dies(
        logs, chat_event("mine", "dee_x", event_id="dead:1"), chat_event("hers", "eve", event_id="dead:2"),
        chat_event("there", "eve", "console:9:main", event_id="dead:3"), quoted,
    )  # fmt: skip
    assert await logs.first.forget([("console", "deeXx"), ("twitch", "dee_x")]) == 0
    assert await logs.first.forget([("console", "dee_x")]) == 2
    assert await logs.first.forget((), ["console:9:main"]) == 1
    assert [event.event_id for _, event in await logs.first.letters(10)] == ["dead:2"]


async def test_dead_letters_are_buried_in_time(logs: Logs) -> None:
    await dies(logs, chat_event("old", event_id="dead:5"))
    assert await logs.first.bury(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert await logs.first.bury(datetime.now(UTC) + timedelta(hours=1)) == 1
    assert await logs.first.dead() == 0


async def test_long_work_that_is_renewed_is_not_taken_over(logs: Logs) -> None:
    await logs.first.append([chat_event("slow", event_id="slow:1")])
    entries = await read(logs.first)
    await logs.lease_ends()
    await logs.first.keep(entries)
    assert (await logs.second.read()) == []


@pytest.mark.promise("router.22")
async def test_what_is_finished_takes_nothing_with_it_that_still_waits(logs: Logs) -> None:
    await logs.first.append([chat_event(f"line {number}", event_id=f"trim:{number}") for number in range(3)])
    oldest, *others = await read(logs.first, 3)
    await logs.first.done(others)
    assert (await logs.first.depth())[0] == 1
    await logs.lease_ends()
    (again,) = await read(logs.second)
    assert (again.event.text, again.attempts) == (oldest.event.text, 2)


async def test_what_waits_is_told_by_parts(logs: Logs) -> None:
    await logs.first.append([chat_event(f"line {number}", event_id=f"parts:{number}") for number in range(3)])
    await read(logs.first, 3)
    parts = await logs.second.partitions()
    assert sum(part.waiting for part in parts) == 3
    assert "worker-2" not in {part.reader for part in parts}
    assert max(part.oldest_seconds for part in parts) < 60


async def test_what_waits_is_not_too_old_to_be_kept(database_url: str) -> None:
    schema = f"log_{time.monotonic_ns()}"
    migrate(database_url, schema, [SHARED_FOLDER, FOLDER / "schema"])
    database = AsyncDAL(database_url, schema=schema)
    log = SqlEventLog(database, "worker-1")
    await log.append([chat_event("waits", event_id="old:1"), chat_event("done", event_id="old:2")])
    waits, done = await read(log, 2)
    await log.done([done])
    later = datetime.now(UTC) + timedelta(days=60)
    kept = Retention(database, MemoryState(), "one", log, Bounds(), execution_days=30, now=lambda: later)
    assert await kept.sweep() == 1
    survivor = SqlEventLog(database, "worker-2", now=lambda: later)
    assert [entry.event.text for entry in await read(survivor)] == [waits.event.text]
    await database.close()


@pytest.mark.promise("router.22")
async def test_a_partition_is_one_replicas_as_long_as_it_renews_its_lease(redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    await redis.flushdb()
    now = [0.0]
    shared = MemoryState(clock=lambda: now[0])
    first, second = (RedisEventLog(redis_url, shared, owner, partitions=4) for owner in ("worker-1", "worker-2"))

    async def reads(log: RedisEventLog) -> set[str]:
        """The log renews its leases and reads; who holds the partitions then."""
        log._renew_at = 0
        await log.read()
        return {part.reader for part in await log.partitions()}

    assert await reads(first) == {"worker-1"}
    assert await reads(second) == {"worker-1"}
    now[0] += 10
    assert await reads(first) == {"worker-1"}
    now[0] += 10
    assert await reads(second) == {"worker-1"}, "renewed ten seconds ago"
    now[0] += 6
    assert await reads(second) == {"worker-2"}
    assert await reads(first) == {"worker-2"}
    await second.close()
    assert await reads(first) == {"worker-1"}, "given back at once"
    await first.close()
    await redis.aclose()


async def test_a_log_that_is_away_says_so() -> None:
    shared = open_shared_state("redis://127.0.0.1:1/0")
    log = RedisEventLog("redis://127.0.0.1:1/0", shared, "worker")
    with pytest.raises(Unavailable):
        await log.append([chat_event("hello")])
    with pytest.raises(Unavailable):
        await log.read()
    for question in (log.letters(1), log.revive("1-1"), log.forget([("console", "dee")]), log.bury(datetime.now(UTC))):
        with pytest.raises(Unavailable):
            await question
    await shared.close()


@pytest.mark.promise("router.22")
async def test_a_redis_that_forgets_its_last_seconds_loses_no_event() -> None:
    with running(RedisServer()) as server:
        shared = open_shared_state(server.url)
        log = RedisEventLog(server.url, shared, "worker", partitions=4, lease_seconds=0.3)
        await log.append([chat_event("done", event_id="restart:1"), chat_event("kept", event_id="restart:2")])
        entries = await read(log, 2)
        await log.done([entry for entry in entries if entry.event.text == "done"])
        server.kill()
        for file in server.folder.glob("appendonlydir/*"):
            file.unlink()
        server.start()
        again = await read_through_an_outage(log, 2)
        assert {entry.event.text for entry in again} == {"done", "kept"}
        assert await log.append([chat_event("kept", event_id="restart:2")]) == [False]
        await log.close()
        await shared.close()


async def test_a_redis_that_remembers_is_not_told_twice() -> None:
    with running(RedisServer()) as server:
        shared = open_shared_state(server.url)
        log = RedisEventLog(server.url, shared, "worker", partitions=4, lease_seconds=0.3)
        await log.append([chat_event("done", event_id="restart:3")])
        await log.done(await read(log))
        await asyncio.to_thread(server.end)
        await asyncio.to_thread(server.start)
        assert await read_nothing_through_an_outage(log)
        await log.append([chat_event("next", event_id="restart:4")])
        assert [entry.event.text for entry in await read_through_an_outage(log, 1)] == ["next"]
        assert (await log.depth())[0] == 1
        await log.close()
        await shared.close()


async def read_through_an_outage(log: EventLog, count: int) -> list[Entry]:
    """As the worker does: it asks again until the log is back."""
    entries: list[Entry] = []
    async with asyncio.timeout(20):
        while len(entries) < count:
            try:
                entries += await log.read()
            except Unavailable:
                await asyncio.sleep(0.05)
    return entries


async def read_nothing_through_an_outage(log: EventLog) -> bool:
    """Whether the log is back and still empty; an append before that would be refused."""
    async with asyncio.timeout(20):
        while True:
            try:
                return not await log.read() and (await log.depth())[0] == 0
            except (Unavailable, RedisError):
                await asyncio.sleep(0.05)


async def read_nothing(log: EventLog) -> bool:
    """Whether a few readings bring nothing."""
    for _ in range(3):
        if await log.read():
            return False
    return True


async def test_a_redis_that_is_away_is_told_in_one_way() -> None:
    log, event = RedisEventLog("redis://127.0.0.1:1", MemoryState(), "worker-1"), chat_event("hello")
    entry = Entry(event, "wb:events:0 1-0", 1, 0.0)
    for asked in (log.append([event]), log.read(), log.keep([entry]), log.done([entry]), log.depth(), log.dead()):
        with pytest.raises(Unavailable, match="not answering"):
            await asked
    await log.close()
