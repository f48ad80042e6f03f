"""What alias keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from flask_core.contracts import alias as contract
from flask_core.datamodels import Platform, Role

Kind = contract.Kind
Dialect = contract.Dialect
When = contract.When
Style = contract.Style


class Wish(msgspec.Struct, frozen=True):
    """What somebody wants a command to be; `body` is a text with variables, or the line that an alias runs.

    Cooldowns are seconds, `cost` is points. Empty `platforms` and `channels` mean everywhere.
    """

    kind: Kind
    name: str
    body: str
    dialect: Dialect = "waddle"
    role: Role = Role.VIEWER
    cooldown_channel: float = 5
    cooldown_member: float = 0
    when: When = "always"
    platforms: tuple[Platform, ...] = ()
    channels: tuple[str, ...] = ()
    style: Style = "say"
    cost: int = 0
    send_caller: bool = False
    hidden: bool = False
    enabled: bool = True


class Origin(msgspec.Struct, frozen=True):
    """Where a command was imported from: the other bot, its id there, and its text there."""

    source: str = ""
    external_id: str = ""
    original: str = ""


class Entry(msgspec.Struct, frozen=True):
    """A command of a community; `deleted_at` is set while it is in the bin."""

    id: int
    community_id: int
    what: Wish
    origin: Origin
    version: int
    created_by: str
    created_name: str
    created_at: datetime
    updated_by: str
    updated_name: str
    updated_at: datetime
    deleted_at: datetime | None = None

    @property
    def name(self) -> str:
        """How it is typed, without its `!`."""
        return self.what.name


class Counter(msgspec.Struct, frozen=True):
    """A named number; one that is on screen runs over the overlay when it changes."""

    name: str
    value: int
    on_screen: bool = False


class Variable(msgspec.Struct, frozen=True):
    """A named text."""

    name: str
    value: str


class Change(msgspec.Struct, frozen=True):
    """One step in the history of a command: what somebody did, and how it was before and after."""

    version: int
    editor: str
    editor_name: str
    did: str
    before: Wish | None
    after: Wish | None
    at: datetime


@dataclass(frozen=True, slots=True)
class By:
    """Who acts: member id, name and role in the community."""

    member_id: str
    name: str
    role: Role
