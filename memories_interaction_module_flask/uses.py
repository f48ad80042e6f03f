"""Counts what chat was shown, and writes it down now and then: nobody's answer waits for a statistic."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.errors import Unavailable
from memories_interaction_module_flask.memory_repository import MemoryRepository
from memories_interaction_module_flask.models import Memory

_EVERY_SECONDS = 1.0


class Uses:
    """What was counted in the last second is lost when the process dies."""

    def __init__(self, repository: MemoryRepository, now: Callable[[], datetime] = utc_now) -> None:
        self._repository = repository
        self._now = now
        self._counts: Counter[int] = Counter()

    def count(self, memory: Memory) -> None:
        """It was shown in chat."""
        self._counts[memory.id] += 1

    async def run(self) -> None:
        """For ever: write down what was counted."""
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            await self.write()

    async def write(self) -> None:
        """Write down what was counted; kept for later while the database is away."""
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            await self._repository.used(counts, self._now())
        except Unavailable:
            self._counts.update(counts)
            raise
