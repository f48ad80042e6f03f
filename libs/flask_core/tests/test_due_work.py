"""Rows that are due are worked on once, by whoever is there, until they are done or it is too late."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta

import pytest

from flask_core.database import AsyncDAL
from flask_core.due_work import AT_ONCE, Due, DueWork, Result, State
from flask_core.errors import Forbidden, TooMany, Unavailable

from .due_notes import START, Clock, Note, Notes


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notes(database: AsyncDAL) -> Notes:
    return Notes(database)


class Worker:
    """Says what it was given, or stumbles as it is told to."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.fails: Exception | None = None

    async def __call__(self, due: Due[Note]) -> Result:
        self.said.append(due.row.text)
        if self.fails is not None:
            raise self.fails
        return due.ends(State.DELIVERED)


@pytest.fixture
def worker() -> Worker:
    return Worker()


async def test_what_is_due_is_done_once_and_what_is_not_waits(notes: Notes, clock: Clock, worker: Worker) -> None:
    loop = DueWork(notes, worker, now=clock)
    await notes.add("tea", START)
    await notes.add("bed", START + timedelta(hours=2))
    assert await loop.step() == 1
    assert await loop.step() == 0
    assert worker.said == ["tea"]
    clock.pass_by(7200)
    assert await loop.step() == 1
    assert await notes.states() == {"bed": "delivered", "tea": "delivered"}


async def test_many_replicas_share_the_rows(notes: Notes, clock: Clock, worker: Worker) -> None:
    for number in range(120):
        await notes.add(f"{number:03}", START)
    replicas = [DueWork(notes, worker, now=clock, owner=f"replica {n}") for n in range(4)]
    taken = await asyncio.gather(*(replica.step() for replica in replicas))
    assert sum(taken) == 120
    assert max(taken) == AT_ONCE
    assert sorted(worker.said) == [f"{number:03}" for number in range(120)]


async def test_the_rows_of_a_dead_replica_come_free_after_a_minute(notes: Notes, clock: Clock, worker: Worker) -> None:
    await notes.add("tea", START)
    assert len(await notes.claim("dead", clock(), AT_ONCE)) == 1
    loop = DueWork(notes, worker, now=clock)
    clock.pass_by(59)
    assert await loop.step() == 0
    clock.pass_by(1)
    assert await loop.step() == 1


async def test_a_late_worker_does_not_overwrite_what_the_next_one_recorded(
    notes: Notes, clock: Clock, worker: Worker
) -> None:
    await notes.add("tea", START)
    (late,) = await notes.claim("late", clock(), AT_ONCE)
    clock.pass_by(61)
    await DueWork(notes, worker, now=clock).step()
    await notes.record(late, late.again(clock(), "I was asleep."))
    assert (await notes.state())[0] == "delivered"


async def test_a_row_that_was_cancelled_meanwhile_stays_cancelled(notes: Notes, clock: Clock, worker: Worker) -> None:
    await notes.add("tea", START)
    (due,) = await notes.claim("me", clock(), AT_ONCE)
    await notes.cancel("tea")
    await notes.record(due, due.ends(State.DELIVERED))
    assert (await notes.state())[0] == "cancelled"
    assert await DueWork(notes, worker, now=clock).step() == 0


async def test_failures_are_tried_again_less_and_less_often_until_it_is_too_late(
    notes: Notes, clock: Clock, worker: Worker
) -> None:
    await notes.add("tea", START)
    worker.fails = Unavailable("The router is away.")
    loop = DueWork(notes, worker, now=clock)
    waits: list[int] = []
    while (await notes.state())[0] == "waiting":
        waited = 0
        while not await loop.step():
            clock.pass_by(5)
            waited += 5
        waits.append(waited)
    assert waits == [0, 15, 30, 60, 120, 300, 600, 900, 900]
    assert (await notes.state())[:3] == ("missed", 8, "The router is away.")


async def test_whoever_asks_for_patience_gets_it(notes: Notes, clock: Clock, worker: Worker) -> None:
    await notes.add("tea", START)
    worker.fails = TooMany("Slow down.", retry_after=100)
    loop = DueWork(notes, worker, now=clock)
    await loop.step()
    clock.pass_by(99)
    assert await loop.step() == 0
    clock.pass_by(1)
    assert await loop.step() == 1


