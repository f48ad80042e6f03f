"""A community that lives with alias, router and community for real; portal and the rest are played by the test."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from alias_interaction_module_flask.entry_repository import EntryRepository
from alias_interaction_module_flask.models import By, Kind, Wish
from alias_interaction_module_flask.wiring import AliasParts
from flask_core.app_factory import Service
from flask_core.contracts import browser_source, community, identity, module, notices, router
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
    Reply,
    Role,
)
from flask_core.operations import Acting, Caller
from flask_core.testing.installation import FakeModule, Installation, until

FOLDERS = ("alias_interaction_module_flask", "router_module_flask", "community_module_flask")
ECHO = Manifest(
    name="echo",
    version="1",
    kind="interaction",
    base_url="http://127.0.0.1:1",
    instance="one",
    commands=(
        CommandCard(
            "weather",
            "Tell the weather.",
            "!weather [text]",
            cooldowns=Cooldowns(),
            arguments=(Argument("text", ArgumentKind.REST, required=False),),
        ),
        CommandCard("secret", "For moderators.", "!secret", role=Role.MODERATOR, cooldowns=Cooldowns()),
        CommandCard("slowly", "Rests long.", "!slowly", cooldowns=Cooldowns(channel=100)),
    ),
)


@dataclass
class Street:
    """Ann owns the community, Ben moderates it, everybody else watches."""

    inst: Installation
    portal: FakeModule
    said: list[module.Delivery] = field(default_factory=list)
    shown: list[browser_source.Display] = field(default_factory=list)
    runs: list[Invocation] = field(default_factory=list)
    told: list[notices.PutNotice] = field(default_factory=list)
    community_id: int = 0

    @property
    def channel(self) -> str:
        return f"console:{self.community_id}:main"

    @property
    def service(self) -> Service:
        return self.inst.services["alias"]

    @property
    def parts(self) -> AliasParts:
        """The parts of alias."""
        parts: AliasParts = self.inst.app("alias").extensions["alias"]
        return parts

    def acting(self, who: str = "ann") -> Acting:
        """A person of the portal; it always asserts the highest role, the module looks itself."""
        return Acting(f"person-{who}", datetime.now(UTC), self.community_id or None, Role.OWNER, name=who.capitalize())

    async def settle_in(self) -> None:
        """Ann makes a community and attaches its console room; the module echo introduces itself."""
        asked = community.CreateCommunity(f"Penguins {secrets.token_hex(3)}")
        made = await self.portal.client.call("community", community.CREATE, asked, acting=self.acting())
        self.community_id = made.id
        attached = community.AttachChannel(made.id, self.channel, "Playground")
        await self.portal.client.call("community", community.ATTACH, attached)
        await self.introduce(ECHO)
        await self._known("!cmd")

    async def introduce(self, manifest: Manifest) -> None:
        """Let a played module say hello to the router."""
        await self.inst.client(manifest.name).call(
            "router", router.INTRODUCE, router.Introduction(manifest.name, manifest)
        )

    async def _known(self, word: str) -> None:
        """Wait until the router knows a word."""
        await self.until(lambda: self._lists(word))

    async def _lists(self, word: str) -> bool:
        asked = router.ListCommands(self.community_id)
        known = await self.portal.client.call("router", router.COMMANDS, asked)
        return any((command.typed or f"!{command.card.path}").split()[0] == word for command in known.items)

    async def live(self, word: str) -> None:
        """Wait until a command of the community is live."""
        await self._known(f"!{word}")

    async def gone(self, word: str) -> None:
        """Wait until it is no command any more."""

        async def absent() -> bool:
            return not await self._lists(f"!{word}")

        await self.until(absent)

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Nothing tells that another module knows something; the question has to be asked again."""
        async with asyncio.timeout(10):
            while not await holds():  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def write(self, text: str, user: str = "dee", **options: Any) -> str:
        """Somebody writes; the event's id. Ben is a moderator of the channel, Ann its broadcaster."""
        flags = {"moderator": user == "ben", "broadcaster": user == "ann"}
        event = Event(
            event_id=f"console:{secrets.token_hex(8)}",
            message_type=MessageType.CHAT,
            channel=options.pop("channel", self.channel),
            occurred_at=datetime.now(UTC),
            account=Account(user, user, user.capitalize(), **flags),
            text=text,
            data={"message_id": secrets.token_hex(4)},
        )
        answer = await self.portal.client.call("router", router.INGEST, router.batch_of([event]))
        assert [result.outcome for result in answer.results] == ["accepted"]
        return event.event_id

    async def trace(self, event_id: str) -> router.TraceView:
        """The way of an event, as soon as it is there."""
        found: list[router.TraceView] = []

        async def there() -> bool:
            kept = await self.inst.app("router").extensions["router"].traces.one(self.community_id, event_id)
            found.extend([kept] if kept else [])
            return bool(found)

        await self.until(there)
        return found[0]

    async def ask(self, text: str, user: str = "dee", **options: Any) -> str:
        """Somebody writes and waits for the bot's next words."""
        return str((await self.heard(text, user, **options)).text)

    async def heard(self, text: str, user: str = "dee", **options: Any) -> Any:
        """Somebody writes and waits for the bot's next line, with everything that belongs to it."""
        before = len(self.said)
        await self.write(text, user, **options)
        delivery = (await until(lambda: self.said[before:]))[0]
        return delivery.action

    async def silent(self, text: str, user: str = "dee", **options: Any) -> router.TraceView:
        """Somebody writes and nothing is said; why."""
        before = len(self.said)
        trace = await self.trace(await self.write(text, user, **options))
        assert self.said[before:] == []
        return trace

    async def happens(self, kind: MessageType) -> None:
        """Something happens in the channel that nobody typed."""
        event = Event(f"console:{secrets.token_hex(8)}", kind, self.channel, datetime.now(UTC))
        await self.portal.client.call("router", router.INGEST, router.batch_of([event]))
        await self.trace(event.event_id)

    async def make(self, kind: Kind, name: str, body: str, **fields: Any) -> None:
        """A command that came about without anybody checking it."""
        repository = EntryRepository(self.service.database)
        wish, now, by = Wish(kind, name, body, **fields), datetime.now(UTC), By("", "somebody", Role.OWNER)
        before = await repository.named(self.community_id, name)
        if before is not None:
            await repository.change(before, wish, by, now)
        else:
            await repository.add(self.community_id, wish, by, now, at_most=1_000)

    async def call(self, operation: Any, request: Any, who: str = "ann") -> Any:
        """A person's request to alias through the portal."""
        return await self.portal.client.call("alias", operation, request, acting=self.acting(who))


