"""What router offers: taking events and unasked actions, introductions, commands, enablement and traces."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import Any, Literal

import msgspec

from flask_core.datamodels import Action, CommandCard, Event, Manifest, Role
from flask_core.operations import Operation, any_service, operators, people, services

TRIGGERS = ("twitch", "discord", "slack", "portal")


class Outcome(StrEnum):
    """What became of an event at the door."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    INVALID = "invalid"


class IngestResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome of one event, with the reason of an invalid one."""

    event_id: str
    outcome: Outcome
    reason: str = ""


class IngestAnswer(msgspec.Struct, frozen=True):
    """One result per event, in the same order."""

    results: tuple[IngestResult, ...]


class RawBatch(msgspec.Struct, frozen=True):
    """Events as they came: each is decoded alone, so that a bad one never rejects its neighbours."""

    events: tuple[msgspec.Raw, ...]


def batch_of(events: list[Event]) -> RawBatch:
    """The batch that carries `events` (1 to 100)."""
    return RawBatch(tuple(msgspec.Raw(msgspec.json.encode(event)) for event in events))


INGEST = Operation(
    "POST", "/api/v1/events", RawBatch, IngestAnswer, services(*TRIGGERS), "Take 1 to 100 events.",
    status=202, express=True,
)  # fmt: skip


class Target(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where unasked actions go: exactly one of channel, member, person, account or display."""

    channel: str = ""
    member_id: str = ""
    person_id: str = ""
    account: tuple[str, str] | None = None
    display: bool = False


class ActionsRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Up to 10 actions, delivered once per `idempotency_key`."""

    community_id: int
    target: Target
    idempotency_key: str
    actions: tuple[Action, ...]
    not_before: datetime | None = None
    private: bool = False
    priority: int = 2


class ActionState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one action: waiting, sending, done, failed, unsupported, expired, unconfirmed, unknown.

    A role that somebody had already is held_before.
    """

    delivery_id: int
    kind: str
    state: str
    reason: str = ""
    message_ids: tuple[str, ...] = ()


class ActionStates(msgspec.Struct, frozen=True):
    """One state per action, in the same order."""

    deliveries: tuple[ActionState, ...]


class ActionKey(msgspec.Struct, frozen=True):
    """The key under which actions were asked for."""

    key: str


ACT = Operation(
    "POST", "/api/v1/actions", ActionsRequest, ActionStates, any_service(), "Do something unasked.", status=202
)
ACTIONS = Operation("GET", "/api/v1/actions/{key}", ActionKey, ActionStates, any_service(), "Tell what became of it.")


class Introduction(msgspec.Struct, frozen=True):
    """A module's manifest under its name."""

    name: str
    manifest: Manifest


class Welcome(msgspec.Struct, frozen=True):
    """How often the router wants to hear from the module, in seconds."""

    heartbeat: float


INTRODUCE = Operation("PUT", "/api/v1/modules/{name}", Introduction, Welcome, any_service(), "Introduce a module.")


class InstanceName(msgspec.Struct, frozen=True):
    """One running process of a module."""

    name: str
    instance: str


LEAVE = Operation(
    "DELETE", "/api/v1/modules/{name}/instances/{instance}", InstanceName, NoneType, any_service(),
    "Say that a process of a module ends.", status=204,
)  # fmt: skip


class Nothing(msgspec.Struct, frozen=True):
    """No questions."""


class ModuleState(msgspec.Struct, frozen=True, omit_defaults=True):
    """A module as the router knows it; `instances` were heard of in the last 90 s.

    An `external` one is somebody else's: it offers none of the operations of modules.
    """

    manifest: Manifest
    instances: int
    healthy: bool
    last_seen: datetime | None = None
    breaker: Literal["closed", "open", "probing"] = "closed"
    p95_ms: float | None = None
    external: bool = False


class ModuleList(msgspec.Struct, frozen=True):
    """All modules that ever introduced themselves."""

    items: tuple[ModuleState, ...]


class ModuleName(msgspec.Struct, frozen=True):
    """A module by its name."""

    name: str


class ModuleInstance(msgspec.Struct, frozen=True):
    """A running process of a module."""

    instance: str
    base_url: str
    seen_at: datetime


class ModuleDetails(msgspec.Struct, frozen=True):
    """A module with its processes."""

    state: ModuleState
    instances: tuple[ModuleInstance, ...]
    external: bool


MODULE = Operation(
    "GET", "/api/v1/modules/{name}", ModuleName, ModuleDetails, any_service() | operators(),
    "Tell about one module and its processes.",
)  # fmt: skip
MODULES = Operation(
    "GET", "/api/v1/modules", Nothing, ModuleList, any_service() | operators(), "List modules with their health."
)


class ListCommands(msgspec.Struct, frozen=True):
    """Commands of a community that somebody with `role` may use in `channel`; `q` searches."""

    community_id: int
    role: Role = Role.OWNER
    channel: str = ""
    q: str = ""


class ModuleCommand(msgspec.Struct, frozen=True, omit_defaults=True):
    """A command as it works there, whose it is and how it is typed there, sign and all."""

    module: str
    card: CommandCard
    typed: str = ""


class CommandList(msgspec.Struct, frozen=True):
    """Commands in order of their path."""

    items: tuple[ModuleCommand, ...]


COMMANDS = Operation(
    "GET",
    "/api/v1/commands",
    ListCommands,
    CommandList,
    any_service() | people(Role.VIEWER),
    "List commands.",
    etag=True,
)


