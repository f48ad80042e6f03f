"""Answers are kept in shared state, so that all replicas together ask Twitch once."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import msgspec

from flask_core.errors import NotFound, TooMany, Unavailable, UpstreamFailed
from flask_core.shared_state import SharedState

_AGAIN = 30.0
_ID = re.compile(r"[0-9]{1,20}")


async def kept[T](
    shared: SharedState, key: str, seconds: float, kind: type[T], find: Callable[[], Awaitable[T]], name: str = "Twitch"
) -> T:
    """What is known under `key`, or what `find` finds at `name`. Raises Unavailable with the seconds to wait for it."""
    known = await shared.get(f"twitch:{key}")
    if known is not None:
        return msgspec.json.decode(known, type=kind)
    found = await asked(find, name)
    await shared.set(f"twitch:{key}", msgspec.json.encode(found), seconds)
    return found


async def asked[T](find: Callable[[], Awaitable[T]], name: str = "Twitch") -> T:
    """What `find` finds at `name`. Raises Unavailable with the seconds to wait for it."""
    try:
        return await find()
    except TooMany as error:
        raise Unavailable(error.message, retry_after=error.retry_after or _AGAIN) from error
    except UpstreamFailed as error:
        raise Unavailable(f"{name} is not answering right now.", retry_after=error.retry_after or _AGAIN) from error


def known_as_id(text: str) -> None:
    """Raise NotFound for what is no id of Twitch's, before it is asked about."""
    if not _ID.fullmatch(text):
        raise NotFound("Twitch knows nothing under this id.")
