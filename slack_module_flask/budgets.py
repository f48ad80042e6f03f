"""How much may be said: by channel and by workspace, in all replicas together."""

from __future__ import annotations

from flask_core.errors import TooMany
from flask_core.shared_state import SharedState

CHANNEL_BURST = 3
TEAM_PER_SECOND = 20
_SPOKEN = "The bot has said as much as Slack allows."


class Budgets:
    """One message per second and channel, three at once; twenty per second in a workspace."""

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared

    async def left(self, team_id: str) -> int:
        """How many messages may be said in a workspace at once, now."""
        until_full = await self._shared.spend(
            f"slack:budget:{team_id}", capacity=TEAM_PER_SECOND, per_seconds=1.0, amount=0, keep=TEAM_PER_SECOND
        )
        return max(0, TEAM_PER_SECOND - round(until_full * TEAM_PER_SECOND))

    async def spend(self, team_id: str, channel_id: str, *, urgent: bool = False) -> None:
        """Take one; the workspace's last are for what is urgent. Raises TooMany with the seconds to wait."""
        team = await self._shared.spend(
            f"slack:budget:{team_id}", capacity=TEAM_PER_SECOND, per_seconds=1.0, keep=0 if urgent else 2
        )
        if team:
            raise TooMany(_SPOKEN, retry_after=team)
        wait = await self._shared.spend(
            f"slack:budget:{team_id}:{channel_id}", capacity=CHANNEL_BURST, per_seconds=float(CHANNEL_BURST)
        )
        if wait:
            raise TooMany(_SPOKEN, retry_after=wait)
