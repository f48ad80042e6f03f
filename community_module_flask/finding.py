"""Finds a community by what somebody calls it, among those that they can see."""

from __future__ import annotations

import contextlib

from community_module_flask.communities import Communities
from community_module_flask.contexts import People
from flask_core.contracts.community import Community
from flask_core.datamodels import MemberRef
from flask_core.errors import NotFound, ServiceError

_DIGITS = 15


class Finding:
    """Names are ids, slugs or display names."""

    def __init__(self, communities: Communities, people: People) -> None:
        self._communities = communities
        self._people = people

    async def visible(self, member: MemberRef, name: str) -> Community:
        """One of the speaker's own communities, or a public one. Raises NotFound."""
        public = await self._communities.belonging_to("", name.strip())
        for found in await self.own(member) + public:
            if is_called(found, name):
                return found
        number = name.strip().removeprefix("#")
        if number.isascii() and number.isdecimal() and len(number) <= _DIGITS:
            with contextlib.suppress(NotFound):
                return await self._communities.show(int(number), member.person_id or "")
        raise NotFound("No community of that name that you can see.")

    async def own(self, member: MemberRef) -> list[Community]:
        """Communities of the speaker, by account and by person."""
        own = await self._communities.of_account(member.platform, member.account.user_id)
        person_id = member.person_id or await self._person(member)
        return own + (await self._communities.belonging_to(person_id, "") if person_id else [])

    async def _person(self, member: MemberRef) -> str:
        """Whose account it is: in a channel of no community nobody has looked."""
        try:
            return (await self._people.person_of(member.platform, member.account.user_id)).person_id
        except ServiceError:
            return ""


def is_called(community: Community, name: str) -> bool:
    """Whether `name` means this community."""
    called = (community.name.lower(), community.slug, str(community.id), f"#{community.id}")
    return name.strip().lower() in called
