"""Requests of the desk and their parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from flask_core.contracts.data_desk import Kind, SignedReceipt

THINK_AGAIN = timedelta(hours=72)
TRIED_FOR = timedelta(days=7)
FETCHED_WITHIN = timedelta(days=7)
DEADLINE = timedelta(days=30)
KEPT = timedelta(days=3 * 365)
ONCE_IN = timedelta(days=1)
ALARMS = (timedelta(days=7), timedelta(days=21))

PLANNER = ""
STAGES = {"interaction": 1, "processing": 2, "core": 2, "admin": 2, "trigger": 3}
COMMUNITY, IDENTITY = 4, 5
LAST = {"community": COMMUNITY, "identity": IDENTITY}


class Subject(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whose data a request is about; member ids are known once modules are asked."""

    person_id: str
    accounts: tuple[tuple[str, str], ...]
    member_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """A request; `subject` is sealed, and empty once it is over."""

    number: str
    kind: Kind
    state: Any
    person_hash: str
    subject: str
    asked_at: datetime
    due_at: datetime
    until: datetime
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A module's part; `body` seals what was exported."""

    request_id: str
    module: str
    stage: int
    status: str = "waiting"
    body: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    done_at: datetime | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """The own columns of a claimed part, with its request."""

    request_id: str
    module: str
    stage: int


@dataclass(frozen=True, slots=True)
class Whole:
    """A request with all its parts, and its receipt once there is one."""

    request: Request
    parts: tuple[Part, ...]
    receipt: SignedReceipt | None = None
