"""What is read once and kept for a moment."""

from __future__ import annotations

import asyncio

import pytest

from flask_core.errors import Unavailable
from flask_core.remembered import Remembered, RememberedBy


class Shelf:
    """Gives what lies on it; a reader can be held up in the middle."""

    def __init__(self) -> None:
        self.lies = "fish"
        self.reads = 0
        self.now = 0.0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.remembered = Remembered(self._look, 30, lambda: self.now)

    async def _look(self) -> str:
        self.reads += 1
        seen = self.lies
        await self.go_on.wait()
        if seen == "":
            raise Unavailable("Nothing there.")
        return seen


async def test_it_is_read_once_and_again_when_it_is_old() -> None:
    shelf = Shelf()
    assert await asyncio.gather(*(shelf.remembered.get() for _ in range(5))) == ["fish"] * 5
    shelf.lies, shelf.now = "squid", 29.9
    assert await shelf.remembered.get() == "fish"
    shelf.now = 30
    assert await shelf.remembered.get() == "squid"
    assert shelf.reads == 2


async def test_what_changed_is_read_again() -> None:
    shelf = Shelf()
    await shelf.remembered.get()
    shelf.lies = "squid"
    shelf.remembered.forget()
    assert await shelf.remembered.get() == "squid"


async def test_what_changed_while_it_was_read_is_not_kept() -> None:
    shelf = Shelf()
    shelf.go_on.clear()
    asking = asyncio.create_task(shelf.remembered.get())
    while shelf.reads == 0:  # noqa: ASYNC110 - until it is in the middle
        await asyncio.sleep(0)
    shelf.lies = "squid"
    shelf.remembered.forget()
    shelf.go_on.set()
    assert await asking == "fish"
    assert await shelf.remembered.get() == "squid"


async def test_a_failure_is_told_and_not_kept() -> None:
    shelf = Shelf()
    shelf.lies = ""
    with pytest.raises(Unavailable):
        await shelf.remembered.get()
    shelf.lies = "fish"
    assert await shelf.remembered.get() == "fish"


class Shelves:
    """Many of them, by number."""

    def __init__(self, most: int = 10) -> None:
        self.lies: dict[int, str] = {}
        self.reads: list[int] = []
        self.now = 0.0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.remembered = RememberedBy(self._look, 30, lambda: self.now, most=most)

    async def _look(self, number: int) -> str:
        self.reads.append(number)
        seen = self.lies.get(number, "nothing")
        await self.go_on.wait()
        return seen


async def test_each_is_read_once_and_again_when_it_is_old_or_changed() -> None:
    shelves = Shelves()
    assert (shelves.remembered.known(1), shelves.remembered.latest(1)) == (None, None)
    assert [await shelves.remembered.get(number) for number in (1, 2, 1)] == ["nothing"] * 3
    shelves.lies[1] = "fish"
    shelves.remembered.forget(1)
    assert await shelves.remembered.get(1) == shelves.remembered.known(1) == "fish"
    assert shelves.reads == [1, 2, 1]
    shelves.now = 30
    assert (shelves.remembered.known(1), shelves.remembered.latest(1)) == (None, "fish")
    shelves.remembered.forget()
    assert shelves.remembered.latest(1) is None


async def test_of_many_those_that_were_read_longest_ago_go() -> None:
    shelves = Shelves(most=2)
    for number in (1, 2):
        await shelves.remembered.get(number)
    shelves.now = 30
    for number in (1, 3):
        await shelves.remembered.get(number)
    assert [shelves.remembered.latest(number) for number in (1, 2, 3)] == ["nothing", None, "nothing"]


async def test_of_many_what_changed_while_it_was_read_is_read_again() -> None:
    shelves = Shelves()
    for forget in (
        shelves.remembered.forget,
        lambda: shelves.remembered.forget(7),
        lambda: shelves.remembered.forget_those(lambda number: number == 7),
    ):
        shelves.lies[7] = "fish"
        shelves.remembered.forget()
        shelves.go_on.clear()
        asking = asyncio.create_task(shelves.remembered.get(7))
        before = len(shelves.reads)
        while len(shelves.reads) == before:  # noqa: ASYNC110 - until it is in the middle
            await asyncio.sleep(0)
        shelves.lies[7] = "squid"
        forget()
        shelves.go_on.set()
        assert await asking == "fish"
        assert await shelves.remembered.get(7) == "squid"


async def test_what_is_told_while_it_is_read_wins() -> None:
    shelves = Shelves()
    shelves.go_on.clear()
    reading = asyncio.create_task(shelves.remembered.get(1))
    await asyncio.sleep(0)
    shelves.remembered.put(1, "bread")
    shelves.go_on.set()
    assert await reading == "bread"
    assert shelves.remembered.known(1) == "bread"
