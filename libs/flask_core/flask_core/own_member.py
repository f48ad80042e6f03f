"""Which member of a community a person is."""

from __future__ import annotations

from flask_core.contracts import community
from flask_core.operations import Caller
from flask_core.service_client import ServiceClient


async def own_member(client: ServiceClient, community_id: int, caller: Caller) -> str:
    """The id of the person's member there, "" for who has none; raises what community answers.

    Whoever was let in by their role there was looked up already.
    """
    if caller.member_id is not None:
        return caller.member_id
    asked = community.RoleOf(community_id, caller.person.person_id)
    return (await client.call("community", community.ROLE_OF, asked)).member_id
