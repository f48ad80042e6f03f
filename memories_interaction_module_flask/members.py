"""Who a portal's person is in a community, and where they are reached."""

from __future__ import annotations

from flask_core.contracts import community
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, NotFound
from flask_core.operations import Caller
from flask_core.own_member import own_member
from flask_core.service_client import ServiceClient
from memories_interaction_module_flask.models import By
from memories_interaction_module_flask.times import Place, zone_of


class Members:
    """Who a portal's person is in a community."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def acting(self, caller: Caller, community_id: int) -> By:
        """The member behind the caller, trusted from moderator on."""
        person = caller.person
        member_id = await own_member(self._client, community_id, caller)
        return By(member_id or person.person_id, person.name or "somebody", caller.role >= Role.MODERATOR)

    async def place(self, community_id: int, zone: str = "") -> Place:
        """Where words are read: the community's time zone, or the one that is named, and its locale."""
        found = await self._client.call("community", community.GET, community.CommunityId(community_id))
        return Place(community_id, zone_of(zone or found.time_zone), found.locale)

    async def channel(self, community_id: int, platform: str, name: str) -> community.Channel:
        """A channel of the community by its key, its name or its id on `platform`; raises NotFound."""
        found = await self._client.call("community", community.CHANNELS, community.CommunityId(community_id))
        wanted = name.strip("<>").removeprefix("#").casefold()
        for channel in found.items:
            known_by = {channel.key.casefold()}
            if channel.key.startswith(f"{platform}:"):
                known_by |= {channel.name.removeprefix("#").casefold(), channel.key.rpartition(":")[2].casefold()}
            if wanted and wanted in known_by:
                return channel
        raise NotFound(f"I know no channel {name[:60]} here.")

    async def account(self, community_id: int, member_id: str) -> tuple[str, str]:
        """Where a member is reached: platform and user id of the first account."""
        member = await self._client.call(
            "community", community.MEMBER, community.MemberOf(community_id, member_id)
        )  # fmt: skip
        if not member.accounts:
            raise InvalidInput("Write in a channel of this community once, so that I know where to reach you.")
        return member.accounts[0].platform, member.accounts[0].user_id
