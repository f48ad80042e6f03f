"""Lets offences decay, every hour, in one replica."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.errors import ServiceError
from flask_core.shared_state import SharedState
from router_module_flask.moderation.filters.offence_repository import OffenceRepository

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 3_600.0
_BATCH = 1_000


class Decay:
    """What was 30 days ago stands for nothing any more."""

    def __init__(
        self, offences: OffenceRepository, shared: SharedState, owner: str, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._offences = offences
        self._shared = shared
        self._owner = owner
        self._now = now

    async def run(self) -> None:
        """For ever, while this replica holds the lease."""
        while True:
            try:
                if await self._shared.lease("router:offences", self._owner, INTERVAL_SECONDS * 1.5):
                    await self.sweep()
            except ServiceError as error:
                log.warning("offences decay later: %s", error.message)
            await asyncio.sleep(INTERVAL_SECONDS)

    async def sweep(self) -> int:
        """Let everything decay that is due; how many members stand at the foot again."""
        decayed = 0
        while gone := await self._offences.decay(self._now(), _BATCH):
            decayed += gone
        return decayed
