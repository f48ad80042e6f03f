"""One use of a command: who said what where, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alias_interaction_module_flask.evaluator.values import Origin
from alias_interaction_module_flask.evaluator.world import Person
from flask_core.datamodels import PlatformRequest, Role

DEADLINE = 7.0


@dataclass(frozen=True, slots=True)
class Execution:
    """What is known before anything is asked.

    `trigger` is the word as typed (`!hug`), `name` the command's own name, `text` everything behind it. Without a
    `caller` a timer or an event runs it. `role` is the caller's, `command_role` the one that the command demands.
    In `test` mode nothing changes: counters and texts are computed and not kept. `deadline` in seconds.
    """

    execution_id: str
    platform: str
    channel_id: str
    community: str
    name: str
    now: datetime
    text: str = ""
    trigger: str = ""
    caller: Person | None = None
    role: Role = Role.VIEWER
    command_role: Role = Role.VIEWER
    server_id: str = ""
    channel_name: str = ""
    channel_display_name: str = ""
    community_id: int = 0
    message_id: str = ""
    time_zone: str = "UTC"
    twelve_hours: bool = False
    send_caller: bool = False
    response_url: str = ""
    test: bool = False
    deadline: float = DEADLINE


@dataclass(frozen=True, slots=True)
class Spoken:
    """A part of the output: what it says, whose words these are, and which variable said it (empty: plain text)."""

    text: str
    origin: Origin
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a text came to. `text` is empty when nothing is to be said; `origin` is the least trusted of the parts.

    `actions` are for the platform; `counters` and `kept` are values after the change, which World was told already
    (not in test mode); `failures` say which variable failed and what it printed.
    """

    text: str
    style: str = "normal"
    color: str = ""
    verbatim_start: bool = False
    origin: Origin = Origin.AUTHOR
    parts: tuple[Spoken, ...] = ()
    actions: tuple[PlatformRequest, ...] = ()
    counters: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    failures: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    lookups: int = 0
