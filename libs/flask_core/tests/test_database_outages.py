"""A database that is away, dies, is locked or has too much to do: one clear refusal, and it goes on afterwards."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from flask_core.database import AsyncDAL, Tx
from flask_core.errors import Unavailable
from flask_core.testing.servers import PostgresServer, free_port, running

NOT_ANSWERING = "The database is not answering right now."
KILL_OTHERS = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


def one(tx: Tx) -> int:
    return int(tx.value("SELECT 1"))


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One of our own, that may be killed."""
    with running(PostgresServer(durable=False)) as server:
        yield server


@pytest_asyncio.fixture
async def database(server: PostgresServer) -> AsyncIterator[AsyncDAL]:
    async with AsyncDAL(server.url, threads=1).connected() as database:
        await database.write(lambda tx: tx.run("CREATE TABLE IF NOT EXISTS lines (text TEXT UNIQUE)"))
        await database.write(lambda tx: tx.run("DELETE FROM lines"))
        yield database


@pytest_asyncio.fixture
async def killer(server: PostgresServer) -> AsyncIterator[AsyncDAL]:
    async with AsyncDAL(server.url, threads=1).connected() as killer:
        yield killer


async def test_a_refused_connection_is_an_outage_at_once() -> None:
    async with AsyncDAL(f"postgres://nobody:secret@127.0.0.1:{free_port()}/none").connected() as database:
        async with asyncio.timeout(0.9):
            with pytest.raises(Unavailable, match=NOT_ANSWERING) as caught:
                await database.ping()
    assert caught.value.retry_after == 1


async def test_a_connection_that_died_is_replaced_without_anybody_noticing(
    database: AsyncDAL, killer: AsyncDAL
) -> None:
    assert await database.read(one) == 1
    assert await killer.write(lambda tx: tx.value(KILL_OTHERS)) == 1
    assert await database.read(one) == 1
    await killer.write(lambda tx: tx.value(KILL_OTHERS))
    assert await database.write(lambda tx: tx.run("INSERT INTO lines (text) VALUES ('a')")) == 1
    assert await database.read(lambda tx: tx.value("SELECT count(*) FROM lines")) == 1


async def test_a_unit_whose_connection_dies_halfway_is_done_once_more(database: AsyncDAL, killer: AsyncDAL) -> None:
    runs: list[int] = []
    loop = asyncio.get_running_loop()

    def unit(tx: Tx) -> None:
        runs.append(tx.run("INSERT INTO lines (text) VALUES ('a')"))
        if len(runs) == 1:
            asyncio.run_coroutine_threadsafe(killer.write(lambda tx: tx.value(KILL_OTHERS)), loop).result(5)
        tx.run("INSERT INTO lines (text) VALUES ('b')")

    await database.write(unit)
    assert len(runs) == 2
    assert await database.read(lambda tx: tx.value("SELECT count(*) FROM lines")) == 2


async def test_a_unit_that_always_loses_its_connection_ends_as_an_outage(database: AsyncDAL, killer: AsyncDAL) -> None:
    runs: list[int] = []
    loop = asyncio.get_running_loop()

    def unit(tx: Tx) -> None:
        runs.append(one(tx))
        asyncio.run_coroutine_threadsafe(killer.write(lambda tx: tx.value(KILL_OTHERS)), loop).result(5)
        one(tx)

    with pytest.raises(Unavailable, match=NOT_ANSWERING):
        await database.read(unit)
    assert len(runs) == 2


async def test_a_unit_lost_in_its_commit_is_not_done_again(database: AsyncDAL, killer: AsyncDAL) -> None:
    runs: list[int] = []
    loop = asyncio.get_running_loop()

    def unit(tx: Tx) -> None:
        runs.append(tx.run("INSERT INTO lines (text) VALUES ('a')"))
        asyncio.run_coroutine_threadsafe(killer.write(lambda tx: tx.value(KILL_OTHERS)), loop).result(5)

    with pytest.raises(Unavailable, match=NOT_ANSWERING):
        await database.write(unit)
    assert len(runs) == 1
    assert await database.read(one) == 1


