"""When a page looks again, and what goes out to it then."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from flask_core.errors import Unavailable
from flask_core.news import looks, server_sent
from flask_core.shared_memory import MemoryState


async def test_a_reader_looks_at_once_and_when_it_is_concerned() -> None:
    shared = MemoryState()
    news = looks(shared, "town", lambda message: message == b"me", seconds=60, quiet_seconds=10)
    assert await anext(news) is True
    for message in (b"you", b"me"):
        await shared.publish("town", message)
    assert await anext(news) is True
    await news.aclose()
    assert shared._topics.wanted() == []


async def test_quiet_times_are_told_and_end() -> None:
    news = looks(MemoryState(), "town", lambda _: True, seconds=0.05, quiet_seconds=0.02)
    first, *rest = [look async for look in news]
    assert first is True
    assert set(rest) == {False}


async def test_who_falls_behind_has_to_come_again() -> None:
    shared = MemoryState(waiting_messages=2)
    news = looks(shared, "town", lambda _: False, seconds=60, quiet_seconds=10)
    await anext(news)
    for _ in range(3):
        await shared.publish("town", b"you")
    with pytest.raises(Unavailable):
        await anext(news)


async def test_each_event_goes_out_once_behind_the_last_one() -> None:
    asked: list[str] = []
    pages = [[("a", b"1"), ("b", b"2")], [("b", b"2"), ("c\nd", b"3")], []]

    async def news() -> AsyncGenerator[bool]:
        for look in (True, False, True, True):
            yield look

    async def behind(last: str) -> list[tuple[str, bytes]]:
        asked.append(last)
        return pages[len(asked) - 1]

    sent = [event async for event in server_sent(news(), behind, "z")]
    assert sent == [
        b"id: a\ndata: 1\n\n", b"id: b\ndata: 2\n\n", b": still here\n\n", b"id: cd\ndata: 3\n\n",
    ]  # fmt: skip
    assert asked == ["z", "b", "c\nd"]
