"""What somebody may see and forget of their own conversations, and of nobody else's."""

from __future__ import annotations

from dataclasses import dataclass

from ai_interaction_module_flask.conversations import Conversations
from flask_core.contracts import ai, community
from flask_core.operations import Caller
from flask_core.own_member import own_member
from flask_core.service_client import ServiceClient


@dataclass(frozen=True, slots=True)
class OwnTalks:
    """Looks in every channel of the community."""

    conversations: Conversations
    client: ServiceClient

    async def show(self, community_id: int, caller: Caller) -> ai.OwnConversation:
        """All that is remembered."""
        turns = []
        for channel, member_id in await self._places(community_id, caller):
            for one in await self.conversations.of_member(community_id, channel, member_id):
                turns.append(ai.Turn(channel, one.question, one.answer))
        return ai.OwnConversation(tuple(turns))

    async def forget(self, community_id: int, caller: Caller) -> int:
        """How many conversations are forgotten."""
        places = await self._places(community_id, caller)
        return sum([await self.conversations.forget(community_id, *place) for place in places])

    async def _places(self, community_id: int, caller: Caller) -> list[tuple[str, str]]:
        member_id = await own_member(self.client, community_id, caller)
        if not member_id:
            return []
        found = await self.client.call("community", community.CHANNELS, community.CommunityId(community_id))
        return [(channel.key, member_id) for channel in found.items]
