"""Who a portal's person is in a community."""

from __future__ import annotations

from alias_interaction_module_flask.models import By
from flask_core.contracts import community
from flask_core.operations import Caller
from flask_core.service_client import ServiceClient


class Members:
    """Asks community, which knows."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def acting(self, caller: Caller, community_id: int) -> By:
        """The member behind the caller, with the role that was checked."""
        person = caller.person
        known = await self._client.call(
            "community", community.ROLE_OF, community.RoleOf(community_id, person.person_id)
        )  # fmt: skip
        return By(known.member_id or person.person_id, person.name or "somebody", caller.role)