async def test_a_unit_lost_in_its_last_statement_is_not_done_again(database: AsyncDAL, killer: AsyncDAL) -> None:
    runs: list[int] = []
    loop = asyncio.get_running_loop()

    def unit(tx: Tx) -> None:
        runs.append(1)
        asyncio.run_coroutine_threadsafe(killer.write(lambda tx: tx.value(KILL_OTHERS)), loop).result(5)
        tx.last("INSERT INTO lines (text) VALUES ('a') RETURNING text")

    with pytest.raises(Unavailable, match=NOT_ANSWERING):
        await database.write(unit)
    assert len(runs) == 1
    assert await database.read(one) == 1


@pytest.mark.parametrize("held_back", [True, False])
async def test_a_unit_on_a_connection_that_died_before_loses_nothing(
    database: AsyncDAL, killer: AsyncDAL, held_back: bool
) -> None:
    assert await database.read(one) == 1
    await killer.write(lambda tx: tx.value(KILL_OTHERS))

    def unit(tx: Tx) -> None:
        if held_back:
            tx.many("INSERT INTO lines (text) VALUES (?)", [("a",)])
        else:
            tx.last("INSERT INTO lines (text) VALUES (?) RETURNING text", "a")

    await database.write(unit)
    assert await database.read(lambda tx: tx.value("SELECT count(*) FROM lines")) == 1


async def test_a_transaction_that_loses_its_connection_fails_as_a_whole(database: AsyncDAL, killer: AsyncDAL) -> None:
    with pytest.raises(Unavailable, match=NOT_ANSWERING):  # noqa: PT012
        async with database.transaction():
            await database.write(lambda tx: tx.run("INSERT INTO lines (text) VALUES ('a')"))
            await killer.write(lambda tx: tx.value(KILL_OTHERS))
            await database.write(lambda tx: tx.run("INSERT INTO lines (text) VALUES ('b')"))
    assert await database.read(lambda tx: tx.value("SELECT count(*) FROM lines")) == 0


async def test_a_killed_server_is_an_outage_until_it_is_back(database: AsyncDAL, server: PostgresServer) -> None:
    assert await database.read(one) == 1
    server.kill()
    try:
        with pytest.raises(Unavailable, match=NOT_ANSWERING):  # noqa: PT012
            async with asyncio.timeout(10):
                # The process behind a connection outlives the server for a moment.
                while True:
                    await database.read(one)
    finally:
        await asyncio.to_thread(server.start)
    assert await database.read(one) == 1


async def test_a_statement_over_its_time_is_stopped(database: AsyncDAL) -> None:
    def patient(tx: Tx) -> None:
        tx.run("SET LOCAL statement_timeout = '50ms'")
        tx.value("SELECT pg_sleep(20)")

    with pytest.raises(Unavailable, match=NOT_ANSWERING):
        await database.write(patient)


async def test_of_two_units_that_deadlock_both_get_through(server: PostgresServer, database: AsyncDAL) -> None:
    await database.write(lambda tx: tx.run("INSERT INTO lines (text) VALUES ('a'), ('b')"))
    met, over = threading.Barrier(2), threading.Event()
    meetings: list[str] = []

    def unit(first: str, second: str, tx: Tx) -> None:
        if first in meetings:
            # Again: in front of the other, which may not have noticed yet, it would only meet it once more.
            over.wait(20)
        # One looks for a deadlock much earlier than the other, so that it alone is given up.
        tx.run(f"SET LOCAL deadlock_timeout = '{'20ms' if first == 'a' else '4s'}'")
        tx.run("UPDATE lines SET text = text WHERE text = ?", first)
        meetings.append(first)
        if meetings.count(first) == 1:
            met.wait(20)
        tx.run("UPDATE lines SET text = text WHERE text = ?", second)

    async def patient(pair: AsyncDAL) -> None:
        await pair.write(lambda tx: unit("b", "a", tx))
        over.set()

    async with AsyncDAL(server.url, threads=2).connected() as pair:
        await asyncio.gather(pair.write(lambda tx: unit("a", "b", tx)), patient(pair))
    assert len(meetings) == 3


