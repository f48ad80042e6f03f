"""What timers are made of, and what a run comes to."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_core.contracts.timers import TimerSettings
from flask_core.datamodels import Role
from flask_core.due_work import Result
from router_module_flask.models import Outgoing

MOST = 50
JITTER = 0.1
# A run that nobody was there for is not made up; a restart is not nobody.
LATEST = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Author:
    """Whose rights a command has: a person or a member, the role lent to it, and the one that was assigned to them."""

    id: str
    person: bool
    name: str
    role: Role
    assigned: Role


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer of a community."""

    id: int
    community_id: int
    name: str
    enabled: bool
    settings: TimerSettings
    author: Author
    version: int


@dataclass(frozen=True, slots=True)
class Place:
    """A timer in one channel; `turn` numbers the text that is next, lines are counted after `lines_from`."""

    id: int
    timer: Timer
    channel: str
    turn: int
    lines_from: datetime


@dataclass(frozen=True, slots=True)
class Stream:
    """What a platform told about a channel; `live` is None where it told nothing."""

    live: bool | None = None
    category: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Ran(Result):
    """A run that came to its end: `said` for people, and the line that goes out, if any.

    A run that `spoke` by itself has the channel's minute already; one that `waits` for it is still to come.
    """

    said: str = ""
    turn: int = 0
    outgoing: tuple[Outgoing, ...] = field(default=())
    spoke: bool = False
    waits: bool = False


def interval(settings: TimerSettings, live: bool | None, chance: random.Random) -> timedelta:
    """Until the next run: the interval that counts now, give or take a tenth."""
    seconds = settings.offline_every if live is False and settings.offline_every else settings.every
    return timedelta(seconds=seconds * chance.uniform(1 - JITTER, 1 + JITTER))
