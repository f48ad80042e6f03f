"""What is read once and kept for a moment."""

from __future__ import annotations

import asyncio

import pytest

from flask_core.errors import Unavailable
from flask_core.remembered import Remembered


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
