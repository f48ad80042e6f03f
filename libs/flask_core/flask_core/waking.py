"""Wakes a loop that sleeps between two looks, so that what was just asked for need not wait for the next."""

from __future__ import annotations

import asyncio


class Alarm:
    """Give `sleep` to the loop as what it waits with, and `ring` when there is something to do in this process."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Do not sleep any longer, or not at all the next time."""
        self._rung.set()

    async def sleep(self, seconds: float) -> None:
        """Until it rings, at most so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return
        finally:
            self._rung.clear()
