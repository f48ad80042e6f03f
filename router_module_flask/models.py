"""What the router passes from stage to stage: structs, because several are made for every line of chat."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Literal

import msgspec

from flask_core.contracts.community import Context
from flask_core.contracts.module import Priority
from flask_core.datamodels import Account, Action, CommandCard, Event, EventInterest, Role

_serial = itertools.count()
_WORDS = {role: role.word for role in Role}


class Entry(msgspec.Struct, frozen=True):
    """An event in the log; `attempts` is 1 at the first reading, `mark` is what the log needs to find it again."""

    event: Event
    mark: str
    attempts: int
    received_at: float


class Trace(msgspec.Struct, eq=False):
    """The way of one event, written down while it goes: one sentence per step, seconds since the start."""

    began: float
    command: str = ""
    outcome: str = ""
    steps: list[tuple[str, bool, str, float]] = []

    def step(self, name: str, ok: bool, said: str) -> None:
        """Add a step, with the time since the event was taken."""
        self.steps.append((name, ok, said, perf_counter() - self.began))

    def ends(self, outcome: str, name: str, said: str, *, ok: bool = False) -> None:
        """Add the last step and the word for the whole: `said`, `refused`, `cooldown`, `plain` …"""
        self.outcome = outcome
        self.steps.append((name, ok, said, perf_counter() - self.began))


class Speaker(msgspec.Struct, frozen=True):
    """Who an event is about, inside its community; `role` is the effective one in this channel."""

    context: Context
    role: Role
    member_id: str
    name: str

    @property
    def community_id(self) -> int:
        """The tenant."""
        return self.context.community.id

    @property
    def described(self) -> str:
        """Who this is, for a trace."""
        return f"{self.name} is {_WORDS[self.role]} here"


_ROLE_TOLD = {f" is {role.word} here": role for role in Role}


def role_told(steps: Sequence[tuple[str, bool, str, float]]) -> Role:
    """The role of the speaker as `described` told it in a kept trace; viewer when it does not tell."""
    said = next((step[2] for step in steps if step[0] == "resolved"), "")
    return next((role for words, role in _ROLE_TOLD.items() if said.endswith(words)), Role.VIEWER)


class FoundCommand(msgspec.Struct, frozen=True):
    """A command of a module as it works here, the words that named it and what follows them.

    `absent` tells why a name of one community is no command here and now, or ""; `answers` is a line that the
    command waited for, or a form that was filled in: it was paid for already.
    """

    module: str
    card: CommandCard
    invoked_as: str
    line: str
    arguments: dict[str, Any]
    prefix: str = "!"
    absent: Callable[[Event, Speaker], str] | None = None
    answers: Literal["", "line", "form"] = ""
    moderators_wait: bool = False


type Interest = tuple[str, EventInterest]
"""A module and the events that it asked for."""


class Line(msgspec.Struct, frozen=True):
    """A command line that nobody typed, run with `role`; `cause` (`rule 14`, `timer discord`) is who wants it."""

    text: str
    role: Role
    cause: str
    priority: int = Priority.REPLY


def next_id() -> int:
    """A 63-bit id that grows with time: milliseconds, then a serial number."""
    return (time.time_ns() // 1_000_000) << 20 | next(_serial) & 0xFFFFF


def made_at(number: int) -> datetime:
    """When an id was made."""
    return datetime.fromtimestamp((number >> 20) / 1_000, UTC)


class Outgoing(msgspec.Struct, frozen=True):
    """One action on its way: which module does it, where, and until when it makes sense.

    `key` is the idempotency key within `source`; `expires_in` and `delay` are seconds.
    """

    source: str
    key: str
    community_id: int
    channel: str
    module: str
    action: Action
    priority: int
    expires_in: float
    event_id: str = ""
    reply_to: str = ""
    account: Account | None = None
    time_zone: str = "UTC"
    locale: str = "en"
    simulated: bool = False
    delay: float = 0
    id: int = msgspec.field(default_factory=next_id)


class Run(msgspec.Struct, frozen=True):
    """One execution of one module, as it is recorded."""

    execution_id: str
    module: str
    command: str
    outcome: str
    ms: float


class Finished(msgspec.Struct):
    """Everything that is recorded of an event in one transaction before its entry is done."""

    entry: Entry
    trace: Trace
    speaker: Speaker | None
    runs: list[Run] = msgspec.field(default_factory=list)
    outgoing: list[Outgoing] = msgspec.field(default_factory=list)
    ran_at: datetime | None = None
