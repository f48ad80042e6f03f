"""Which quotes a channel saw last, so that chance does not repeat itself."""

from __future__ import annotations

import msgspec

from flask_core.shared_state import SharedState

REMEMBERED = 5
_SECONDS = 86_400.0


class RecentQuotes:
    """The last five per channel, for a day, over all replicas."""

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared

    async def of(self, channel: str) -> list[int]:
        """The numbers of the last quotes, oldest first."""
        kept = await self._shared.get(f"memories:recent:{channel}")
        return msgspec.json.decode(kept, type=list[int]) if kept else []

    async def shown(self, channel: str, number: int) -> None:
        """A quote was shown."""
        lately = [*(await self.of(channel)), number][-REMEMBERED:]
        await self._shared.set(f"memories:recent:{channel}", msgspec.json.encode(lately), _SECONDS)
