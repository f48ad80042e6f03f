"""The last thing that went wrong, per community and for the whole installation, remembered for the tile."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts.twitch import LastError
from flask_core.errors import ServiceError
from flask_core.shared_state import SharedState

_KEPT = 7 * 86_400.0


class Troubles:
    """Sentences of ours only, never what somebody typed."""

    def __init__(self, shared: SharedState, now: Callable[[], datetime] = utc_now) -> None:
        self._shared = shared
        self._now = now

    async def note(self, said: str, community_id: int = 0) -> None:
        """Something went wrong. Without shared state only the log knows."""
        found = msgspec.json.encode(LastError(self._now(), said))
        with suppress(ServiceError):
            for place in {0, community_id}:
                await self._shared.set(_key(place), found, _KEPT)

    async def forget(self, community_id: int) -> None:
        """A community ended."""
        await self._shared.delete(_key(community_id))

    async def last(self, community_id: int) -> LastError | None:
        """What went wrong last in a community, or with 0 anywhere; None for a week without trouble."""
        known = await self._shared.get(_key(community_id))
        return msgspec.json.decode(known, type=LastError) if known else None


def _key(community_id: int) -> str:
    return f"twitch:trouble:{community_id}"
