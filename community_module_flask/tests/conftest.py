"""The real community, with identity played by the test, and people who act in it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio

from community_module_flask.context_repository import ContextRepository
from community_module_flask.contexts import Contexts
from community_module_flask.ending_commands import commands
from community_module_flask.people import IdentityPeople
from flask_core.contracts import community, identity
from flask_core.contracts.module import EXECUTE
from flask_core.datamodels import (
    Account,
    ChannelRef,
    Chat,
    CommunityRef,
    Event,
    Invocation,
    MemberRef,
    MessageType,
    Role,
)
from flask_core.errors import Forbidden, ServiceError, Unavailable
from flask_core.grammar import bind, tokenize
from flask_core.operations import Acting, Caller
from flask_core.testing.chat import find_command
from flask_core.testing.installation import Installation, installation

FOLDER = "community_module_flask"
_numbers = itertools.count(1)


@dataclass
class Town:
    """Calls as the portal, the router and identity make them."""

    inst: Installation
    persons: dict[tuple[str, str], str] = field(default_factory=dict)
    linked_at: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(days=2))
    away: set[str] = field(default_factory=set)

    @property
    def service(self) -> Any:
        return self.inst.services["community"]

    def contexts(self) -> Contexts:
        """Another replica's answers."""
        return Contexts(ContextRepository(self.service.database), IdentityPeople(self.service.services))

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

    async def say(self, line: str, user: str, channel: str, **flags: bool) -> str:
        """The bot's answer in `channel`; `flags` are what the platform shows (broadcaster, moderator …)."""
        try:
            return (await self.actions(line, user, channel, **flags))[0].text
        except ServiceError as refusal:
            return refusal.message

    async def actions(self, line: str, user: str, channel: str, **flags: bool) -> list[Chat]:
        """All that the bot says to a line; raises its refusals."""
        context = await self.hear(channel, user, flags)
        text = line.removeprefix("!")
        tokens = tokenize(text)
        found = find_command(commands, tokens)
        assert found is not None
        command, taken = found
        account, speaker = Account(user, user, user.capitalize(), **flags), context.member
        assert speaker is not None
        role = max(speaker.assigned_role, account.platform_role)
        if role < command.card.role:
            raise Forbidden(f"Only {command.card.role.word}s can do that.")
        member = MemberRef(
            speaker.id, role, account, channel.partition(":")[0],
            person_id=speaker.person_id, assigned_role=speaker.assigned_role,
        )  # fmt: skip
        number = f"test:{next(_numbers)}"
        event = Event(number, MessageType.CHAT, channel, datetime.now(UTC), account, line)
        invocation = Invocation(
            number, CommunityRef(context.community.id, context.community.name), ChannelRef(channel), member, event,
            command=command.card.path, arguments=bind(command.card, text, tokens[taken:]), text=line,
        )  # fmt: skip
        reply = await self.inst.client("router").call("community", EXECUTE, invocation)
        return [action for action in reply.actions if isinstance(action, Chat)]

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

    async def link(
        self, merge_id: str, person_id: str, *accounts: tuple[str, str], undo: bool = False, founding: bool = False
    ) -> None:
        """Identity tells that accounts are one person's, or are not any more."""
        operation = community.UNLINK if undo else community.LINK
        asked = community.LinkPeople(merge_id, person_id, accounts, founding)
        await self.inst.client("identity").call("community", operation, asked)

    async def settled(self, user: str, role: Role, community_id: int, channel: str) -> str:
        """A person with a role: `person-<user>` behind the account `user`."""
        self.persons["console", user] = f"person-{user}"
        member_id = await self.member(channel, user)
        await self.promote(community_id, member_id, role)
        return member_id


@asynccontextmanager
async def new_town(database_url: str, **settings: str) -> AsyncIterator[Town]:
    """A town whose community module has these settings."""
    made: list[Town] = []

    def prepare(inst: Installation) -> None:
        made.append(Town(inst))
        people = inst.fake("identity")

        @people.offers(identity.LOOKUP)
        async def look_up(asked: identity.LookUp, _: Caller) -> identity.LookUpAnswer:
            if "identity" in made[0].away:
                raise Unavailable("Identity is not answering right now.")
            found = [made[0].persons.get((key.platform, key.user_id), "") for key in asked.items]
            at = made[0].linked_at
            return identity.LookUpAnswer(tuple(identity.FoundPerson(one, "", at if one else None) for one in found))

    async with installation([FOLDER], database_url, prepare=prepare, settings=settings):
        yield made[0]


@pytest_asyncio.fixture
async def town(database_url: str) -> AsyncIterator[Town]:
    async with new_town(database_url, PUBLIC_URL="https://bot.example") as town:
        yield town
