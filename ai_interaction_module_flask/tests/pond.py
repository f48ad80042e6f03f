"""A community whose lines go through the real router to the real module, and a model that the test plays."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from ai_interaction_module_flask.config import Config
from ai_interaction_module_flask.providers import LazyModels
from ai_interaction_module_flask.wiring import Parts, wire
from flask_core.auth import utc_now
from flask_core.contracts import memories, module
from flask_core.datamodels import (
    Account,
    ChannelRef,
    Chat,
    CommunityRef,
    Event,
    Invocation,
    MemberRef,
    MessageType,
    Reply,
    Role,
    Trigger,
)
from flask_core.errors import Unavailable
from flask_core.operations import Acting, Caller
from flask_core.testing.fake_openai import FakeOpenAI
from flask_core.testing.installation import Installation, installation, until
from router_module_flask.tests.conftest import Town, play

FOLDERS = ("router_module_flask", "community_module_flask", "ai_interaction_module_flask")


def words(reply: Reply) -> str:
    """What a reply says; "" for nothing."""
    return next((action.text for action in reply.actions if isinstance(action, Chat)), "")


@dataclass
class Pond:
    """People write on the console of `town`; `model` answers; `kept` are the community's memories."""

    town: Town
    model: FakeOpenAI
    config: Config
    kept: list[memories.Entry] = field(default_factory=list)
    memories_away: bool = False

    @property
    def parts(self) -> Parts:
        """The module's parts."""
        parts: Parts = self.town.inst.app("ai").extensions["ai"]
        return parts

    @property
    def inst(self) -> Installation:
        return self.town.inst

    @property
    def here(self) -> int:
        return self.town.community_id

    def replica(
        self,
        *,
        now: Callable[[], datetime] = utc_now,
        patience: float = 20.0,
        tool_seconds: float = 10.0,
        **changed: Any,
    ) -> Parts:
        """Another process of the module on the same database and shared state; its loops are not running."""
        config = Config(**{**{f: getattr(self.config, f) for f in Config.__dataclass_fields__}, **changed})
        return wire(
            self.inst.services["ai"],
            config,
            LazyModels(config.guard_hosts),
            now=now,
            patience=patience,
            tool_seconds=tool_seconds,
        )

    async def ask(self, text: str, user: str = "dee", **options: Any) -> str:
        """A line through the router, and the bot's next words."""
        return await self.town.ask(text, user, **options)

    async def silent(self, text: str, user: str = "dee", **options: Any) -> bool:
        """Whether nobody says anything to a line, once all of it is over."""
        before = len(self.town.said)
        await self.town.recorded(await self.town.write(text, user, **options))
        await self.town.router.deliveries.settle()
        return len(self.town.said) == before

    def invocation(
        self,
        text: str,
        user: str = "dee",
        *,
        role: Role = Role.VIEWER,
        community: int = 0,
        channel: str = "",
        execution_id: str = "",
        command: str = "ai",
        kind: MessageType = MessageType.CHAT,
        **event: Any,
    ) -> Invocation:
        """What the router hands to the module; without a `command` it is something heard."""
        community = community or self.here
        account = Account(user, user, user.capitalize())
        channel = channel or self.town.channel
        return Invocation(
            execution_id=execution_id or secrets.token_hex(8),
            community=CommunityRef(community, f"Community {community}"),
            channel=ChannelRef(channel),
            member=MemberRef(f"member-{user}", role, account),
            event=Event(f"event-{secrets.token_hex(4)}", kind, channel, datetime.now(UTC), account, text, **event),
            trigger=Trigger.COMMAND if command else Trigger.EVENT,
            command=command,
            arguments={"question": text} if command == "ai" else {},
            text=text,
        )

    async def run(self, text: str, user: str = "dee", **options: Any) -> str:
        """A question past the router and its cooldowns: what is answered."""
        return words(await self.execute(self.invocation(text, user, **options)))

    async def execute(self, invocation: Invocation) -> Reply:
        """Run the module as the router does."""
        return await self.inst.client("router").call("ai", module.EXECUTE, invocation, timeout=30)

    async def choose(self, community: int = 0, **changed: Any) -> None:
        """The owner changes settings; the router hears of it."""
        settings, community = self.parts.settings, community or self.here
        now, version = await settings.read_fresh(community)
        await settings.write(community, {**msgspec.to_builtins(now), **changed}, version)
        await self.parts.wishing.tell(community)

    async def as_person(self, operation: Any, request: Any, acting: Acting | None = None) -> Any:
        """A request of a person (the owner without `acting`) through the portal."""
        return await self.inst.client("portal").call("ai", operation, request, acting=acting or self.town.owner)

    def remember(self, *entries: memories.Entry) -> None:
        """The community keeps these."""
        self.kept[:] = entries

    def play_memories(self, inst: Installation) -> None:
        """The module that keeps things, played by the test."""
        library = inst.fake("memories")

        @library.offers(memories.LIST)
        async def found(asked: memories.ListEntries, _: Caller) -> memories.EntryPage:
            if self.memories_away:
                raise Unavailable("The memories module is not answering right now.")
            return memories.EntryPage(tuple(self.kept), 1, asked.per_page, len(self.kept))


@asynccontextmanager
async def pond_on(database_url: str, *, listening: bool = False, **settings: str) -> AsyncIterator[Pond]:
    """The modules with the operator's model, unless `settings` say otherwise."""
    model, ponds = FakeOpenAI(), []
    async with model.running() as url:
        environment = {
            "AI_PROVIDER": "openai",
            "AI_OPENAI_BASE_URL": f"{url}/v1",
            "AI_OPENAI_API_KEY": model.key,
            "AI_OPENAI_MODEL": "gpt-test",
            "PUBLIC_URL": "https://bot.example",
            **settings,
        }

        def prepare(inst: Installation) -> None:
            config = inst.services["ai"].config
            assert isinstance(config, Config)
            ponds.append(Pond(play(inst), model, config))
            ponds[0].play_memories(inst)

        async with installation(FOLDERS, database_url, settings=environment, prepare=prepare, listening=listening):
            pond = ponds[0]
            await pond.town.settle_in()
            await until(lambda: "ai" in pond.town.router.directory.manifests, "the introduction of ai")
            yield pond
