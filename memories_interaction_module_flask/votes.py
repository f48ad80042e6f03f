"""One vote per member and entry, changeable; the sum is kept by the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.community_settings import CommunitySettings
from flask_core.errors import Forbidden, InvalidInput
from memories_interaction_module_flask.config import CommunityChoices
from memories_interaction_module_flask.entries import Entries
from memories_interaction_module_flask.models import Kind
from memories_interaction_module_flask.vote_repository import VoteRepository

WORDS = {"up": 1, "+": 1, "down": -1, "-": -1, "none": 0}


@dataclass(frozen=True, slots=True)
class Votes:
    """Linked accounts are one member, so a person counts once."""

    entries: Entries
    repository: VoteRepository
    settings: CommunitySettings[CommunityChoices]
    now: Callable[[], datetime] = utc_now

    async def vote(self, community_id: int, kind: Kind, number: int, member_id: str, value: int) -> int:
        """Set the member's vote to 1, -1 or 0; returns the sum. Raises Forbidden for one's own entry."""
        if value not in {-1, 0, 1}:
            raise InvalidInput("Vote up, down or none.")
        memory = await self.entries.show(community_id, kind, number)
        choices, _ = await self.settings.read(community_id)
        if memory.created_by == member_id and not choices.vote_on_own:
            raise Forbidden("Votes on one's own entries do not count here.")
        return await self.repository.set_vote(memory.id, member_id, value, self.now())