async def test_a_refusal_for_good_is_not_tried_again(notes: Notes, clock: Clock, worker: Worker) -> None:
    await notes.add("tea", START)
    worker.fails = Forbidden("The bot is banned there.")
    await DueWork(notes, worker, now=clock).step()
    assert (await notes.state())[:3] == ("failed", 0, "The bot is banned there.")


async def test_one_bad_row_does_not_stop_the_others(
    notes: Notes, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async def stumble(due: Due[Note]) -> Result:
        if due.row.text == "bad":
            raise ZeroDivisionError
        return due.ends(State.DELIVERED)

    for text in ("bad", "tea", "wine"):
        await notes.add(text, START)
    await DueWork(notes, stumble, now=clock).step()
    assert await notes.states() == {"bad": "waiting", "tea": "delivered", "wine": "delivered"}
    assert (await notes.state("bad"))[1:3] == (1, "Something went wrong on our side.")
    assert "bad" not in caplog.text.replace("bad row", "")


async def test_what_nobody_looked_at_in_time_is_missed_without_a_word(
    notes: Notes, clock: Clock, worker: Worker
) -> None:
    await notes.add("tea", START, lasts=timedelta(minutes=5))
    clock.pass_by(300)
    await DueWork(notes, worker, now=clock).step()
    assert worker.said == []
    assert (await notes.state())[0] == "missed"


async def test_work_that_hangs_is_tried_again(notes: Notes, clock: Clock, worker: Worker) -> None:
    worker.fails = TimeoutError()
    await notes.add("tea", START)
    await DueWork(notes, worker, now=clock).step()
    assert (await notes.state())[:3] == ("waiting", 1, "It took too long.")


async def test_what_a_round_has_no_time_for_comes_up_again(notes: Notes, clock: Clock, worker: Worker) -> None:
    await notes.add("tea", START)
    assert await DueWork(notes, worker, now=clock, round_seconds=0).step() == 1
    assert worker.said == []
    assert await DueWork(notes, worker, now=clock).step() == 0
    clock.pass_by(60)
    assert await DueWork(notes, worker, now=clock).step() == 1


class Forgetful(Notes):
    """Cannot record while the database is away."""

    async def record(self, due: Due[Note], result: Result) -> None:
        raise Unavailable("The database is not answering right now.")


async def test_what_cannot_be_recorded_comes_up_again(
    database: AsyncDAL, clock: Clock, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    notes = Forgetful(database)
    await notes.add("tea", START)
    loop = DueWork(notes, worker, now=clock)
    await loop.step()
    clock.pass_by(60)
    await loop.step()
    assert worker.said == ["tea", "tea"]
    assert "could not be recorded" in caplog.text


class Restless:
    """A sleep that takes no time, ends the loop after a while, and remembers how long it should have been."""

    def __init__(self, clock: Clock, rounds: int) -> None:
        self.waits: list[float] = []
        self._clock = clock
        self._rounds = rounds

    async def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._clock.pass_by(seconds)
        if len(self.waits) == self._rounds:
            raise asyncio.CancelledError


async def test_the_loop_looks_every_two_seconds_or_so_and_at_once_while_there_is_more(
    notes: Notes, clock: Clock, worker: Worker
) -> None:
    for number in range(60):
        await notes.add(f"{number:02}", START)
    sleep = Restless(clock, 20)
    with pytest.raises(asyncio.CancelledError):
        await DueWork(notes, worker, now=clock, chance=random.Random(7), sleep=sleep).run()
    assert len(worker.said) == 60
    assert all(1.6 <= seconds <= 2.4 for seconds in sleep.waits)
    assert len({round(seconds, 3) for seconds in sleep.waits}) > 10


async def test_an_outage_while_claiming_ends_the_loop_for_its_supervisor(clock: Clock, worker: Worker) -> None:
    class Away(Forgetful):
        async def claim(self, owner: str, now: datetime, limit: int) -> list[Due[Note]]:
            raise Unavailable("The database is not answering right now.")

    with pytest.raises(Unavailable):
        await DueWork(Away(AsyncDAL("sqlite:///nowhere")), worker, now=clock).run()
