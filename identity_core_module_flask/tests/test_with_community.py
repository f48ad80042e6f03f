"""Identity and community together: whose messages an account writes after it was linked anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from flask_core.contracts import community, identity, router
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
from flask_core.operations import Acting, Caller
from flask_core.testing.installation import Installation, installation

ROOM = "discord:7:70"
FOLDERS = ["community_module_flask", "identity_core_module_flask"]


class Place:
    """A channel in which Dan writes, and the portal of the people who say he is theirs."""

    def __init__(self, inst: Installation) -> None:
        self.inst = inst

    async def ask(self, module: str, operation: Any, request: Any, who: str) -> Any:
        acting = Acting(who, datetime.now(UTC), None, Role.OWNER, name=who)
        return await self.inst.client("portal").call(module, operation, request, acting=acting)

    async def person_behind_dan(self) -> str | None:
        """As the router hears it with his next message."""
        asked = community.ContextRequest((community.ContextItem(ROOM, Account("dan", "dan", "Dan")),))
        answer = await self.inst.client("router").call("community", community.CONTEXT, asked)
        return answer.items[0].member.person_id

    @asynccontextmanager
    async def becoming(self, person_id: str | None) -> AsyncIterator[None]:
        """What happens inside is told to community; from then on Dan's next message is that person's."""
        async with asyncio.timeout(20), self.inst.runtime.shared.subscribe(community.TOPIC_MEMBER) as messages:
            yield
            # Every member that changed has a message: the one that Dan had, and the one that he has.
            async for _, message in messages:
                if msgspec.json.decode(message, type=community.MemberChanged).person_id == person_id:
                    break
            assert await self.person_behind_dan() == person_id

    async def dan_says(self, code: str) -> str:
        account = Account("dan", "dan", "Dan")
        event = Event(f"event-{code}", MessageType.CHAT, ROOM, datetime.now(UTC), account)
        member = MemberRef("m", Role.VIEWER, account, "discord")
        invocation = Invocation(
            f"verify-{code}", CommunityRef(2, "Pond"), ChannelRef(ROOM), member, event,
            command="verify", arguments={"code": code, "sure": "yes"},
        )  # fmt: skip
        reply = await self.inst.client("router").call("identity", EXECUTE, invocation)
        return next(action.text for action in reply.actions if isinstance(action, Chat))

    async def link_dan_to(self, person_id: str) -> None:
        begun = await self.ask("identity", identity.START_LINK, identity.StartLink("discord"), person_id)
        assert await self.dan_says(begun.code) == "Now say yes on the page in the portal."
        await self.ask("identity", identity.CONFIRM_LINK, identity.RequestOf(begun.request_id), person_id)


@pytest_asyncio.fixture
async def place(database_url: str) -> AsyncIterator[Place]:
    def prepare(inst: Installation) -> None:
        fake = inst.fake("router")

        @fake.offers(router.ACT)
        async def act(asked: router.ActionsRequest, _: Caller) -> router.ActionStates:
            return router.ActionStates((router.ActionState(1, "chat", "done"),))

        @fake.offers(router.MODULES)
        async def modules(_: router.Nothing, __: Caller) -> router.ModuleList:
            return router.ModuleList(())

    async with installation(FOLDERS, database_url, prepare=prepare) as inst:
        yield Place(inst)


async def ann_and_bea(place: Place) -> None:
    """Two people of the portal; Ann linked a Twitch account before."""
    now = datetime.now(UTC)

    def unit(tx: Any) -> None:
        for name in ("ann", "bea"):
            tx.run(
                "INSERT INTO persons (id, name, operator, state, created_at) VALUES (?, ?, ?, 'active', ?)",
                name, name, False, now,
            )  # fmt: skip
        tx.run(
            "INSERT INTO accounts (platform, user_id, person_id, verified_at) VALUES ('twitch', 'ann', 'ann', ?)", now
        )

    await place.inst.services["identity"].database.write(unit)


@pytest.mark.promise("identity.23")
async def test_an_account_that_is_linked_anew_is_the_new_persons_from_the_next_message_on(place: Place) -> None:
    await ann_and_bea(place)
    made = await place.ask("community", community.CREATE, community.CreateCommunity("Pond"), "ann")
    await place.inst.client("portal").call("community", community.ATTACH, community.AttachChannel(made.id, ROOM))
    assert await place.person_behind_dan() is None
    async with place.becoming("ann"):
        await place.link_dan_to("ann")
    async with place.becoming(None):
        await place.ask("identity", identity.UNLINK, identity.AccountKey("discord", "dan"), "ann")
    async with place.becoming("bea"):
        await place.link_dan_to("bea")
