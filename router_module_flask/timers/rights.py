"""With which role a timer's command runs: never more than its author had, nor than they have now."""

from __future__ import annotations

from flask_core.contracts import community
from flask_core.datamodels import MemberRef, Role
from flask_core.errors import NotFound
from flask_core.operations import Caller
from flask_core.service_client import ServiceClient
from router_module_flask.timers.models import Author


def author_in_portal(caller: Caller) -> Author:
    """The person behind a form."""
    person = caller.person
    return Author(person.person_id, True, person.name, caller.role, caller.role)


def author_in_chat(member: MemberRef) -> Author:
    """The member behind a line. What only a platform grants in one channel lends a moderator's rights at most."""
    lent = max(member.assigned_role, min(member.role, Role.MODERATOR))
    return Author(member.id, False, member.name, lent, member.assigned_role)


class Rights:
    """Asks community what became of an author."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def now(self, community_id: int, author: Author) -> Role:
        """The role that their command has today."""
        try:
            if author.person:
                return await self._of_person(community_id, author)
            return await self._of_member(community_id, author)
        except NotFound:
            return Role.VIEWER

    async def _of_person(self, community_id: int, author: Author) -> Role:
        held = await self._client.call("community", community.ROLE_OF, community.RoleOf(community_id, author.id))
        return Role.VIEWER if held.banned else min(author.role, held.portal)

    async def _of_member(self, community_id: int, author: Author) -> Role:
        member = await self._client.call("community", community.MEMBER, community.MemberOf(community_id, author.id))
        if member.status in ("banned", "left"):
            return Role.VIEWER
        # A role that only the platform granted is not kept by community; one that was assigned is.
        return min(author.role, member.role) if author.assigned >= author.role else author.role
