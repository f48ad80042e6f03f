"""Regulars: community keeps who has which role. Nobody loses one by an import."""

from __future__ import annotations

from dataclasses import dataclass, replace

from alias_interaction_module_flask.imports.placing import Present, Who
from alias_interaction_module_flask.imports.rows import Becomes, Regular
from alias_interaction_module_flask.models import Origin
from flask_core.contracts import community
from flask_core.datamodels import Platform, Role
from flask_core.errors import NotFound
from flask_core.service_client import ServiceClient


@dataclass(frozen=True, slots=True)
class PeoplePlace:
    """By member; `version` is the role, so that who became more since is left alone."""

    client: ServiceClient

    async def find(self, who: Who, result_id: str) -> Present | None:
        """A member who is a regular, or more."""
        try:
            member = await self.client.call(
                "community", community.MEMBER, community.MemberOf(who.community_id, result_id), acting=who.acting
            )
        except NotFound:
            return None
        return _shown(member) if member.role >= Role.REGULAR else None

    async def in_the_way(self, who: Who, becomes: Becomes) -> Present | None:
        """Nobody is."""
        return None

    async def make(self, who: Who, becomes: Becomes, origin: Origin) -> Present:
        """Somebody becomes a regular; who is more already stays that."""
        assert isinstance(becomes, Regular)
        platform = Platform(becomes.platform)
        asked = community.RaiseAccount(who.community_id, platform, becomes.user_id, becomes.name, Role.REGULAR)
        raised = await self.client.call("community", community.RAISE_ACCOUNT, asked, acting=who.acting)
        return replace(_shown(raised.member), made=raised.before < Role.REGULAR)

    async def change(self, who: Who, present: Present, becomes: Becomes, origin: Origin) -> Present:
        """The account of a regular does not change."""
        return await self.make(who, becomes, origin)

    async def remove(self, who: Who, present: Present) -> None:
        """A viewer again."""
        asked = community.SetRole(who.community_id, present.result_id, Role.VIEWER, reason="import taken back")
        await self.client.call("community", community.SET_ROLE, asked, acting=who.acting)


def _shown(member: community.Member) -> Present:
    return Present(member.id, int(member.role), Regular(member.name, "", ""))
