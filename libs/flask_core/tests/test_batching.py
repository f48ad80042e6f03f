"""What comes while a batch is on its way goes together into the next one."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

import pytest

from flask_core.batching import Batcher
from flask_core.errors import InvalidInput, Unavailable


class Postman:
    """Delivers batches when he is let go; remembers what he carried."""

    def __init__(self) -> None:
        self.carried: list[list[int]] = []
        self.go_on = asyncio.Event()
        self.fails: BaseException | None = None
        self.answers: list[str] | None = None

    async def __call__(self, items: list[int]) -> list[str]:
        self.carried.append(items)
        await self.go_on.wait()
        if self.fails is not None:
            raise self.fails
        return [f"done {item}" for item in items] if self.answers is None else self.answers


@pytest.fixture
def postman() -> Postman:
    return Postman()


async def test_everybody_gets_their_own_answer_out_of_few_batches(postman: Postman) -> None:
    batcher = Batcher(postman)
    tasks = [asyncio.create_task(batcher.add(0))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(batcher.add(number)) for number in range(1, 6)]
    await asyncio.sleep(0)
    postman.go_on.set()
    assert await asyncio.gather(*tasks) == [f"done {number}" for number in range(6)]
    assert postman.carried == [[0], [1, 2, 3, 4, 5]]


async def test_a_lone_item_goes_at_once_and_the_next_later(postman: Postman) -> None:
    postman.go_on.set()
    batcher = Batcher(postman)
    assert await batcher.add(1) == "done 1"
    assert await batcher.add(2) == "done 2"
    assert postman.carried == [[1], [2]]


async def test_no_batch_is_larger_than_allowed(postman: Postman) -> None:
    postman.go_on.set()
    batcher = Batcher(postman, max_items=2)
    await asyncio.gather(*(batcher.add(number) for number in range(5)))
    assert postman.carried == [[0, 1], [2, 3], [4]]


async def test_an_error_reaches_everybody_in_the_batch_and_nobody_after_it(postman: Postman) -> None:
    postman.go_on.set()
    postman.fails = InvalidInput("No.")
    batcher = Batcher(postman)
    answers = await asyncio.gather(*(batcher.add(number) for number in range(3)), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["No."] * 3
    postman.fails = None
    assert await batcher.add(4) == "done 4"


async def test_too_few_answers_are_an_error_for_all(postman: Postman) -> None:
    postman.go_on.set()
    postman.answers = ["only one"]
    batcher = Batcher(postman)
    answers = await asyncio.gather(batcher.add(1), batcher.add(2), return_exceptions=True)
    assert [type(answer) for answer in answers] == [RuntimeError, RuntimeError]


async def test_too_many_waiting_are_refused(postman: Postman) -> None:
    batcher = Batcher(postman, max_waiting=2)
    tasks = [asyncio.create_task(batcher.add(0))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(batcher.add(number)) for number in (1, 2)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="Too much is waiting") as caught:
        await batcher.add(3)
    assert caught.value.retry_after == 1
    postman.go_on.set()
    await asyncio.gather(*tasks)


async def test_whoever_left_is_not_carried_and_holds_nobody_up(postman: Postman) -> None:
    batcher = Batcher(postman)
    first, left, last = (asyncio.create_task(batcher.add(number)) for number in range(3))
    await asyncio.sleep(0)
    left.cancel()
    first.cancel()
    await asyncio.gather(first, left, return_exceptions=True)
    postman.go_on.set()
    assert await last == "done 2"
    assert postman.carried in ([[0, 1, 2]], [[2]])


async def test_close_waits_for_what_waits_and_takes_nothing_more(postman: Postman) -> None:
    batcher = Batcher(postman)
    task = asyncio.create_task(batcher.add(1))
    await asyncio.sleep(0)
    closing = asyncio.create_task(batcher.close())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="shutting down"):
        await batcher.add(2)
    assert not closing.done()
    postman.go_on.set()
    await closing
    assert task.result() == "done 1"
    await batcher.close()


async def test_a_flush_that_is_stopped_refuses_all_who_wait(postman: Postman) -> None:
    postman.go_on.set()
    postman.fails = asyncio.CancelledError()
    batcher = Batcher(postman, max_items=1)
    answers = await asyncio.gather(batcher.add(1), batcher.add(2), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable, Unavailable]


async def test_a_batch_does_not_act_in_the_name_of_whoever_came_first() -> None:
    speaker: ContextVar[str] = ContextVar("speaker", default="nobody")
    heard: list[str] = []

    async def listen(items: list[int]) -> list[None]:
        heard.append(speaker.get())
        return [None for _ in items]

    speaker.set("grace")
    await Batcher(listen).add(1)
    assert heard == ["nobody"]
