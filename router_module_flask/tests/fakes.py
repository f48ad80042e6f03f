"""A world around the pipeline: community, modules and the record, in memory."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from flask_core.contracts.commands import CommandChoice
from flask_core.contracts.community import Context, ContextChannel, ContextCommunity, ContextMember
from flask_core.datamodels import (
    LIVE_AFTER,
    Account,
    Argument,
    ArgumentKind,
    Chat,
    CommandCard,
    Cooldowns,
    Event,
    Invocation,
    Manifest,
    MessageType,
    Reply,
    Role,
)
from flask_core.errors import ServiceError, Unavailable
from flask_core.shared_memory import MemoryState
from router_module_flask.customs.choices import CommunityChoices
from router_module_flask.customs.known import Customs, KnownCustoms, Terms
from router_module_flask.introductions.directory import CommandDirectory
from router_module_flask.limits import SharedLimits
from router_module_flask.models import Entry, Finished, Outgoing, Run, Speaker, Trace
from router_module_flask.moderation.verdicts import INNOCENT, Verdict
from router_module_flask.names.own import CommunityNames
from router_module_flask.pipeline import Pipeline

CHANNEL = "console:2:main"
_numbers = itertools.count(1)


def chat_event(text: str, user: str = "dee", channel: str = CHANNEL, event_id: str = "", **flags: Any) -> Event:
    """Somebody wrote something."""
    data = flags.pop("data", {})
    return Event(
        event_id=event_id or f"console:{next(_numbers)}",
        message_type=MessageType.CHAT,
        channel=channel,
        occurred_at=datetime.now(UTC),
        account=Account(user, user, user.capitalize(), **flags),
        text=text,
        data=data,
    )


def entry(event: Event, attempts: int = 1) -> Entry:
    """The event as the log hands it out."""
    return Entry(event, event.event_id, attempts, time.perf_counter())


class FakeContexts:
    """One community; `assigned` roles, `labels`, `banned` and `guests` by user id; `away` raises."""

    def __init__(self) -> None:
        self.assigned: dict[str, Role] = {}
        self.labels: dict[str, tuple[str, ...]] = {}
        self.banned: set[str] = set()
        self.guests: set[str] = set()
        self.community = ContextCommunity(2, "penguins", "Penguins")
        self.away = False
        self.settings: dict[str, Any] = {}

    def told(self, event: Event) -> None:
        self.settings = {**self.settings, "live": LIVE_AFTER[event.message_type]}

    def known(self, event: Event) -> Context | None:
        if self.away:
            return None
        user = event.account.user_id if event.account else ""
        member = ContextMember(
            id=f"member-{user}",
            status="banned" if user in self.banned else "guest" if user in self.guests else "active",
            assigned_role=self.assigned.get(user, Role.VIEWER),
            labels=self.labels.get(user, ()),
        )
        return Context(
            ContextChannel(event.channel, settings=self.settings), self.community, member if event.account else None
        )

    async def ask(self, event: Event) -> Context:
        raise Unavailable("The community module is not answering right now.")


class FakeModules:
    """Answers with what `answer` makes of the invocation; keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Invocation]] = []
        self.answer: Callable[[Invocation], Reply] = lambda invocation: Reply.chat(f"ran {invocation.command}")
        self.fails: ServiceError | None = None

    async def run(self, module: str, invocation: Invocation, timeout: float) -> Reply:
        self.asked.append((module, invocation))
        if self.fails is not None:
            raise self.fails
        return self.answer(invocation)


class FakeModeration:
    """Watches for words; `verdicts` by word."""

    def __init__(self) -> None:
        self.verdicts: dict[str, Verdict] = {}

    def idle(self, community_id: int) -> bool:
        return not self.verdicts

    async def judge(self, event: Event, speaker: Speaker, trace: Trace) -> Verdict:
        hits = [verdict for word, verdict in self.verdicts.items() if word in event.text]
        return hits[0] if hits else INNOCENT


class FakeRecords:
    """Keeps what was recorded, in order, and what was handed out before."""

    def __init__(self) -> None:
        self.finished: list[Finished] = []
        self.handed_out: list[Outgoing] = []
        self.kept: list[tuple[str, Sequence[Run], Sequence[Outgoing]]] = []

    async def hand_out(self, outgoing: Sequence[Outgoing]) -> None:
        self.handed_out += outgoing

    async def keep(self, event_id: str, speaker: Speaker, runs: Sequence[Run], outgoing: Sequence[Outgoing]) -> None:
        self.kept.append((event_id, runs, outgoing))

    async def record(self, finished: Finished) -> None:
        self.finished.append(finished)


