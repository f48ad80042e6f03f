"""What a shard hears, in order; how far it is safe is known at any time."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from flask_core.errors import ServiceError

log = logging.getLogger(__name__)

type Dispatch = tuple[int, str, dict[str, Any]]
"""Its number within the session, its kind, and what it says."""

MOST_AT_ONCE, MOST_WAITING = 100, 2_000
_PAUSE = 1.0


class Intake:
    """`hear` takes what Discord says, `work` hands it on; `sequence` is the number of the last that is safe."""

    def __init__(self, take: Callable[[list[Dispatch]], Awaitable[None]]) -> None:
        self.sequence = 0
        self._take = take
        self._waiting: deque[Dispatch] = deque()
        self._news = asyncio.Event()
        self._less = asyncio.Event()
        self._less.set()
        self._idle = asyncio.Event()
        self._idle.set()

    def begins_behind(self, sequence: int) -> None:
        """A session is taken up again, or a new one begins (0)."""
        self.sequence = sequence

    def hear(self, dispatch: Dispatch) -> None:
        """Take one."""
        self._waiting.append(dispatch)
        self._news.set()
        self._idle.clear()
        if len(self._waiting) >= MOST_WAITING:
            self._less.clear()

    async def room(self) -> None:
        """Wait while too much waits: Discord is read no faster than the router takes it."""
        await self._less.wait()

    async def finished(self) -> None:
        """Wait until nothing waits."""
        await self._idle.wait()

    async def work(self) -> None:
        """For ever; what can be kept nowhere is tried until it can."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                batch = [self._waiting[n] for n in range(min(MOST_AT_ONCE, len(self._waiting)))]
                await self._until_taken(batch)
                for _ in batch:
                    self._waiting.popleft()
                self.sequence = batch[-1][0]
                if len(self._waiting) < MOST_WAITING:
                    self._less.set()
            self._idle.set()

    async def _until_taken(self, batch: list[Dispatch]) -> None:
        while True:
            try:
                await self._take(batch)
            except ServiceError as error:
                log.warning("what Discord says waits: %s", error.message)
                await asyncio.sleep(_PAUSE)
            except Exception:  # The edge: what nobody foresaw must not keep everything after it waiting for ever.
                log.exception("something that Discord said is left out")
                return
            else:
                return
