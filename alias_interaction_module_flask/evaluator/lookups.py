"""Asks the world: each question once per execution, so many at most, and nobody waits beyond the deadline."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from alias_interaction_module_flask.evaluator.world import LookupFailed
from flask_core.errors import ServiceError

log = logging.getLogger(__name__)

MOST_LOOKUPS = 20
_MOST = {"fetch": (5, "too many fetches"), "script": (3, "too many scripts"), "answer": (1, "only once")}
_CLEANUP_SECONDS = 0.05


class Lookups:
    """The questions of one execution."""

    def __init__(self, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + seconds
        self._asked: dict[tuple[str, Any], asyncio.Task[Any]] = {}
        self._spent: dict[str, int] = {}

    @property
    def count(self) -> int:
        """How many different questions were asked."""
        return len(self._asked)

    async def ask[**P, T](self, question: Callable[P, Coroutine[Any, Any, T]], *words: P.args, **named: P.kwargs) -> T:
        """The answer, also to somebody who asks the same while it is under way. Raises LookupFailed."""
        name: str = question.__name__
        key = (name, words)
        task = self._asked.get(key)
        if task is None:
            self._spend(name)
            task = self._asked[key] = self._loop.create_task(question(*words, **named))
            task.add_done_callback(_seen)
        if not task.done():
            await asyncio.wait({task}, timeout=self._left())
        if not task.done():
            raise LookupFailed("timeout")
        if task.cancelled():
            raise LookupFailed
        return await self._told(task)

    async def change[T](self, changed: Awaitable[T]) -> T:
        """Wait for what changes something, in this very task."""
        try:
            async with asyncio.timeout_at(self._end):
                return await self._told(changed)
        except TimeoutError:
            raise LookupFailed("timeout") from None

    async def close(self) -> None:
        """Nobody waits any more."""
        waiting = [task for task in self._asked.values() if not task.done()]
        for task in waiting:
            task.cancel()
        if waiting:
            await asyncio.wait(waiting, timeout=_CLEANUP_SECONDS)

    def _spend(self, name: str) -> None:
        most, reason = _MOST.get(name, (MOST_LOOKUPS, "too many look-ups"))
        if self._spent.get(name, 0) >= most or len(self._asked) >= MOST_LOOKUPS:
            raise LookupFailed(reason)
        if self._left() <= 0:
            raise LookupFailed("timeout")
        self._spent[name] = self._spent.get(name, 0) + 1

    def _left(self) -> float:
        return self._end - self._loop.time()

    async def _told[T](self, answer: Awaitable[T]) -> T:
        try:
            return await answer
        except LookupFailed:
            raise
        except TimeoutError:
            raise LookupFailed("timeout") from None
        except ServiceError as error:
            raise LookupFailed("not answering") from error
        except Exception as error:
            log.exception("a look-up failed")
            raise LookupFailed("not answering") from error


def _seen(task: asyncio.Task[Any]) -> None:
    """A failure that nobody waited for is no news."""
    if not task.cancelled():
        task.exception()
