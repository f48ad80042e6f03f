"""The real community, with identity played by the test, and people who act in it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio

from flask_core.contracts import community, identity
from flask_core.datamodels import Account, Role
from flask_core.operations import Acting, Caller
from flask_core.testing.installation import Installation, installation

FOLDER = "community_module_flask"
_numbers = itertools.count(1)


@dataclass
class Town:
    """Calls as the portal, the router and identity make them."""

    inst: Installation
    persons: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def service(self) -> Any:
        return self.inst.services["community"]

    async def ask(self, operation: Any, request: Any, who: str, *, home: int | None = None) -> Any:
        """A person's request through the portal, which always asserts the highest role: the module looks itself."""
        acting = Acting(f"person-{who}", datetime.now(UTC), home, Role.OWNER, name=who.capitalize())
        return await self.inst.client("portal").call("community", operation, request, acting=acting)

    async def found(self, name: str = "", who: str = "ann") -> community.Community:
        """A new community of Ann's."""
        made: community.Community = await self.ask(
            community.CREATE, community.CreateCommunity(name or f"Penguins {next(_numbers)}"), who
        )
        return made

    async def attach(self, community_id: int, key: str) -> community.Channel:
        """A channel whose control the portal has seen proved."""
        attached: community.Channel = await self.inst.client("portal").call(
            "community", community.ATTACH, community.AttachChannel(community_id, key)
        )
        return attached

    async def hear(self, channel: str, user: str, platform_flags: dict[str, bool] | None = None) -> community.Context:
        """What the router is told about a line of `user` in `channel`."""
        account = Account(user, user, user.capitalize(), **(platform_flags or {}))
        asked = community.ContextRequest((community.ContextItem(channel, account),))
        answer: community.ContextAnswer = await self.inst.client("router").call("community", community.CONTEXT, asked)
        return answer.items[0]

    async def member(self, channel: str, user: str) -> str:
        """The member id of somebody who writes there."""
        member = (await self.hear(channel, user)).member
        assert member is not None
        return member.id

    async def promote(self, community_id: int, member_id: str, role: Role, who: str = "ann") -> community.Member:
        """Somebody assigns a role."""
        asked = community.SetRole(community_id, member_id, role)
        changed: community.Member = await self.ask(community.SET_ROLE, asked, who, home=community_id)
        return changed

    async def settled(self, user: str, role: Role, community_id: int, channel: str) -> str:
        """A person with a role: `person-<user>` behind the account `user`."""
        self.persons["console", user] = f"person-{user}"
        member_id = await self.member(channel, user)
        await self.promote(community_id, member_id, role)
        return member_id


@pytest_asyncio.fixture
async def town(database_url: str) -> AsyncIterator[Town]:
    made: list[Town] = []

    def prepare(inst: Installation) -> None:
        made.append(Town(inst))
        people = inst.fake("identity")

        @people.offers(identity.LOOKUP)
        async def look_up(asked: identity.LookUp, _: Caller) -> identity.LookUpAnswer:
            found = [made[0].persons.get((key.platform, key.user_id), "") for key in asked.items]
            return identity.LookUpAnswer(tuple(identity.FoundPerson(person_id) for person_id in found))

    async with installation([FOLDER], database_url, prepare=prepare):
        yield made[0]
