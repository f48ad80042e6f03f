"""A process dies on the way of an event, and another one takes over: one effect, one record, one reply."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from flask_core.database import AsyncDAL
from flask_core.datamodels import Event
from flask_core.shared_state import SharedState, open_shared_state
from flask_core.testing.databases import forget_schema, migrated
from flask_core.testing.servers import RedisServer, running
from router_module_flask.event_log.redis_streams import RedisEventLog
from router_module_flask.models import Entry
from router_module_flask.ports import EventLog
from router_module_flask.tests import doomed

FOLDER = Path(__file__).parents[1]


def a_while_later() -> datetime:
    """When leases and claims of the dead have ended and their words still make sense."""
    return datetime.now(UTC) + timedelta(seconds=25)


@dataclass
class Shift:
    """Where both processes work; `notes` has a line for everything that the trigger was given."""

    database: AsyncDAL
    database_url: str
    redis_url: str
    shared: SharedState
    notes: Path

    async def dies(self, place: str) -> None:
        """A process takes the event and is dead at `place`."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", doomed.__name__, self.database_url, self.database.schema, self.redis_url,
            str(self.notes), place, cwd=FOLDER.parent,
        )  # fmt: skip
        assert await process.wait() == -signal.SIGKILL

    def log(self) -> EventLog:
        return doomed.open_log(self.database, self.redis_url, self.shared, "survivor", now=a_while_later)

    async def is_taken_over(self) -> None:
        """Another process works until nothing waits any more."""
        shop = doomed.Shop(self.database, self.log(), self.notes, now=a_while_later)
        tasks = [asyncio.create_task(work) for work in (shop.worker.run(), shop.deliveries.recover())]
        async with asyncio.timeout(20):
            # Both are asked again and again: nothing tells that the last thing that waited is done.
            while (await shop.log.depth())[0] or await shop.outbox.waiting() or not self.said:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await shop.log.close()

    @property
    def said(self) -> list[str]:
        return self.notes.read_text().splitlines()

    async def rows(self, table: str) -> int:
        return int(await self.database.read(lambda tx: tx.value(f"SELECT count(*) FROM {table}")))


@pytest_asyncio.fixture(params=["sqlite", "postgres", "postgres and redis"])
async def shift(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shift]:
    url, redis_url = f"sqlite://{tmp_path}/shift.db", ""
    if "postgres" in request.param:
        url = request.getfixturevalue("postgres_url")
    if "redis" in request.param:
        redis_url = request.getfixturevalue("redis_url")
        async with Redis.from_url(redis_url) as redis:
            await redis.flushdb()
    database = migrated(FOLDER, url, f"shift_{datetime.now(UTC):%H%M%S%f}")
    notes = tmp_path / "notes"
    notes.touch()
    shared = open_shared_state(redis_url)
    yield Shift(database, url, redis_url, shared, notes)
    await shared.close()
    await database.close()
    await asyncio.to_thread(forget_schema, url, database.schema)


@pytest.mark.promise("router.2")
@pytest.mark.parametrize("place", [doomed.EXECUTED, doomed.COMMITTED])
async def test_killed_between_execution_and_delivery_there_is_one_reply_and_one_record(
    shift: Shift, place: str
) -> None:
    await shift.dies(place)
    assert shift.said == []
    await shift.is_taken_over()
    assert len(shift.said) == 1
    assert [await shift.rows(table) for table in ("audit", "module_runs", "traces", "deliveries")] == [1, 1, 1, 1]


@pytest.mark.promise("router.2")
async def test_killed_before_the_answer_was_noted_the_trigger_is_asked_again_under_the_same_key(shift: Shift) -> None:
    await shift.dies(doomed.SAID)
    assert len(shift.said) == 1
    await shift.is_taken_over()
    assert len(set(shift.said)) == 1
    assert [await shift.rows(table) for table in ("audit", "module_runs", "deliveries")] == [1, 1, 1]


@pytest.mark.promise("router.2")
@pytest.mark.parametrize("shift", ["sqlite", "postgres"], indirect=True)
async def test_killed_while_an_event_is_kept_it_is_neither_kept_nor_known(shift: Shift) -> None:
    await shift.dies(doomed.APPENDING)
    log = shift.log()
    assert (await log.depth())[0] == 0
    assert await log.append([doomed.event()]) == [True]
    assert [entry.event.event_id for entry in await log.read()] == [doomed.EVENT_ID]


@pytest.mark.promise("router.2")
async def test_a_redis_that_dies_between_the_event_and_its_id_knows_neither() -> None:
    with running(RedisServer()) as server:
        shared = open_shared_state(server.url)
        await keeps(server, doomed.event())
        server.kill()
        (file,) = server.folder.glob("appendonlydir/*.incr.aof")
        written = file.read_bytes()
        middle = written.index(b"wb:seen:")
        assert b"XADD" in written[:middle]
        file.write_bytes(written[:middle])
        await asyncio.to_thread(server.start)
        log = RedisEventLog(server.url, shared, "survivor", partitions=2, lease_seconds=0.3)
        assert (await log.depth())[0] == 0
        assert await log.append([doomed.event()]) == [True]
        assert [entry.event.event_id for entry in await first(log)] == [doomed.EVENT_ID]
        await log.close()
        await shared.close()


async def keeps(server: RedisServer, event: Event) -> None:
    """A process that appends and is gone."""
    shared = open_shared_state(server.url)
    log = RedisEventLog(server.url, shared, "gone", partitions=2)
    assert await log.append([event]) == [True]
    await log.close()
    await shared.close()


async def first(log: EventLog) -> list[Entry]:
    """The first entries that come."""
    async with asyncio.timeout(10):
        while not (entries := await log.read()):
            pass
    return entries
