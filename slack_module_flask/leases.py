"""One replica at a time: what reads something at Slack and writes it back waits for its turn."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flask_core.errors import Unavailable
from flask_core.shared_state import SharedState

_SECONDS, _LOOK = 20.0, 0.1


@asynccontextmanager
async def alone(shared: SharedState, name: str, busy: str) -> AsyncIterator[None]:
    """Hold a lease; raises Unavailable with the sentence `busy` when others hold it for too long."""
    owner = secrets.token_hex(8)
    try:
        async with asyncio.timeout(_SECONDS):
            while not await shared.lease(name, owner, _SECONDS):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(_LOOK)
    except TimeoutError:
        raise Unavailable(busy) from None
    try:
        yield
    finally:
        await shared.release(name, owner)
