"""What alias offers about imports: bringing what another bot did, looking at it first, and taking it back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from flask_core.datamodels import Role
from flask_core.operations import Operation, no_keys, people, signed_in

OFFERED_BY = "alias"

Source = Literal["nightbot", "streamelements", "file"]
Phase = Literal["fetching", "preview", "applying", "applied", "undoing", "undone", "failed", "dropped"]
Status = Literal["ok", "review", "conflict", "unsupported", "unchanged"]
Choice = Literal["", "accept", "skip", "rename", "replace"]
Outcome = Literal["", "created", "updated", "unchanged", "skipped", "failed", "waiting"]

MOST_FILE = 2 * 1024 * 1024


class ImportsOf(msgspec.Struct, frozen=True):
    """Names a community."""

    community_id: int


class ImportOf(msgspec.Struct, frozen=True):
    """An import of a community."""

    community_id: int
    import_id: int


class StartImport(msgspec.Struct, frozen=True, omit_defaults=True):
    """StreamElements needs a `channel` or its `token` (which brings everything), a file its text as `file`."""

    community_id: int
    source: Source
    channel: Annotated[str, Meta(max_length=100)] = ""
    token: Annotated[str, Meta(max_length=5_000)] = ""
    file: Annotated[str, Meta(max_length=MOST_FILE)] = ""


class Failure(msgspec.Struct, frozen=True):
    """A row that could not be taken over, or back, and why."""

    row: int
    kind: str
    name: str
    said: str


class ImportView(msgspec.Struct, frozen=True, omit_defaults=True):
    """An import; numbers of rows by status, kind and outcome. `failed` and `kept` are told once it is over.

    `origin` is whose things they are, which a file tells itself; `kept` could not be taken back.
    """

    id: int
    source: Source
    origin: Source
    phase: Phase
    by: str
    created_at: datetime
    channel: str = ""
    fetched: int = 0
    applied_at: datetime | None = None
    undo_until: datetime | None = None
    error: str = ""
    statuses: dict[str, int] = {}
    kinds: dict[str, int] = {}
    outcomes: dict[str, int] = {}
    failed: tuple[Failure, ...] = ()
    kept: tuple[Failure, ...] = ()


class ImportList(msgspec.Struct, frozen=True, omit_defaults=True):
    """The latest first. `nightbot` tells whether Nightbot can be connected at this installation."""

    items: tuple[ImportView, ...]
    nightbot: bool = False


class ListRows(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of rows, those that need a decision first."""

    community_id: int
    import_id: int
    status: Literal["", "ok", "review", "conflict", "unsupported", "unchanged"] = ""
    kind: str = ""
    page: int = 1
    per_page: int = 25


class Sample(msgspec.Struct, frozen=True):
    """What a fictitious caller would hear."""

    caller: str
    output: str


class RowView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A thing of the other bot: as it was there, and as it would be here.

    `choices` are those that are possible. `simpler` says the same without a script. Of a conflict, `ours` is what is
    here and `base` what was imported last.
    """

    id: int
    kind: str
    name: str
    status: Status
    original: str = ""
    translated: str = ""
    body: str = ""
    simpler: str = ""
    role: Role | None = None
    notes: tuple[str, ...] = ()
    choice: Choice = ""
    choices: tuple[Choice, ...] = ()
    outcome: Outcome = ""
    said: str = ""
    undone: str = ""
    ours: str = ""
    base: str = ""
    samples: tuple[Sample, ...] = ()


class RowPage(msgspec.Struct, frozen=True):
    """One page of rows."""

    items: tuple[RowView, ...]
    page: int
    per_page: int
    total: int


class ChooseRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to become of a row: `name` for rename; `text` and `role` change a command before it is taken.

    `simpler` takes the text that needs no script, instead of `text`.
    """

    community_id: int
    import_id: int
    row: int
    choice: Literal["accept", "skip", "rename", "replace"]
    name: Annotated[str, Meta(max_length=100)] = ""
    text: Annotated[str, Meta(max_length=4_000)] | None = None
    simpler: bool = False
    role: Role | None = None


class ChooseAll(msgspec.Struct, frozen=True):
    """The same choice for all rows of a status that have none yet, where it is possible."""

    community_id: int
    import_id: int
    status: Literal["review", "conflict"]
    choice: Literal["accept", "skip", "replace"]


class ConnectUrl(msgspec.Struct, frozen=True):
    """Where Nightbot asks the person."""

    url: str


class FinishConnect(msgspec.Struct, frozen=True):
    """What Nightbot sent the person back with; the community is the one that they began for."""

    code: Annotated[str, Meta(min_length=1, max_length=500)]
    state: Annotated[str, Meta(min_length=1, max_length=200)]


class Begun(msgspec.Struct, frozen=True):
    """An import that runs, and where."""

    community_id: int
    import_id: int


_IMPORTS = "/api/v1/communities/{community_id}/imports"
_ONE = f"{_IMPORTS}/{{import_id}}"
_ADMINS = people(Role.ADMIN)

LIST = Operation("GET", _IMPORTS, ImportsOf, ImportList, _ADMINS, "List imports from other bots.")
START = Operation("POST", _IMPORTS, StartImport, ImportView, _ADMINS, "Fetch what another bot does here.", status=202)
GET = Operation("GET", _ONE, ImportOf, ImportView, _ADMINS, "Tell how an import is getting on.")
ROWS = Operation("GET", f"{_ONE}/rows", ListRows, RowPage, _ADMINS, "List what an import found.")
CHOOSE = Operation(
    "PATCH", f"{_ONE}/rows/{{row}}", ChooseRow, RowView, _ADMINS, "Choose what becomes of a row of an import."
)
CHOOSE_ALL = Operation(
    "POST", f"{_ONE}/choices", ChooseAll, ImportView, _ADMINS, "Choose for all rows of an import that wait for it."
)
APPLY = Operation("POST", f"{_ONE}/apply", ImportOf, ImportView, _ADMINS, "Take an import over.", status=202)
UNDO = Operation("POST", f"{_ONE}/undo", ImportOf, ImportView, _ADMINS, "Take an import back.", status=202)
CONNECT = Operation(
    "POST", f"{_IMPORTS}/nightbot/connect", ImportsOf, ConnectUrl, no_keys(_ADMINS), "Begin to connect Nightbot."
)
FINISH = Operation(
    "POST", "/api/v1/imports/nightbot/finish", FinishConnect, Begun, no_keys(signed_in()),
    "Take what Nightbot sent back, and begin to fetch.", status=202,
)  # fmt: skip