def play(inst: Installation) -> Street:
    """Portal, echo, browser_source and identity, played by the test."""
    street = Street(inst, inst.fake("portal"))
    echo, screen, people = inst.fake("echo"), inst.fake("browser_source"), inst.fake("identity")

    @street.portal.offers(module.DELIVER)
    async def deliver(asked: module.Deliveries, _: Caller) -> module.DeliveryResults:
        street.said += asked.items
        done = module.DeliveryStatus.DONE
        return module.DeliveryResults(
            tuple(module.DeliveryResult(delivery.id, done, (f"m{delivery.id}",)) for delivery in asked.items)
        )

    @street.portal.offers(notices.NOTIFY)
    async def notify(asked: notices.PutNotice, _: Caller) -> notices.Notice:
        street.told.append(asked)
        return notices.Notice(len(street.told), asked.text, asked.link, datetime.now(UTC), new=True)

    @echo.offers(module.EXECUTE)
    async def execute(asked: Invocation, _: Caller) -> Reply:
        street.runs.append(asked)
        return Reply.chat(f"{asked.command}: {asked.arguments.get('text', '')}")

    @screen.offers(browser_source.DISPLAY)
    async def display(asked: browser_source.Displays, _: Caller) -> browser_source.DisplayAnswer:
        street.shown += asked.items
        return browser_source.DisplayAnswer(tuple(browser_source.Shown(len(street.shown)) for _ in asked.items))

    @people.offers(identity.LOOKUP)
    async def look_up(asked: identity.LookUp, _: Caller) -> identity.LookUpAnswer:
        known = ("person-ann" if one.user_id == "ann" else "" for one in asked.items)
        return identity.LookUpAnswer(tuple(identity.FoundPerson(person_id) for person_id in known))

    return street
