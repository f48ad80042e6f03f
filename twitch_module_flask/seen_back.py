"""Whether a line that the bot said on trial came back over the way on which everybody's lines come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from flask_core.datamodels import Event
from flask_core.errors import ServiceError
from flask_core.shared_state import SharedState

LINE = "WaddleBot can speak here."
WAIT_SECONDS = 6.0
_LOOKS_EVERY, _KEPT = 0.1, 60.0


class SeenBack:
    """Any replica may hear the line; the one that said it looks for it in shared state."""

    def __init__(self, shared: SharedState, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._shared = shared
        self._sleep = sleep

    async def heard(self, line: Event) -> None:
        """A chat line was taken; only those on trial are remembered."""
        if line.text.startswith(LINE):
            # It is taken whether or not anybody waits to hear of it.
            with suppress(ServiceError):
                await self._shared.set(_key(line.data["message_id"]), b"1", _KEPT)

    async def came(self, message_id: str) -> bool:
        """Whether a line comes back within a few seconds. Raises Unavailable without shared state."""
        for _ in range(round(WAIT_SECONDS / _LOOKS_EVERY)):
            if await self._shared.get(_key(message_id)) is not None:
                return True
            await self._sleep(_LOOKS_EVERY)
        return False


def _key(message_id: str) -> str:
    return f"twitch:seen:{message_id[:100]}"
