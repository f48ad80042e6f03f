"""Transactions over several awaits: together or not at all, and never longer than allowed."""
# ruff: noqa: PT012 - what is refused here is a transaction, which is several lines long

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.errors import Conflict, InvalidInput, Unavailable

ADD = "INSERT INTO guests (community_id, name) VALUES (?, ?)"


def add(name: str) -> Callable[[Tx], int]:
    return lambda tx: tx.run(ADD, 1, name)


def listed(tx: Tx) -> list[str]:
    return [row[0] for row in tx.rows("SELECT name FROM guests ORDER BY name")]


async def test_what_a_transaction_wrote_shows_inside_and_afterwards(database: AsyncDAL) -> None:
    async with database.transaction():
        assert await database.read(listed) == []
        await database.write(add("grace"))
        await database.write(add("ada"))
        assert await database.read(listed) == ["ada", "grace"]
    assert await database.read(listed) == ["ada", "grace"]


async def test_nobody_else_sees_it_before_its_end(database: AsyncDAL) -> None:
    async with database.transaction():
        await database.write(add("grace"))
        assert await asyncio.create_task(database.read(listed)) == []


async def test_an_error_undoes_all_of_it(database: AsyncDAL) -> None:
    with pytest.raises(InvalidInput):
        async with database.transaction():
            await database.write(add("grace"))
            await database.write(add("ada"))
            raise InvalidInput("No.")
    assert await database.read(listed) == []
    await database.write(add("alan"))
    assert await database.read(listed) == ["alan"]


async def test_a_transaction_inside_joins_the_one_outside(database: AsyncDAL) -> None:
    with pytest.raises(InvalidInput):
        async with database.transaction() as outer:
            async with database.transaction() as inner:
                await database.write(add("grace"))
            assert inner is outer
            raise InvalidInput("No.")
    assert await database.read(listed) == []


async def test_it_knows_whether_it_wrote(database: AsyncDAL) -> None:
    async with database.transaction() as transaction:
        await database.read(listed)
        assert not transaction.wrote
        assert not database.in_transaction
        await database.write(add("grace"))
        assert transaction.wrote
        assert database.in_transaction
    assert not database.in_transaction


async def test_a_failed_first_unit_leaves_the_transaction_usable(database: AsyncDAL) -> None:
    await database.write(add("grace"))
    async with database.transaction() as transaction:
        with pytest.raises(UniqueViolation):
            await database.write(add("grace"))
        assert not transaction.wrote
        assert await database.read(listed) == ["grace"]
        await database.write(add("ada"))
    assert await database.read(listed) == ["ada", "grace"]


async def test_a_failed_later_unit_is_undone_alone(database: AsyncDAL) -> None:
    def two(tx: Tx) -> None:
        tx.run(ADD, 1, "alan")
        tx.run(ADD, 1, "grace")

    async with database.transaction():
        await database.write(add("grace"))
        await database.write(add("ada"))
        with pytest.raises(UniqueViolation):
            await database.write(two)
        assert await database.read(listed) == ["ada", "grace"]
        await database.write(add("edsger"))
    assert await database.read(listed) == ["ada", "edsger", "grace"]


async def test_units_without_statements_are_no_trouble(database: AsyncDAL) -> None:
    def refuse(_: Tx) -> None:
        raise InvalidInput("No.")

    async with database.transaction():
        await database.write(lambda _: None)
        with pytest.raises(InvalidInput):
            await database.write(refuse)
        await database.write(add("grace"))
        await database.write(lambda _: None)
        with pytest.raises(InvalidInput):
            await database.write(refuse)
    async with database.transaction():
        await database.write(lambda _: None)
    assert await database.read(listed) == ["grace"]


async def test_a_refusal_may_look_up_what_is_in_the_way(database: AsyncDAL) -> None:
    await database.write(add("grace"))

    async def add_politely() -> None:
        try:
            await database.write(add("grace"))
        except UniqueViolation:
            there = await database.read(listed)
            raise Conflict(f"{there[0]} is here already.") from None

    with pytest.raises(Conflict, match="grace is here already"):
        async with database.transaction():
            await database.write(add("zoe"))
            await add_politely()
    assert await database.read(listed) == ["grace"]


async def test_many_rows_take_part_too(database: AsyncDAL) -> None:
    async with database.transaction():
        await database.write(lambda tx: tx.many(ADD, [(1, "grace")]))
        with pytest.raises(UniqueViolation):
            await database.write(lambda tx: tx.many(ADD, [(1, "ada"), (1, "grace")]))
    assert await database.read(listed) == ["grace"]


async def test_a_task_started_inside_is_on_its_own(database: AsyncDAL) -> None:
    go_on = asyncio.Event()

    async def later() -> None:
        await go_on.wait()
        await database.write(add("ada"))

    with pytest.raises(InvalidInput):
        async with database.transaction():
            await database.write(add("grace"))
            task = asyncio.create_task(later())
            await asyncio.sleep(0)
            raise InvalidInput("No.")
    go_on.set()
    await task
    assert await database.read(listed) == ["ada"]


