"""When to look again: soon after others say that something changed, and now and then in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable

from flask_core.shared_state import MISSED, SharedState

QUIET_SECONDS = 15.0


async def looks(
    shared: SharedState,
    topic: str,
    concerns: Callable[[bytes], bool],
    *,
    seconds: float,
    quiet_seconds: float = QUIET_SECONDS,
) -> AsyncGenerator[bool]:
    """True at once, and whenever a message of `topic` concerns the reader (or may have been missed).

    False after `quiet_seconds` without one. Ends after `seconds`; raises Unavailable when the reader falls behind.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    async with shared.subscribe(topic) as messages:
        yield True
        while (left := end - clock()) > 0:
            yield await _concerned(messages, concerns, min(left, quiet_seconds))


async def _concerned(
    messages: AsyncIterator[tuple[str, bytes]], concerns: Callable[[bytes], bool], seconds: float
) -> bool:
    try:
        async with asyncio.timeout(seconds):
            async for topic, message in messages:
                if (topic, message) == MISSED or concerns(message):
                    return True
    except TimeoutError:
        return False
    return False
