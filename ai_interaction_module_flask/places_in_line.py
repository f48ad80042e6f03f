"""How many questions run at once, and how many wait."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flask_core.errors import TooMany

PER_COMMUNITY, MOST_WAITING = 2, 20
BUSY = "I have too many questions right now, try again in a moment."


class Line:
    """Two of a community and `most` of this process at once; up to twenty wait."""

    def __init__(self, most: int) -> None:
        self._everybody = asyncio.Semaphore(most)
        self._places: dict[int, asyncio.Semaphore] = {}
        self._there: Counter[int] = Counter()
        self._waiting = 0

    @asynccontextmanager
    async def turn(self, community_id: int) -> AsyncIterator[None]:
        """Wait for a turn, and have it inside. Raises TooMany when too many wait."""
        place = self._places.setdefault(community_id, asyncio.Semaphore(PER_COMMUNITY))
        if (place.locked() or self._everybody.locked()) and self._waiting >= MOST_WAITING:
            raise TooMany(BUSY, reason="queue")
        self._there[community_id] += 1
        self._waiting += 1
        waiting = True
        try:
            async with place, self._everybody:
                self._waiting -= 1
                waiting = False
                yield
        finally:
            self._waiting -= waiting
            self._there[community_id] -= 1
            if not self._there[community_id]:
                del self._there[community_id], self._places[community_id]
