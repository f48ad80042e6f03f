"""Lets what others have to be told be told at once, so that whoever signs in finds their communities."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from flask_core.errors import ServiceError

log = logging.getLogger(__name__)

_PATIENCE = 2.0


class TellNow:
    """`step` tells what is due; it goes on when somebody's patience is over, and the loop comes again anyway."""

    def __init__(self, step: Callable[[], Awaitable[object]]) -> None:
        self._step = step
        self._open: set[asyncio.Task[None]] = set()

    async def __call__(self) -> None:
        """Wait at most two seconds for it."""
        task = asyncio.create_task(self._tell())
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        await asyncio.wait({task}, timeout=_PATIENCE)

    async def _tell(self) -> None:
        try:
            await self._step()
        except ServiceError as error:
            log.warning("what is due is told later: %s", error.code)
