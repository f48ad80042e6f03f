"""What the author of a rule may do now: commands that a rule runs never have more rights than that."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from flask_core.contracts import community
from flask_core.datamodels import Role
from flask_core.errors import NotFound
from flask_core.remembered import RememberedBy
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState

_FRESH_SECONDS = 60.0
_PERSON, _MEMBER = "person:", "member:"


def author_of(person_id: str | None, member_id: str = "") -> str:
    """How a rule names its author; a person where the account belongs to one."""
    return f"{_PERSON}{person_id}" if person_id else f"{_MEMBER}{member_id}"


class Authors:
    """Asked when a rule with a command matches; remembered for a minute, and until community says otherwise."""

    def __init__(self, client: ServiceClient, shared: SharedState, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._shared = shared
        self._roles = RememberedBy(self._ask, _FRESH_SECONDS, clock)

    async def role_of(self, community_id: int, author: str) -> Role:
        """The role in the community, not in one channel; raises Unavailable when nobody can tell."""
        return await self._roles.get((community_id, author))

    async def _ask(self, whose: tuple[int, str]) -> Role:
        community_id, author = whose
        try:
            if author.startswith(_PERSON):
                person = community.RoleOf(community_id, author.removeprefix(_PERSON))
                told = await self._client.call("community", community.ROLE_OF, person)
                return Role.VIEWER if told.banned else max(told.assigned, told.portal)
            if author.startswith(_MEMBER):
                asked = community.MemberOf(community_id, author.removeprefix(_MEMBER))
                member = await self._client.call("community", community.MEMBER, asked)
                return Role.VIEWER if member.status == "banned" else member.role
        except NotFound:
            pass
        return Role.VIEWER

    async def listen(self) -> None:
        """For ever: forget what may have changed."""
        async with self._shared.subscribe(community.TOPIC_MEMBER, community.TOPIC_COMMUNITY) as messages:
            self._roles.forget()
            async for topic, message in messages:
                if topic == community.TOPIC_MEMBER:
                    self._forget(msgspec.json.decode(message, type=community.MemberChanged).community_id)
                elif topic:
                    self._forget(msgspec.json.decode(message, type=community.CommunityChanged).community_id)
                else:
                    self._roles.forget()

    def _forget(self, community_id: int) -> None:
        self._roles.forget_those(lambda whose: whose[0] == community_id)
