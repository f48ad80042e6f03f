"""Permits: one link of one member within a moment, in whichever replica it comes by."""

from __future__ import annotations

from flask_core.datamodels import Event, GivenMember
from flask_core.errors import InvalidInput
from flask_core.shared_state import SharedState

SHORTEST, LONGEST = 5, 3_600
_AGAIN_SECONDS = 3_600.0


class Permits:
    """Kept in shared state under the community, the platform and every way in which the member can be named."""

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared

    async def give(self, community_id: int, platform: str, member: GivenMember, seconds: int) -> None:
        """Let `member` post one link."""
        if not SHORTEST <= seconds <= LONGEST:
            raise InvalidInput(f"A permit lasts {SHORTEST} s to 60 min.")
        name = member.user_id or member.name
        await self._shared.set(_key(community_id, platform, name), b"1", seconds)

    async def use(self, community_id: int, event: Event) -> bool:
        """Whether this line is the permitted one; the same line again is it again."""
        again = f"permitted:{event.event_id}"
        if await self._shared.get(again) is not None:
            return True
        account = event.account
        if account is None:
            return False
        # A mention in Slack names the user without the team, which is part of the account.
        mentioned = account.user_id.rpartition(".")[2]
        for name in dict.fromkeys((account.user_id, mentioned, account.login, account.display_name)):
            if name and await self._shared.take(_key(community_id, event.platform, name)) is not None:
                await self._shared.set(again, b"1", _AGAIN_SECONDS)
                return True
        return False


def _key(community_id: int, platform: str, name: str) -> str:
    return f"permit:{community_id}:{platform}:{name.lower()}"
