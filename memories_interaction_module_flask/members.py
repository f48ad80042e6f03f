"""Who a portal's person is in a community, and where they are reached."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask_core.contracts import community
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput
from flask_core.operations import Caller
from flask_core.service_client import ServiceClient
from memories_interaction_module_flask.models import By


class Members:
    """Who a portal's person is in a community."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def acting(self, caller: Caller, community_id: int) -> By:
        """The member behind the caller, trusted from moderator on."""
        person = caller.person
        known = await self._client.call(
            "community", community.ROLE_OF, community.RoleOf(community_id, person.person_id)
        )  # fmt: skip
        return By(known.member_id or person.person_id, person.name or "somebody", caller.role >= Role.MODERATOR)

    async def zone(self, community_id: int) -> tuple[ZoneInfo, str]:
        """The community's time zone and locale."""
        found = await self._client.call("community", community.GET, community.CommunityId(community_id))
        return ZoneInfo(found.time_zone), found.locale

    async def account(self, community_id: int, member_id: str) -> tuple[str, str]:
        """Where a member is reached: platform and user id of the first account."""
        member = await self._client.call(
            "community", community.MEMBER, community.MemberOf(community_id, member_id)
        )  # fmt: skip
        if not member.accounts:
            raise InvalidInput("Write in a channel of this community once, so that I know where to reach you.")
        return member.accounts[0].platform, member.accounts[0].user_id
