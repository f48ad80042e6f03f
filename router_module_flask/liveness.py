"""Whether channels are live, as their platforms told: kept in memory, because every line may ask."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask_core.database import AsyncDAL
from flask_core.datamodels import LIVE_AFTER, Event
from flask_core.remembered import RememberedBy
from router_module_flask.timers.streams import stream_of

_FRESH_SECONDS = 60.0


class Liveness:
    """What was told last is known at once by who reads the channel, and within a minute by everybody else."""

    def __init__(self, database: AsyncDAL, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._kept = RememberedBy(self._read, _FRESH_SECONDS, clock)

    async def of(self, channel: str) -> bool | None:
        """Whether it is live; None when nobody ever told."""
        return await self._kept.get(channel)

    def told(self, event: Event) -> None:
        """A stream began or ended; it is recorded when the event is."""
        self._kept.put(event.channel, LIVE_AFTER[event.message_type])

    async def _read(self, channel: str) -> bool | None:
        return await self._database.read(lambda tx: stream_of(tx, channel).live)
