"""What the importer keeps about an import, beside the rows that it found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from alias_interaction_module_flask.imports.rows import Becomes, Kind, Note
from flask_core.datamodels import Role
from flask_core.operations import Acting

Source = Literal["nightbot", "streamelements", "file"]
Phase = Literal["fetching", "preview", "applying", "applied", "undoing", "undone", "failed", "dropped"]
Status = Literal["ok", "review", "conflict", "unsupported", "unchanged"]
Choice = Literal["", "accept", "skip", "rename", "replace"]
Outcome = Literal["", "created", "updated", "unchanged", "skipped", "failed", "waiting"]

RUNNING: tuple[Phase, ...] = ("fetching", "applying", "undoing")


@dataclass(frozen=True, slots=True)
class Person:
    """For whom an import is done: an admin, with the role that they had when they began."""

    id: str
    name: str
    role: Role

    def acting(self, community_id: int, now: datetime) -> Acting:
        """As other modules hear of them; those look up themselves what the person may do by now."""
        return Acting(self.id, now, community_id, self.role, name=self.name)


@dataclass(frozen=True, slots=True)
class Import:
    """One import; `channel` is the other bot's name for the channel, `fetched` counts answers."""

    id: int
    community_id: int
    source: Source
    origin: Source
    channel: str
    phase: Phase
    fetched: int
    person: Person
    created_at: datetime
    applied_at: datetime | None
    expires_at: datetime
    last_error: str


class Before(msgspec.Struct, frozen=True, omit_defaults=True):
    """How something was before the import touched it; `made` is what the import made anew.

    `version` is what it had right after, by which a change since then is seen; `base` is what the import before wanted.
    """

    result_id: str
    version: int = 0
    made: bool = False
    was: Becomes | None = None
    base: Becomes | None = None


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row of an import as it is kept; `ours` and `base` are the other two sides of a conflict."""

    id: int
    kind: Kind
    external_id: str
    name: str
    original: str
    becomes: Becomes | None
    status: Status
    notes: tuple[Note, ...]
    ours: str = ""
    base: str = ""
    choice: Choice = ""
    outcome: Outcome = ""
    said: str = ""
    before: Before | None = None
    undone: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """What an earlier import made of a thing: its id here, its version right after, and what was wanted then."""

    kind: str
    external_id: str
    result_id: str
    version: int
    base: Becomes | None
