"""Natural batching: what arrives while the last batch is on its way goes into the next one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from flask_core.errors import Unavailable


class Batcher[Q, A]:
    """`await batcher.add(item)` gives the item's own answer out of `flush(items)`, one per item in order.

    Nothing waits for a timer: a lone item is flushed at the next turn of the loop. An error of the flush
    reaches everyone in that batch. Raises Unavailable when `max_waiting` items wait already.
    """

    def __init__(
        self, flush: Callable[[list[Q]], Awaitable[list[A]]], *, max_items: int = 100, max_waiting: int = 10_000
    ) -> None:
        self._flush = flush
        self._max_items = max_items
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[Q, asyncio.Future[A]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def add(self, item: Q) -> A:
        """The answer to `item`."""
        if len(self._waiting) >= self._max_waiting:
            raise Unavailable("Too much is waiting. Try again shortly.", retry_after=1)
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(self._max_items, len(self._waiting)))]
                await self._flush_one(batch)
        finally:
            self._task = None

    async def _flush_one(self, batch: list[tuple[Q, asyncio.Future[A]]]) -> None:
        try:
            answers = await self._flush([item for item, _ in batch])
        except BaseException as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error if isinstance(error, Exception) else Unavailable("Stopped."))
            if not isinstance(error, Exception):
                raise
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)