async def test_transactions_of_many_tasks_wait_for_each_other(database: AsyncDAL) -> None:
    async def one(number: int) -> None:
        async with database.transaction():
            await database.write(add(f"{number:02} first"))
            await asyncio.sleep(0)
            await database.write(add(f"{number:02} second"))

    await asyncio.gather(*(one(number) for number in range(20)))
    assert len(await database.read(listed)) == 40


async def test_a_cancelled_transaction_leaves_nothing_and_frees_its_thread(database: AsyncDAL) -> None:
    wrote = asyncio.Event()

    async def hang() -> None:
        async with database.transaction():
            await database.write(add("grace"))
            wrote.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await wrote.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await database.write(add("ada"))
    assert await database.read(listed) == ["ada"]


@pytest.mark.parametrize("before", [[], ["ada"]], ids=["its first unit", "a later unit"])
async def test_cancelling_while_a_unit_runs_undoes_that_too(database: AsyncDAL, before: list[str]) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        tx.run(ADD, 1, "grace")
        begun.set()
        go_on.wait(5)

    async def hang() -> None:
        async with database.transaction():
            for name in before:
                await database.write(add(name))
            await database.write(slow)

    task = asyncio.create_task(hang())
    await asyncio.to_thread(begun.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await database.write(add("alan"))
    assert await database.read(listed) == ["alan"]


async def test_cancelling_the_commit_leaves_all_or_nothing_and_frees_the_thread(database: AsyncDAL) -> None:
    async def cancelled_at_the_end() -> None:
        async with database.transaction():
            await database.write(add("grace"))
            await database.write(add("ada"))
            # Runs as soon as this task waits for the commit.
            asyncio.get_running_loop().call_soon(task.cancel)

    task = asyncio.create_task(cancelled_at_the_end())
    with pytest.raises(asyncio.CancelledError):
        await task
    await database.write(add("zoe"))
    assert await database.read(listed) in (["zoe"], ["ada", "grace", "zoe"])


async def test_a_transaction_that_does_nothing_for_too_long_is_over(database: AsyncDAL) -> None:
    hasty = AsyncDAL(database.url, schema=database.schema, idle_seconds=0.05, threads=1)
    async with hasty.connected():
        with pytest.raises(Unavailable):
            async with hasty.transaction():
                await hasty.write(add("grace"))
                # Free again: the thread gave up waiting for us.
                await hasty.write(add("ada"))
                await asyncio.create_task(_until_free(hasty))
                await hasty.write(add("alan"))
        assert await hasty.read(listed) == ["zoe"]


async def _until_free(database: AsyncDAL) -> None:
    await database.write(add("zoe"))


async def test_a_commit_after_too_long_says_that_nothing_was_kept(database: AsyncDAL) -> None:
    hasty = AsyncDAL(database.url, schema=database.schema, idle_seconds=0.05, threads=1)
    kept: list[str] = []
    async with hasty.connected():
        with pytest.raises(Unavailable):
            async with hasty.transaction():
                await hasty.write(add("grace"))
                hasty.after_commit(lambda: kept.append("grace"))
                await asyncio.create_task(_until_free(hasty))
        assert await hasty.read(listed) == ["zoe"]
    assert kept == []


async def test_who_wants_to_know_is_told_after_the_commit_only(database: AsyncDAL) -> None:
    told: list[str] = []
    async with database.transaction():
        await database.write(add("grace"))
        database.after_commit(lambda: told.append("grace"))
        assert told == []
    with pytest.raises(InvalidInput):
        async with database.transaction():
            database.after_commit(lambda: told.append("ada"))
            raise InvalidInput("No.")
    database.after_commit(lambda: told.append("at once"))
    assert told == ["grace", "at once"]


async def test_two_databases_have_transactions_of_their_own(database: AsyncDAL, tmp_path: Path) -> None:
    other = AsyncDAL(f"sqlite://{tmp_path}/other.db")
    async with other.connected():
        await other.write(lambda tx: tx.run("CREATE TABLE guests (community_id BIGINT, name TEXT)"))
        with pytest.raises(InvalidInput):
            async with database.transaction():
                await database.write(add("grace"))
                await other.write(add("ada"))
                raise InvalidInput("No.")
        assert await other.read(listed) == ["ada"]
    assert await database.read(listed) == []


async def test_postgres_never_commits_after_a_failed_statement_in_silence(postgres_url: str) -> None:
    async with AsyncDAL(postgres_url).connected() as database:
        with pytest.raises(RuntimeError, match="rolled it back"):
            async with database.transaction():
                await database.write(lambda tx: tx.run("CREATE TABLE never_made (id BIGINT)"))
                with pytest.raises(Exception, match="nowhere"):
                    await database.read(lambda tx: tx.rows("SELECT 1 FROM nowhere"))
        assert await database.read(lambda tx: tx.value("SELECT to_regclass('never_made')")) is None
