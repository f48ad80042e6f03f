"""What portal offers: the console platform, for the playground and the terminal."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from flask_core.contracts.router import TraceOf, TraceView
from flask_core.datamodels import Role
from flask_core.operations import Operation, people, services, signed_in


class Room(msgspec.Struct, frozen=True):
    """A playground room: its channel key and its community."""

    community_id: int
    name: str
    channel: str
    community_name: str


class ListRooms(msgspec.Struct, frozen=True):
    """No questions."""


class RoomList(msgspec.Struct, frozen=True):
    """The rooms that the caller may speak in, newest community first."""

    items: tuple[Room, ...]


class RoomOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """A room of a community, by its name."""

    community_id: int
    room: str = "playground"


class Speaker(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who speaks in a playground: name, look and the role that the platform would show."""

    name: str
    look: Literal["twitch", "discord", "slack"] = "twitch"
    role: Role = Role.VIEWER


class PeopleList(msgspec.Struct, frozen=True):
    """Who is in a room, in order."""

    items: tuple[Speaker, ...]


class Say(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line in a room; or, with `event`, something that happens there: follow, sub, raid …"""

    community_id: int
    speaker: Speaker
    text: str = ""
    event: str = ""
    room: str = "playground"


class Said(msgspec.Struct, frozen=True):
    """The event that came of it, and the number of the line."""

    event_id: str
    seq: int


class LinesSince(msgspec.Struct, frozen=True, omit_defaults=True):
    """Lines behind `seq`; waits up to `wait` seconds (at most 20) for the first."""

    community_id: int
    seq: int = 0
    wait: float = 0
    room: str = "playground"


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of a room; `bot` lines carry the event that they answer in `event_id`."""

    seq: int
    speaker: str
    text: str
    kind: Literal["person", "bot", "event"]
    event_id: str = ""
    private: bool = False
    look: str = ""
    role: str = ""
    at: datetime | None = None


class LineList(msgspec.Struct, frozen=True):
    """Lines in order."""

    items: tuple[Line, ...]


# The terminal of the machine itself comes with the service key, one from elsewhere with a person's API key.
_TERMINAL = services("terminal") | people(Role.MODERATOR, scope="chat")
ROOMS = Operation(
    "GET", "/api/v1/terminal/rooms", ListRooms, RoomList, services("terminal") | signed_in(scope="chat"),
    "List playground rooms.",
)  # fmt: skip
PEOPLE = Operation(
    "GET", "/api/v1/communities/{community_id}/terminal/people", RoomOf, PeopleList, _TERMINAL,
    "Tell who is in a room.",
)  # fmt: skip
SAY = Operation(
    "POST", "/api/v1/communities/{community_id}/terminal/lines", Say, Said, _TERMINAL, "Say something in a room.",
    status=202,
)  # fmt: skip
LINES = Operation(
    "GET", "/api/v1/communities/{community_id}/terminal/lines", LinesSince, LineList, _TERMINAL, "Read a room."
)
WHY = Operation(
    "GET", "/api/v1/communities/{community_id}/terminal/traces/{event_id}", TraceOf, TraceView, _TERMINAL,
    "Tell why the bot said that.",
)  # fmt: skip
