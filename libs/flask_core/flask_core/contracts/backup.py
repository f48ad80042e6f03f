"""Backup and restore of one module: what every module offers to the portal, and to nobody else."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from flask_core.operations import Operation, operators, services

TOPIC_CLOSED = "backup.closed"
PIECE_BYTES = 256 * 1024
PORTAL = "portal"

type Id = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9._-]{1,80}$")]
type Body = Annotated[str, msgspec.Meta(max_length=PIECE_BYTES * 2)]
type State = Literal["", "proof", "open", "applied", "over", "abandoned"]
type Step = tuple[str, int, str]


class Nothing(msgspec.Struct, frozen=True):
    """No question."""


class Table(msgspec.Struct, frozen=True):
    """A table as JSON lines: an array per row, as `columns` says. `last_number` is what its sequence gave last."""

    name: str
    columns: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str
    last_number: int = 0

    @property
    def pieces(self) -> int:
        """In how many pieces it travels; all but the last have PIECE_BYTES."""
        return -(-self.bytes // PIECE_BYTES)


class Contents(msgspec.Struct, frozen=True):
    """A module's tables, parents before children, and the steps (whose, number, checksum) that made them."""

    steps: tuple[Step, ...]
    tables: tuple[Table, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)


class Take(msgspec.Struct, frozen=True):
    """Names a snapshot; the same name is the same snapshot."""

    id: Id


class Taken(msgspec.Struct, frozen=True):
    """What is in it, or nothing while it is being taken: ask again."""

    contents: Contents | None = None


class PieceOf(msgspec.Struct, frozen=True):
    """A piece of a snapshot."""

    id: Id
    table: str
    number: int


class Piece(msgspec.Struct, frozen=True):
    """Bytes number × PIECE_BYTES and following of a table, deflated, in base64."""

    body: Body


class Present(msgspec.Struct, frozen=True):
    """What the module holds now: its steps, and rows by table."""

    steps: tuple[Step, ...]
    rows: dict[str, int]


class OpenRestore(msgspec.Struct, frozen=True):
    """What shall be brought."""

    id: Id
    contents: Contents


class PutPiece(msgspec.Struct, frozen=True):
    """A piece of what shall be restored; the same one again changes nothing."""

    id: Id
    table: str
    number: int
    body: Body


class RestoreOf(msgspec.Struct, frozen=True):
    """Names a restore, or a proof."""

    id: Id


class RestoreState(msgspec.Struct, frozen=True):
    """How far it is; "" is unknown here. `busy` while it is being applied: ask again."""

    state: State
    busy: bool = False


_PATH = "/api/v1/backup"
TAKE = Operation("POST", _PATH, Take, Taken, services(PORTAL), "Take a snapshot of all tables.")
PIECE = Operation("GET", _PATH, PieceOf, Piece, services(PORTAL), "Fetch a piece of a snapshot.")
FORGET = Operation("DELETE", _PATH, Take, type(None), services(PORTAL), "Forget a snapshot.", status=204)
PRESENT = Operation("GET", f"{_PATH}/present", Nothing, Present, services(PORTAL), "Count the rows of all tables.")

_RESTORE = "/api/v1/restore"
OPEN = Operation(
    "POST", _RESTORE, OpenRestore, RestoreState, operators(fresh=True),
    "Get ready to be restored: from now on nothing else is written.",
)  # fmt: skip
PROVE = Operation(
    "POST", f"{_RESTORE}/proof", OpenRestore, RestoreState, services(PORTAL),
    "Get ready to restore into tables made for it, which are dropped again.",
)  # fmt: skip
PUT = Operation("POST", f"{_RESTORE}/pieces", PutPiece, type(None), services(PORTAL), "Bring a piece.", status=204)
APPLY = Operation(
    "POST", f"{_RESTORE}/apply", RestoreOf, RestoreState, services(PORTAL),
    "Replace all rows by those that were brought, in one transaction.",
)  # fmt: skip
STATE = Operation("GET", _RESTORE, RestoreOf, RestoreState, services(PORTAL), "Tell how far a restore is.")
END = Operation(
    "DELETE", _RESTORE, RestoreOf, RestoreState, services(PORTAL), "End a restore or a proof; what was brought goes."
)