class CommunityId(msgspec.Struct, frozen=True):
    """Names a community."""

    community_id: int


class Enablement(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether a module runs in a community, in which channels it differs, and on which terms a third party's does.

    `renames` are other names of its commands by path; `paused` is the sentence that says why it does not run now.
    """

    module: str
    enabled: bool
    locked: bool = False
    channels: dict[str, bool] = {}
    version: int = 0
    scopes: tuple[str, ...] = ()
    settings: dict[str, Any] = {}
    renames: dict[str, str] = {}
    paused: str = ""
    entitled_until: datetime | None = None


class EnablementList(msgspec.Struct, frozen=True):
    """Every module's state here."""

    items: tuple[Enablement, ...]


class EnablementOf(msgspec.Struct, frozen=True):
    """A module in a community."""

    community_id: int
    module: str


MOST_SWITCHED_CHANNELS = 100


class PutEnablement(msgspec.Struct, frozen=True, omit_defaults=True):
    """Switch a module; with `channel` only there, with `channels` there too (None: as everywhere).

    What else is given is changed, the rest stays; scopes, settings, `paused` and `entitled_until` are the
    marketplace's to give. A rename "" takes a name back.
    """

    community_id: int
    module: str
    enabled: bool
    channel: str = ""
    channels: dict[str, bool | None] = {}
    renames: dict[str, str] = {}
    scopes: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    settings: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    paused: str | msgspec.UnsetType = msgspec.UNSET
    entitled_until: datetime | msgspec.UnsetType | None = msgspec.UNSET


ENABLEMENT = Operation(
    "GET", "/api/v1/communities/{community_id}/enablement", CommunityId, EnablementList,
    people(Role.MODERATOR) | services("marketplace"), "Tell which modules run here.",
)  # fmt: skip
ENABLEMENT_OF = Operation(
    "GET", "/api/v1/communities/{community_id}/enablement/{module}", EnablementOf, Enablement,
    people(Role.MODERATOR) | services("marketplace"), "Tell whether and how a module runs here.",
)  # fmt: skip
ENABLE = Operation(
    "PUT", "/api/v1/communities/{community_id}/enablement/{module}", PutEnablement, Enablement,
    people(Role.ADMIN) | services("marketplace"), "Switch a module on or off.",
)  # fmt: skip


class TraceStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of an event's way: a sentence, whether it went well, and how long it took."""

    name: str
    ok: bool
    said: str
    ms: float | None = None
    details: dict[str, Any] = {}


class TraceDelivery(msgspec.Struct, frozen=True, omit_defaults=True):
    """One action that came of the event and what the platform answered."""

    kind: str
    text: str
    state: str
    reason: str = ""
    channel: str = ""


class TraceView(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why the bot said that: the way of one event. `text` is empty once message retention is over; `had_text` stays.

    `deleted`: somebody deleted the message on its platform.
    """

    event_id: str
    message_type: str
    channel: str
    occurred_at: datetime
    steps: tuple[TraceStep, ...]
    text: str = ""
    had_text: bool = False
    deleted: bool = False
    speaker: str = ""
    command: str = ""
    outcome: str = ""
    total_ms: float = 0
    deliveries: tuple[TraceDelivery, ...] = ()


class TraceOf(msgspec.Struct, frozen=True):
    """The event whose way is asked for."""

    community_id: int
    event_id: str


class ListTraces(msgspec.Struct, frozen=True):
    """Newest first; `before` continues a list, `channel` and `q` (command or outcome) filter."""

    community_id: int
    channel: str = ""
    q: str = ""
    limit: int = 50
    before: str = ""


class TraceList(msgspec.Struct, frozen=True):
    """Traces, newest first."""

    items: tuple[TraceView, ...]


TRACE = Operation(
    "GET", "/api/v1/communities/{community_id}/traces/{event_id}", TraceOf, TraceView,
    people(Role.MODERATOR) | services("portal"), "Tell why the bot said that.",
)  # fmt: skip
TRACES = Operation(
    "GET", "/api/v1/communities/{community_id}/traces", ListTraces, TraceList,
    people(Role.MODERATOR) | services("portal"), "List what happened lately.",
)  # fmt: skip


class PartitionState(msgspec.Struct, frozen=True):
    """A part of the event log: events waiting, age of the oldest in seconds, and which replica reads it ("": none)."""

    name: str
    waiting: int
    oldest_seconds: float
    reader: str


class HeldBack(msgspec.Struct, frozen=True):
    """Deliveries of a module that wait to be tried again, and why: a platform's budget, or a module that is away."""

    module: str
    reason: str
    count: int


class RouterState(msgspec.Struct, frozen=True, omit_defaults=True):
    """The operator's numbers: events waiting, age of the oldest in seconds, deliveries waiting, dead letters.

    `deliveries` are those of the last hour by module and state, `limit` is the backlog at which events are refused.
    """

    backlog: int
    oldest_seconds: float
    deliveries_waiting: int
    dead: int
    limit: int = 0
    partitions: tuple[PartitionState, ...] = ()
    deliveries: dict[str, dict[str, int]] = {}
    held_back: tuple[HeldBack, ...] = ()


STATE = Operation(
    "GET", "/api/v1/state", Nothing, RouterState, operators() | services("portal"), "Tell backlog and queues."
)