class FakeCustoms:
    """What a community decided: (module, channel) → on or off, choices, terms of modules, commands."""

    def __init__(self) -> None:
        self.states: dict[tuple[str, str], bool] = {}
        self.choices = CommunityChoices()
        self.terms: dict[str, Terms] = {}
        self.commands: dict[str, CommandChoice] = {}
        self.read = 0

    async def of(self, community_id: int) -> Customs:
        self.read += 1
        return Customs.made(self.choices, self.states, self.terms, self.commands)


class FakeNames:
    """What the one community has for itself; `read` counts how often somebody asked, `reading` happens meanwhile."""

    def __init__(self) -> None:
        self.community = CommunityNames()
        self.read = 0
        self.reading: Callable[[], None] = lambda: None

    async def names_of(self, community_id: int) -> CommunityNames:
        self.read += 1
        self.reading()
        return self.community


MEMORIES = Manifest(
    name="memories",
    version="1",
    kind="interaction",
    base_url="",
    instance="one",
    commands=(
        CommandCard(
            "quote", "Show a quote.", "!quote [number]", aliases=("q",),
            arguments=(Argument("number", ArgumentKind.INTEGER, required=False),), cooldowns=Cooldowns(member=10),
        ),
        CommandCard(
            "quote add", "Save a quote.", "!quote add <text>", role=Role.MODERATOR, or_label="memories",
            arguments=(Argument("text", ArgumentKind.REST),),
        ),
        CommandCard("reset", "Forget everything.", "!reset", role=Role.ADMIN, scope="community"),
        CommandCard(
            "so", "Three buckets.", "!so", cooldowns=Cooldowns(member=5, channel=10, everywhere=20),
        ),
    ),
)  # fmt: skip


@dataclass
class World:
    """The pipeline with fakes around it; `say` runs a line to its end and tells what the bot said."""

    contexts: FakeContexts = field(default_factory=FakeContexts)
    modules: FakeModules = field(default_factory=FakeModules)
    moderation: FakeModeration = field(default_factory=FakeModeration)
    records: FakeRecords = field(default_factory=FakeRecords)
    names: FakeNames = field(default_factory=FakeNames)
    customs: FakeCustoms = field(default_factory=FakeCustoms)
    now: float = 1_000.0
    wall_clock: datetime = datetime(2026, 3, 13, 20, 0, tzinfo=UTC)

    def __post_init__(self) -> None:
        self.shared = MemoryState(clock=lambda: self.now)
        self.directory = CommandDirectory(
            KnownCustoms(self.customs, self.shared, clock=lambda: self.now, now=lambda: self.wall_clock),
            self.names,
            clock=lambda: self.now,
        )
        self.directory.take(MEMORIES)
        self.limits = SharedLimits(self.shared, default_cooldown=0, clock=lambda: self.now)
        self.pipeline = Pipeline.around(
            self.contexts, self.moderation, self.directory, self.limits, self.modules, self.records, self.shared
        )

    def decide(self, **choices: Any) -> None:
        """The community's admins choose."""
        self.customs.choices = msgspec.structs.replace(self.customs.choices, **choices)
        self.directory.forget_customs(None)

    def change(self, command: str, **choice: Any) -> None:
        """They change a command."""
        self.customs.commands[command] = CommandChoice(**choice)
        self.directory.forget_customs(None)

    async def say(self, text: str, user: str = "dee", **flags: Any) -> str:
        return await self.happens(chat_event(text, user, **flags))

    async def happens(self, event: Event, attempts: int = 1) -> str:
        """Run an event to its end; the bot's words, "" for silence."""
        permitted = await self.pipeline.begin(entry(event, attempts))
        if permitted is not None:
            await self.pipeline.execute(permitted)
        said = [out.action.text for out in self.records.finished[-1].outgoing if isinstance(out.action, Chat)]
        return " / ".join(said)

    @property
    def outcome(self) -> str:
        """The word for what became of the last event."""
        return self.records.finished[-1].trace.outcome
