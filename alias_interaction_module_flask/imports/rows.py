"""What an import consists of: rows, each a thing of the other bot and what it becomes here."""

from __future__ import annotations

from typing import Literal

import msgspec

from alias_interaction_module_flask.imports.notes import NOTES
from alias_interaction_module_flask.models import Wish
from flask_core.contracts.rules import Draft
from flask_core.contracts.timers import TimerSettings

Kind = Literal["command", "alias", "counter", "variable", "trigger", "timer", "filter", "regular", "song", "built_in"]
Status = Literal["ok", "review", "conflict", "unsupported"]

LONGEST_COOLDOWN = 86_400


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something to know about a row, as a code of `notes.NOTES`; `about` is the word that it is about."""

    code: str
    about: str = ""


class Command(msgspec.Struct, frozen=True, tag="command"):
    """A text or an alias of ours."""

    wish: Wish

    @property
    def name(self) -> str:
        """How it is typed, without its `!`."""
        return self.wish.name


class Counter(msgspec.Struct, frozen=True, omit_defaults=True, tag="counter"):
    """A number with a name."""

    name: str
    value: int
    on_screen: bool = False


class Variable(msgspec.Struct, frozen=True, omit_defaults=True, tag="variable"):
    """A text with a name, as `$(var …)` keeps it."""

    name: str
    value: str


class Trigger(msgspec.Struct, frozen=True, omit_defaults=True, tag="trigger"):
    """A rule of the router that runs a command, or one that silences."""

    name: str
    rule: Draft


class Timer(msgspec.Struct, frozen=True, omit_defaults=True, tag="timer"):
    """A timer of the router."""

    name: str
    settings: TimerSettings
    enabled: bool = True


class Filter(msgspec.Struct, frozen=True, omit_defaults=True, tag="filter"):
    """How a filter of the router is to be set; switched on by people only."""

    name: str
    ladder: tuple[str, ...]
    exempt_role: str = "moderator"
    message: str = ""
    silent: bool = False
    values: dict[str, bool | int | list[str]] = {}


class Regular(msgspec.Struct, frozen=True, omit_defaults=True, tag="regular"):
    """Somebody who becomes a regular."""

    name: str
    platform: str
    user_id: str


type Becomes = Command | Counter | Variable | Trigger | Timer | Filter | Regular


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """A thing of the other bot. `original` is what its people would recognise; None becomes nothing here."""

    kind: Kind
    external_id: str
    name: str
    original: str
    becomes: Becomes | None
    notes: tuple[Note, ...] = ()
    fixed: Status | None = None

    @property
    def status(self) -> Status:
        """`unsupported` for what becomes nothing, `review` when a note has to be read first."""
        if self.fixed is not None:
            return self.fixed
        if self.becomes is None:
            return "unsupported"
        return "ok" if all(NOTES[note.code].informs for note in self.notes) else "review"


class Translation(msgspec.Struct, frozen=True):
    """All rows of an import, no external id twice within a kind."""

    rows: tuple[Row, ...]
