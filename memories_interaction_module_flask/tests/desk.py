"""The running module with community played by the test, and people who use it through the portal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask_core.app_factory import Service
from flask_core.contracts import community, memories, module
from flask_core.datamodels import Role
from flask_core.operations import Acting, Caller
from flask_core.testing.installation import Installation

FOLDER = "memories_interaction_module_flask"
PENGUINS, OTTERS = 2, 3


@dataclass
class Desk:
    """Ann owns both communities, Ben moderates, everybody else may look and suggest."""

    inst: Installation
    roles: dict[str, Role] = field(default_factory=lambda: {"ann": Role.OWNER, "ben": Role.MODERATOR})

    @property
    def service(self) -> Service:
        return self.inst.services["memories"]

    async def ask(self, operation: Any, request: Any, who: str = "ann", *, module: str = "portal") -> Any:
        """A person's request; the portal always asserts the highest role, the module looks itself."""
        acting = Acting(f"person-{who}", datetime.now(UTC), None, Role.OWNER, name=who.capitalize())
        return await self.inst.client(module).call("memories", operation, request, acting=acting)

    async def call(self, module: str, operation: Any, request: Any) -> Any:
        """Another module's request for itself."""
        return await self.inst.client(module).call("memories", operation, request)

    def play_the_others(self, inst: Installation) -> None:
        """Community knows who people are, and which channels there are."""
        people = inst.fake("community")

        @people.offers(community.ROLE_OF)
        async def role(asked: community.RoleOf, _: Caller) -> community.PersonRole:
            who = asked.person_id.removeprefix("person-")
            held = self.roles.get(who, Role.VIEWER)
            return community.PersonRole(held, held, f"member-{who}")

        @people.offers(community.GET)
        async def show(asked: community.CommunityId, _: Caller) -> community.Community:
            return community.Community(asked.community_id, "penguins", "Penguins", time_zone="Europe/Berlin")

        @people.offers(community.CHANNELS)
        async def channels(asked: community.CommunityId, _: Caller) -> community.ChannelList:
            return community.ChannelList((community.Channel("twitch:1:1", asked.community_id, "penguins"),))

        @people.offers(community.MEMBER)
        async def member(asked: community.MemberOf, _: Caller) -> community.Member:
            name = asked.member_id.removeprefix("member-")
            accounts = () if name == "ghost" else (community.MemberAccount("twitch", f"id-{name}", name, name),)
            return community.Member(asked.member_id, name, "active", self.roles.get(name, Role.VIEWER), accounts)


def quote(text: str, **fields: object) -> memories.AddEntry:
    return memories.AddEntry(PENGUINS, "quote", text, **fields)  # type: ignore[arg-type]


def one(kind: memories.Kind = "quote", number: int = 1) -> memories.EntryOf:
    return memories.EntryOf(PENGUINS, kind, number)


async def settings(desk: Desk, **changed: object) -> None:
    now = await desk.ask(module.GET_SETTINGS, module.CommunityOnly(PENGUINS))
    await desk.ask(module.PUT_SETTINGS, module.PutSettings(PENGUINS, {**now.document, **changed}, now.version))
