"""What the author of a rule may do now: commands that a rule runs never have more rights than that."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from flask_core.contracts import community
from flask_core.datamodels import Role
from flask_core.errors import NotFound
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState

_FRESH_SECONDS = 60.0
_REMEMBERED = 10_000
_PERSON, _MEMBER = "person:", "member:"


def author_of(person_id: str | None, member_id: str = "") -> str:
    """How a rule names its author; a person where the account belongs to one."""
    return f"{_PERSON}{person_id}" if person_id else f"{_MEMBER}{member_id}"


class Authors:
    """Asked when a rule with a command matches; remembered for a minute, and until community says otherwise."""

    def __init__(self, client: ServiceClient, shared: SharedState, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._shared = shared
        self._clock = clock
        self._kept: OrderedDict[tuple[int, str], tuple[float, Role]] = OrderedDict()

    async def role_of(self, community_id: int, author: str) -> Role:
        """The role in the community, not in one channel; raises Unavailable when nobody can tell."""
        kept = self._kept.get((community_id, author))
        if kept is not None and kept[0] > self._clock():
            return kept[1]
        role = await self._ask(community_id, author)
        self._kept[community_id, author] = (self._clock() + _FRESH_SECONDS, role)
        if len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)
        return role

    async def _ask(self, community_id: int, author: str) -> Role:
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
            self._kept.clear()
            async for topic, message in messages:
                if topic == community.TOPIC_MEMBER:
                    self._forget(msgspec.json.decode(message, type=community.MemberChanged).community_id)
                elif topic:
                    self._forget(msgspec.json.decode(message, type=community.CommunityChanged).community_id)
                else:
                    self._kept.clear()

    def _forget(self, community_id: int) -> None:
        for key in [key for key in self._kept if key[0] == community_id]:
            del self._kept[key]
