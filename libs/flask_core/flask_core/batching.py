"""Natural batching: what arrives while the last batch is on its way goes into the next one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextvars import Context

from flask_core.errors import Unavailable

_CLOSED = "This is shutting down."


class Batcher[Q, A]:
    """`await batcher.add(item)` gives the item's own answer out of `flush(items)`, one per item in order.

    Nothing waits for a timer: a lone item is flushed at the next turn of the loop. An error of the flush
    reaches everyone in that batch. Raises Unavailable when `max_waiting` items wait already, and after close().
    """

    def __init__(
        self, flush: Callable[[list[Q]], Awaitable[list[A]]], *, max_items: int = 100, max_waiting: int = 10_000
    ) -> None:
        self._flush = flush
        self._max_items = max_items
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[Q, asyncio.Future[A]]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def add(self, item: Q) -> A:
        """The answer to `item`. Cancelled while it waits, it is not flushed at all."""
        if self._closed:
            raise Unavailable(_CLOSED, retry_after=1)
        if len(self._waiting) >= self._max_waiting:
            raise Unavailable("Too much is waiting. Try again shortly.", retry_after=1)
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._task is None:
            # In a context of its own: the batch belongs to many callers, not to the first one's transaction.
            self._task = asyncio.create_task(self._run(), context=Context())
        return await answer

    async def close(self) -> None:
        """Take nothing more, and wait until what waits is flushed."""
        self._closed = True
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while batch := self._next():
                await self._flush_one(batch)
        finally:
            self._task = None
            # Only after a cancellation some are left, whom nobody else would answer.
            _refuse_all(self._waiting, Unavailable(_CLOSED, retry_after=1))
            self._waiting.clear()

    def _next(self) -> list[tuple[Q, asyncio.Future[A]]]:
        batch: list[tuple[Q, asyncio.Future[A]]] = []
        while self._waiting and len(batch) < self._max_items:
            item, answer = self._waiting.popleft()
            if not answer.done():
                batch.append((item, answer))
        return batch

    async def _flush_one(self, batch: list[tuple[Q, asyncio.Future[A]]]) -> None:
        try:
            answers = await self._flush([item for item, _ in batch])
            if len(answers) != len(batch):
                raise RuntimeError(f"a flush of {len(batch)} items gave {len(answers)} answers")
        except Exception as error:  # The edge: whoever waits gets it.
            _refuse_all(batch, error)
        except BaseException:
            _refuse_all(batch, Unavailable(_CLOSED, retry_after=1))
            raise
        else:
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_result(answer)


def _refuse_all[Q, A](batch: Iterable[tuple[Q, asyncio.Future[A]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
