"""What goes on after Slack has its acknowledgement: bounded, and finished before the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from flask_core.errors import ServiceError

log = logging.getLogger(__name__)

_MOST = 500
_SECONDS = 60.0


class Behind:
    """`start` runs something in the background; its errors are logged."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, what: str, work: Coroutine[Any, Any, Any]) -> None:
        """Run it, unless hundreds run already."""
        if len(self._tasks) >= _MOST:
            work.close()
            log.warning("too much at once: %s is left out", what)
            return
        task = asyncio.create_task(self._run(what, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, what: str, work: Coroutine[Any, Any, Any]) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                await work
        except ServiceError as error:
            log.warning("%s failed: %s", what, error.message)
        except TimeoutError:
            log.warning("%s took too long", what)
        except Exception:  # The edge of background work: nobody else would see it.
            log.exception("%s failed", what)

    async def finish(self) -> None:
        """Wait for what runs."""
        if self._tasks:
            await asyncio.gather(*self._tasks)
