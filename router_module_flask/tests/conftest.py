"""The router with the real community beside it, and fakes of everything else."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest_asyncio

from flask_core.contracts import browser_source, community, desk, identity, module, router
from flask_core.datamodels import (
    Account,
    Argument,
    ArgumentKind,
    CommandCard,
    Cooldowns,
    Event,
    Invocation,
    Manifest,
    MessageType,
    RepliedTo,
    Reply,
    Role,
)
from flask_core.operations import Acting, Caller
from flask_core.testing.installation import FakeModule, Installation, installation, until
from router_module_flask.parts import Router

FOLDERS = ("router_module_flask", "community_module_flask")


@dataclass
class Town:
    """People write on the console; the bot's words are collected."""

    inst: Installation
    portal: FakeModule
    echo: FakeModule
    said: list[module.Delivery] = field(default_factory=list)
    shown: list[browser_source.Display] = field(default_factory=list)
    runs: list[Invocation] = field(default_factory=list)
    refuses: module.DeliveryStatus | None = None
    people: dict[str, str] = field(default_factory=dict)
    community_id: int = 0

    @property
    def channel(self) -> str:
        return f"console:{self.community_id}:main"

    @property
    def router(self) -> Router:
        """The router's parts."""
        parts: Router = self.inst.app("router").extensions["router"]
        return parts

    @property
    def owner(self) -> Acting:
        return Acting("person-ann", datetime.now(UTC), self.community_id or None, Role.OWNER, name="Ann")

    async def settle_in(self) -> None:
        """Ann makes a community and attaches its console room; the echo module introduces itself."""
        asked = community.CreateCommunity(f"Penguins {secrets.token_hex(3)}")
        made = await self.portal.client.call("community", community.CREATE, asked, acting=self.owner)
        self.community_id = made.id
        await self.portal.client.call(
            "community", community.ATTACH, community.AttachChannel(made.id, self.channel, "Playground")
        )
        await self.echo.client.call("router", router.INTRODUCE, router.Introduction("echo", ECHO))
        await until(lambda: "router" in self.inst.services["router"].runtime.modules)

    async def write(self, text: str, user: str = "dee", **options: Any) -> str:
        """Somebody writes; returns the event's id at once."""
        event = self.event(text, user, **options)
        answer = await self.portal.client.call("router", router.INGEST, router.batch_of([event]))
        assert [result.outcome for result in answer.results] == ["accepted"]
        return event.event_id

    def event(
        self, text: str, user: str = "dee", *, event_id: str = "", reply_to: RepliedTo | None = None, **flags: Any
    ) -> Event:
        return Event(
            event_id=event_id or f"console:{secrets.token_hex(8)}",
            message_type=MessageType.CHAT,
            channel=self.channel,
            occurred_at=datetime.now(UTC),
            account=Account(user, user, user.capitalize(), **flags),
            text=text,
            reply_to=reply_to,
            data={"message_id": secrets.token_hex(4)},
        )

    async def happens(self, kind: MessageType, user: str = "dee", text: str = "", **more: Any) -> str:
        """Something happens that nobody typed; returns the event's id when it is recorded."""
        event = msgspec.structs.replace(self.event(text, user), message_type=kind, **more)
        await self.portal.client.call("router", router.INGEST, router.batch_of([event]))
        await self.recorded(event.event_id)
        return event.event_id

    async def audit(self, action: str = "") -> list[desk.AuditEntry]:
        """What was changed, oldest first; `action` may be the beginning of one."""
        asked = desk.ListAudit(self.community_id, action=action, per_page=100)
        page = await self.portal.client.call("router", desk.AUDIT, asked, acting=self.owner)
        return list(reversed(page.items))

    async def recorded(self, event_id: str) -> router.TraceView:
        """The way of an event, as soon as it is there."""
        async with asyncio.timeout(10):
            # Nothing tells that a record was committed; the question has to be asked again.
            while (trace := await self.router.traces.one(self.community_id, event_id)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        return trace

    async def ask(self, text: str, user: str = "dee", **options: Any) -> str:
        """Somebody writes and waits for the bot's next words."""
        before = len(self.said)
        await self.write(text, user, **options)
        delivery = (await until(lambda: self.said[before:]))[0]
        return str(delivery.action.text)


ECHO = Manifest(
    name="echo",
    version="1",
    kind="interaction",
    base_url="http://127.0.0.1:1",
    instance="one",
    commands=(
        CommandCard(
            "echo",
            "Say it again.",
            "!echo [text]",
            cooldowns=Cooldowns(),
            arguments=(Argument("text", ArgumentKind.REST, required=False),),
        ),
        CommandCard("slow", "Take a while.", "!slow", cooldowns=Cooldowns()),
    ),
    listens_to=(MessageType.FOLLOW,),
)


def play(inst: Installation) -> Town:
    """Portal, echo, browser_source and identity, played by the test."""
    town = Town(inst, inst.fake("portal"), inst.fake("echo"))
    screen, people = inst.fake("browser_source"), inst.fake("identity")

    @town.portal.offers(module.DELIVER)
    async def deliver(asked: module.Deliveries, _: Caller) -> module.DeliveryResults:
        results = []
        for delivery in asked.items:
            status = module.DeliveryStatus.DONE
            if town.refuses is not None and getattr(delivery.action, "private", False):
                status = town.refuses
            else:
                town.said.append(delivery)
            results.append(module.DeliveryResult(delivery.id, status, (f"m{delivery.id}",)))
        return module.DeliveryResults(tuple(results))

    @town.echo.offers(module.EXECUTE)
    async def execute(asked: Invocation, _: Caller) -> Reply:
        town.runs.append(asked)
        return Reply.chat(f"{asked.member.name} said {asked.text}")

    @screen.offers(browser_source.DISPLAY)
    async def display(asked: browser_source.Displays, _: Caller) -> browser_source.DisplayAnswer:
        town.shown += asked.items
        return browser_source.DisplayAnswer(tuple(browser_source.Shown(len(town.shown)) for _ in asked.items))

    @people.offers(identity.LOOKUP)
    async def look_up(asked: identity.LookUp, _: Caller) -> identity.LookUpAnswer:
        found = (town.people.get(one.user_id, "") for one in asked.items)
        return identity.LookUpAnswer(tuple(identity.FoundPerson(person_id) for person_id in found))

    return town


@asynccontextmanager
async def town_on(database_url: str, settings: dict[str, str] | None = None) -> AsyncIterator[Town]:
    """The router and community on a database, with everybody in it."""
    towns: list[Town] = []
    async with installation(FOLDERS, database_url, settings=settings, prepare=lambda inst: towns.append(play(inst))):
        await towns[0].settle_in()
        yield towns[0]


@pytest_asyncio.fixture
async def town(database_url: str) -> AsyncIterator[Town]:
    """The router on either database."""
    async with town_on(database_url) as town:
        yield town
