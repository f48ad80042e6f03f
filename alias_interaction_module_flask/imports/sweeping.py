"""Forgets hourly, and first of all at the start: what a crash left behind goes when its time is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any

from flask_core.auth import utc_now
from flask_core.errors import ServiceError

log = logging.getLogger(__name__)

_SECONDS = 3_600.0


def sweeping(forget: Callable[[datetime], Awaitable[None]]) -> Callable[[], Coroutine[Any, Any, None]]:
    """Work for the background; forgetting twice does no harm, so every replica may."""

    async def for_ever() -> None:
        while True:
            try:
                await forget(utc_now())
            except ServiceError as error:
                log.warning("what is old stays a while: %s", error.message)
            await asyncio.sleep(_SECONDS)

    return for_ever
