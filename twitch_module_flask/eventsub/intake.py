"""The way of what comes over WebSockets: in order, many at once, and held until it is kept somewhere."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from flask_core.errors import InvalidInput, ServiceError
from twitch_module_flask.models import Notification

log = logging.getLogger(__name__)

_AT_ONCE, _MOST_WAITING = 100, 2_000
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 2.0


class Intake:
    """Twitch sends nothing twice over a WebSocket: `take` is tried until it holds.

    When too much waits, reading waits, too.
    """

    def __init__(
        self,
        take: Callable[[Notification], Awaitable[None]],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._take = take
        self._sleep = sleep
        self._waiting: asyncio.Queue[Notification] = asyncio.Queue(_MOST_WAITING)
        self._worker: asyncio.Task[None] | None = None

    async def hear(self, message: Notification) -> None:
        """Take a message, or wait until there is a place for it."""
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(), name="twitch intake")
        await self._waiting.put(message)

    async def _work(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < _AT_ONCE and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            await self._take_all(batch)
            for _ in batch:
                self._waiting.task_done()

    async def _take_all(self, batch: list[Notification]) -> None:
        pause = _FIRST_PAUSE
        while True:
            taken = await asyncio.gather(*map(self._one, batch))
            batch = [message for message, done in zip(batch, taken, strict=True) if not done]
            if not batch:
                return
            await self._sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _one(self, message: Notification) -> bool:
        """Whether there is nothing left to do about it."""
        try:
            await self._take(message)
        except InvalidInput as error:
            log.warning("a notification is left out: %s", error.message)
        except ServiceError as error:
            log.warning("a notification waits: %s", error.message)
            return False
        except Exception:  # The edge: one broken message must not stop the others.
            log.exception("a notification cannot be taken")
        return True

    async def close(self) -> None:
        """Finish what waits."""
        if self._worker is not None:
            await self._waiting.join()
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
