"""What portal offers: the console platform, for the playground and the terminal."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from flask_core.datamodels import Role
from flask_core.operations import Operation, services


class Room(msgspec.Struct, frozen=True):
    """A playground room: its channel key and its community."""

    community_id: int
    name: str
    channel: str
    community_name: str


class ListRooms(msgspec.Struct, frozen=True):
    """No questions."""


class RoomList(msgspec.Struct, frozen=True):
    """All rooms, newest community first."""

    items: tuple[Room, ...]


class Speaker(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who speaks in a playground: name, look and the role that the platform would show."""

    name: str
    look: Literal["twitch", "discord", "slack"] = "twitch"
    role: Role = Role.VIEWER


class Say(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line in a room."""

    channel: str
    speaker: Speaker
    text: str


class Said(msgspec.Struct, frozen=True):
    """The event that came of it, and the number of the line."""

    event_id: str
    seq: int


class LinesSince(msgspec.Struct, frozen=True):
    """Lines behind `seq`; waits up to `wait` seconds (at most 20) for the first."""

    channel: str
    seq: int
    wait: float = 0


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


_TERMINAL = services("terminal")
ROOMS = Operation("GET", "/api/v1/terminal/rooms", ListRooms, RoomList, _TERMINAL, "List playground rooms.")
SAY = Operation("POST", "/api/v1/terminal/lines", Say, Said, _TERMINAL, "Say something in a room.", status=202)
LINES = Operation("GET", "/api/v1/terminal/lines", LinesSince, LineList, _TERMINAL, "Read a room.")
