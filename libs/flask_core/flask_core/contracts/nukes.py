"""What router offers to act on many messages at once, and to take that back."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from flask_core.datamodels import Role
from flask_core.operations import Operation, people

NukeKind = Literal["text", "pattern", "links"]
NukeAct = Literal["delete", "timeout", "ban"]


class MakeNuke(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which retained messages, and what happens to them and their authors.

    `text` is found anywhere, however it is written; a `pattern` has `*` and `?`; `links` needs no words.
    `back` and `seconds` (of a time-out) count seconds; without a `channel` all of them are looked through. With
    `dry_run` nothing happens. The same `key` never acts twice.
    """

    community_id: int
    kind: NukeKind
    words: str = ""
    back: int = 300
    act: NukeAct = "timeout"
    seconds: int = 600
    channel: str = ""
    dry_run: bool = False
    key: str = ""


class Hit(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message that matched; `exempt` says why its author is left alone."""

    speaker: str
    text: str
    channel: str
    exempt: str = ""


class Nuke(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was done, or with `number` 0 what would be.

    `messages` and `accounts` count what is hit, `spared` accounts that matched and are left alone. `hits` are up to 50
    examples of a preview. `cut` tells that more matched than one nuke may hit.
    """

    number: int
    kind: NukeKind
    words: str
    act: NukeAct
    seconds: int
    messages: int
    accounts: int
    channel: str = ""
    spared: int = 0
    cut: bool = False
    hits: tuple[Hit, ...] = ()
    actor: str = ""
    made_at: datetime | None = None
    undone_at: datetime | None = None
    undoable: bool = False


class ListNukes(msgspec.Struct, frozen=True):
    """The newest nukes of a community."""

    community_id: int


class NukeList(msgspec.Struct, frozen=True):
    """Up to 50, newest first."""

    items: tuple[Nuke, ...]


class NukeOf(msgspec.Struct, frozen=True):
    """A nuke by its number."""

    community_id: int
    number: int


class Undone(msgspec.Struct, frozen=True):
    """How many time-outs and bans are lifted, and of how many accounts they were no longer the nuke's."""

    number: int
    lifted: int
    left: int


_NUKES = "/api/v1/communities/{community_id}/nukes"
NUKE = Operation(
    "POST", _NUKES, MakeNuke, Nuke, people(Role.MODERATOR), "Act on retained messages that match, or preview it.",
    status=201,
)  # fmt: skip
NUKES = Operation("GET", _NUKES, ListNukes, NukeList, people(Role.MODERATOR), "List nukes.")
UNDO = Operation(
    "POST", f"{_NUKES}/{{number}}/undo", NukeOf, Undone, people(Role.MODERATOR),
    "Lift the time-outs and bans of a nuke of the last 24 hours.",
)  # fmt: skip
