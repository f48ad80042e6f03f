"""What router offers about timers: texts or a command, again and again."""

from __future__ import annotations

from datetime import datetime
from types import NoneType
from typing import Literal

import msgspec

from flask_core.datamodels import Role
from flask_core.operations import Operation, people

OFFERED_BY = "router"


class TimerSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """Either 1 to 10 `texts` or a `command` line, every so many seconds (300 to 86400).

    `offline_every` replaces `every` while the channel is known to be offline (0: the same). It stays silent
    until `lines` people's lines were written since its last post, and within the last `lines_within` seconds
    when that is not 0. `channels` empty means all. `category` and `title` are words that the stream must have there.
    """

    every: int
    texts: tuple[str, ...] = ()
    command: str = ""
    order: Literal["turn", "random"] = "turn"
    offline_every: int = 0
    lines: int = 5
    lines_within: int = 0
    stream: Literal["always", "live", "offline"] = "always"
    channels: tuple[str, ...] = ()
    category: str = ""
    title: str = ""
    style: Literal["normal", "announce"] = "normal"
    color: str = ""


class TimerPlace(msgspec.Struct, frozen=True, omit_defaults=True):
    """A timer in one channel: `said` tells what came of the last run, at `ran_at`; `next_at` is None while off."""

    channel: str
    next_at: datetime | None = None
    ran_at: datetime | None = None
    posted_at: datetime | None = None
    said: str = ""


class TimerView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A timer; `author` is whose rights its command has."""

    name: str
    enabled: bool
    settings: TimerSettings
    places: tuple[TimerPlace, ...]
    author: str = ""
    version: int = 1


class TimersOf(msgspec.Struct, frozen=True):
    """Names a community."""

    community_id: int


class TimerOf(msgspec.Struct, frozen=True):
    """Names a timer of a community."""

    community_id: int
    name: str


class TimerList(msgspec.Struct, frozen=True):
    """All timers, by name."""

    items: tuple[TimerView, ...]


class AddTimer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A new timer; its name has 1 to 25 of a-z, 0-9, - and _."""

    community_id: int
    name: str
    settings: TimerSettings
    enabled: bool = True


class ChangeTimer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is None stays. An older `version` is stale; 0 takes whatever is there."""

    community_id: int
    name: str
    settings: TimerSettings | None = None
    enabled: bool | None = None
    version: int = 0


_TIMERS = "/api/v1/communities/{community_id}/timers"
TIMERS = Operation("GET", _TIMERS, TimersOf, TimerList, people(Role.MODERATOR), "List timers.")
ADD_TIMER = Operation("POST", _TIMERS, AddTimer, TimerView, people(Role.MODERATOR), "Add a timer.", status=201)
TIMER = Operation("GET", f"{_TIMERS}/{{name}}", TimerOf, TimerView, people(Role.MODERATOR), "Show a timer.")
CHANGE_TIMER = Operation(
    "PATCH", f"{_TIMERS}/{{name}}", ChangeTimer, TimerView, people(Role.MODERATOR), "Change a timer, or switch it."
)
REMOVE_TIMER = Operation(
    "DELETE", f"{_TIMERS}/{{name}}", TimerOf, NoneType, people(Role.MODERATOR), "Remove a timer.", status=204
)
RUN_TIMER = Operation(
    "POST", f"{_TIMERS}/{{name}}/run", TimerOf, TimerView, people(Role.MODERATOR), "Run a timer now, come what may."
)
