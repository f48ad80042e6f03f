"""When to look again: soon after others say that something changed, and now and then in between."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing

from flask_core.shared_state import MISSED, SharedState

QUIET_SECONDS = 15.0
_REMEMBERED = 1_000


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


async def server_sent(
    news: AsyncGenerator[bool], behind: Callable[[str], Awaitable[Sequence[tuple[str, bytes]]]], after: str
) -> AsyncGenerator[bytes]:
    """Server-sent events: what `behind` the last id there is, as (id, JSON), whenever `news` says to look.

    Each id goes out once; a comment in quiet times keeps the connection open.
    """
    sent: OrderedDict[str, None] = OrderedDict()
    async with aclosing(news):
        async for look in news:
            if not look:
                yield b": still here\n\n"
                continue
            for key, body in await behind(after):
                if key not in sent:
                    # An id must not end its line, whoever gave it.
                    yield b"id: %s\ndata: %s\n\n" % ("".join(key.split()).encode(), body)
                    sent[key], after = None, key
            while len(sent) > _REMEMBERED:
                sent.popitem(last=False)
