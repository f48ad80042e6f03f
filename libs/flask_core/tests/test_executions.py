"""An execution acts once and answers always, also when it is asked for twice at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.datamodels import Reply, Ticker
from flask_core.errors import Conflict, InvalidInput
from flask_core.executions import Executions

START = datetime(2026, 3, 13, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def executions(database: AsyncDAL, clock: Clock) -> Executions:
    return Executions(database, clock)


def guests(tx: Tx) -> int:
    return int(tx.value("SELECT count(*) FROM guests"))


def welcome(database: AsyncDAL, name: str) -> Callable[[], Awaitable[Reply]]:
    """Writes a guest; the same guest twice is refused."""

    async def run() -> Reply:
        try:
            await database.write(lambda tx: tx.run("INSERT INTO guests (community_id, name) VALUES (1, ?)", name))
        except UniqueViolation:
            raise Conflict(f"{name} is here already.") from None
        count = await database.read(guests)
        return Reply.chat(f"Welcome, {name}! You are number {count}.", Ticker(name))

    return run


async def test_a_repeated_execution_gets_the_same_answer_and_no_second_effect(
    executions: Executions, database: AsyncDAL
) -> None:
    first = await executions.once("e1", welcome(database, "grace"))
    again = await executions.once("e1", welcome(database, "grace"))
    assert again == first
    assert first.actions[1] == Ticker("grace")
    assert await database.read(guests) == 1


async def test_a_first_execution_is_not_looked_up(executions: Executions, database: AsyncDAL) -> None:
    looked_up: list[str] = []

    async def look_up(execution_id: str) -> Reply | None:
        looked_up.append(execution_id)
        return None

    executions._stored = look_up  # type: ignore[method-assign]
    await executions.once("e1", welcome(database, "grace"), first=True)
    assert looked_up == []
    await executions.once("e2", welcome(database, "ada"))
    assert looked_up == ["e2"]


async def test_what_was_not_the_first_time_has_no_second_effect_either(
    executions: Executions, database: AsyncDAL
) -> None:
    first = await executions.once("e1", welcome(database, "grace"), first=True)
    assert await executions.once("e1", welcome(database, "ada"), first=True) == first
    assert await database.read(guests) == 1


async def test_another_execution_is_another_one(executions: Executions, database: AsyncDAL) -> None:
    await executions.once("e1", welcome(database, "grace"))
    with pytest.raises(Conflict, match="here already"):
        await executions.once("e2", welcome(database, "grace"))


async def test_an_answer_without_effects_is_not_kept(executions: Executions, database: AsyncDAL) -> None:
    async def count() -> Reply:
        return Reply.chat(f"{await database.read(guests)} guests.")

    assert (await executions.once("e1", count)) == Reply.chat("0 guests.")
    await executions.once("e2", welcome(database, "grace"))
    assert (await executions.once("e1", count)) == Reply.chat("1 guests.")


async def test_a_refusal_undoes_what_was_written_and_may_be_tried_again(
    executions: Executions, database: AsyncDAL
) -> None:
    async def change_mind() -> Reply:
        await welcome(database, "grace")()
        raise InvalidInput("No, wait.")

    with pytest.raises(InvalidInput, match="No, wait"):
        await executions.once("e1", change_mind)
    assert await database.read(guests) == 0
    assert "number 1" in str(await executions.once("e1", welcome(database, "grace")))


async def test_an_unexpected_failure_undoes_what_was_written(executions: Executions, database: AsyncDAL) -> None:
    async def stumble() -> Reply:
        await welcome(database, "grace")()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await executions.once("e1", stumble)
    assert await database.read(guests) == 0


@pytest.mark.parametrize("name", ["grace", "each its own"])
async def test_the_same_execution_twice_at_once_acts_once(
    executions: Executions, database: AsyncDAL, name: str
) -> None:
    """The second meets the effects of the first: as a taken key, or as the answer that is there."""
    ready = asyncio.Barrier(2)
    names = iter([name, name] if name == "grace" else ["ada", "alan"])

    async def run() -> Reply:
        await ready.wait()
        return await welcome(database, next(names))()

    one, two = await asyncio.gather(executions.once("e1", run), executions.once("e1", run))
    assert one == two
    assert await database.read(guests) == 1


async def test_answers_are_forgotten_after_a_day(executions: Executions, database: AsyncDAL, clock: Clock) -> None:
    await executions.once("old", welcome(database, "grace"))
    clock.now += timedelta(hours=23)
    await executions.once("young", welcome(database, "ada"))
    assert await executions.sweep() == 0
    clock.now += timedelta(hours=2)
    assert await executions.sweep() == 1
    left = await database.read(lambda tx: tx.rows("SELECT execution_id FROM executions"))
    assert left == [("young",)]


async def test_a_great_many_old_answers_are_forgotten_in_steps(
    executions: Executions, database: AsyncDAL, clock: Clock
) -> None:
    rows = [(f"e{number}", "{}", START - timedelta(days=2)) for number in range(2_500)]
    await database.write(
        lambda tx: tx.many("INSERT INTO executions (execution_id, answer, created_at) VALUES (?, ?, ?)", rows)
    )
    assert await executions.sweep() == 2_500


async def test_forgetting_goes_on_for_ever(executions: Executions, database: AsyncDAL, clock: Clock) -> None:
    await executions.once("old", welcome(database, "grace"))
    clock.now += timedelta(hours=25)
    task = asyncio.create_task(executions.forget_old())
    done, _ = await asyncio.wait([task], timeout=0.2)
    assert not done
    task.cancel()
    assert await database.read(lambda tx: tx.value("SELECT count(*) FROM executions")) == 0
