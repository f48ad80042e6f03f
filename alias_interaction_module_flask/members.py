"""Who a portal's person, or an account, is in a community."""

from __future__ import annotations

from alias_interaction_module_flask.models import By
from flask_core.contracts import community
from flask_core.operations import Caller
from flask_core.own_member import own_member
from flask_core.service_client import ServiceClient


class Members:
    """Asks community, which knows."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def acting(self, caller: Caller, community_id: int) -> By:
        """The member behind the caller, with the role that was checked."""
        person = caller.person
        member_id = await own_member(self._client, community_id, caller)
        return By(member_id or person.person_id, person.name or "somebody", caller.role)

    async def account(self, community_id: int, platform: str, user_id: str) -> community.AccountRole:
        """What an account may do, and which others are the same member's."""
        asked = community.AccountOf(community_id, platform, user_id)
        return await self._client.call("community", community.ROLE_OF_ACCOUNT, asked)
