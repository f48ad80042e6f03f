"""Lets identical fetches share one answer: those under way, and those that the host lets be used again."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

MOST_KEPT = 500
MOST_CHARACTERS = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Fetched:
    """A text, and for how many seconds it may be used again."""

    text: str
    seconds: float = 0.0


class Shared:
    """Remembers little and not for long: `MOST_KEPT` texts with `MOST_CHARACTERS` in all."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, str]] = OrderedDict()
        self._characters = 0
        self._under_way: dict[Hashable, asyncio.Task[Fetched]] = {}

    async def get(self, key: Hashable, fetch: Callable[[], Awaitable[Fetched]]) -> str:
        """The text for `key`; raises what `fetch` raises, to everybody who waits for it."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] > self._clock():
            return kept[1]
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._fetched(key, fetch))
            task.add_done_callback(_heard)
        # Whoever stops waiting does not take the answer from the others.
        return (await asyncio.shield(task)).text

    async def close(self) -> None:
        """End what is under way and forget the rest."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._kept.clear()
        self._characters = 0

    async def _fetched(self, key: Hashable, fetch: Callable[[], Awaitable[Fetched]]) -> Fetched:
        try:
            fetched = await fetch()
        finally:
            del self._under_way[key]
        if fetched.seconds > 0:
            self._keep(key, fetched)
        return fetched

    def _keep(self, key: Hashable, fetched: Fetched) -> None:
        if key in self._kept:
            self._forget(key)
        self._kept[key] = (self._clock() + fetched.seconds, fetched.text)
        self._characters += len(fetched.text)
        while len(self._kept) > MOST_KEPT or self._characters > MOST_CHARACTERS:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: Hashable) -> None:
        self._characters -= len(self._kept.pop(key)[1])


def _heard(task: asyncio.Task[Fetched]) -> None:
    """A failure is nobody's news when everybody stopped waiting."""
    if not task.cancelled():
        task.exception()