@pytest.fixture
def file(tmp_path: Path) -> str:
    return f"sqlite://{tmp_path}/test.db"


async def test_a_full_queue_refuses_at_once(file: str) -> None:
    go_on = threading.Event()
    async with AsyncDAL(file, max_waiting=2).connected() as database:
        busy = [asyncio.create_task(database.read(lambda _: go_on.wait(5))) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable, match=NOT_ANSWERING) as caught:
            await database.ping()
        go_on.set()
        assert await asyncio.gather(*busy) == [True] * 3
        await database.ping()
    assert caught.value.retry_after == 1


async def test_nobody_waits_for_a_thread_for_ever(file: str) -> None:
    go_on = threading.Event()
    ran: list[str] = []
    async with AsyncDAL(file, wait_seconds=0.05).connected() as database:
        busy = asyncio.create_task(database.write(lambda _: go_on.wait(5)))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable, match=NOT_ANSWERING):
            await database.write(lambda _: ran.append("too late"))
        go_on.set()
        assert await busy
        await database.write(lambda _: ran.append("in time"))
    assert ran == ["in time"]


async def test_cancelled_work_that_still_waits_is_not_done(file: str) -> None:
    go_on = threading.Event()
    ran: list[str] = []
    async with AsyncDAL(file).connected() as database:
        busy = asyncio.create_task(database.write(lambda _: go_on.wait(5)))
        waiting = asyncio.create_task(database.write(lambda _: ran.append("cancelled")))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        go_on.set()
        await busy
        await database.write(lambda _: ran.append("next"))
    assert ran == ["next"]


async def test_a_reader_does_not_wait_for_a_writer(file: str) -> None:
    go_on = threading.Event()
    async with AsyncDAL(file).connected() as database:
        await database.write(lambda tx: tx.run("CREATE TABLE lines (text TEXT)"))
        busy = asyncio.create_task(
            database.write(lambda tx: tx.run("INSERT INTO lines VALUES ('a')") and go_on.wait(5))
        )
        await asyncio.sleep(0)
        assert await database.read(lambda tx: tx.value("SELECT count(*) FROM lines")) == 0
        go_on.set()
        await busy
        assert await database.read(lambda tx: tx.value("SELECT count(*) FROM lines")) == 1


async def test_a_file_that_another_program_locked_is_an_outage(tmp_path: Path, file: str) -> None:
    async with AsyncDAL(file).connected() as database:
        await database.write(lambda tx: tx.run("CREATE TABLE lines (text TEXT)"))
        await database.write(lambda tx: tx.run("PRAGMA busy_timeout=20"))
        other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match=NOT_ANSWERING):
            await database.write(lambda tx: tx.run("INSERT INTO lines VALUES ('a')"))
        other.execute("ROLLBACK")
        other.close()
        assert await database.write(lambda tx: tx.run("INSERT INTO lines VALUES ('a')")) == 1


async def test_a_place_where_no_file_can_be_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "test.db").mkdir()
    async with AsyncDAL(f"sqlite://{tmp_path}/test.db").connected() as database:
        with pytest.raises(Unavailable, match=NOT_ANSWERING):
            await database.ping()


async def test_a_result_for_a_loop_that_is_over_troubles_nobody(file: str) -> None:
    begun, go_on = threading.Event(), threading.Event()
    database = AsyncDAL(file)

    def slow(_: Tx) -> None:
        begun.set()
        go_on.wait(5)

    async def ask_and_leave() -> None:
        asking = asyncio.create_task(database.write(slow))
        await asyncio.to_thread(begun.wait, 5)
        asking.cancel()

    await asyncio.to_thread(asyncio.run, ask_and_leave())
    go_on.set()
    await database.write(lambda tx: tx.run("CREATE TABLE lines (text TEXT)"))
    await database.close()
