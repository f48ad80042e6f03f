"""What identity's desk offers: seeing, taking and erasing what all modules hold about a person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from flask_core.operations import Operation, any_service, services, signed_in

WORD = "erase"
"""What whoever erases everything types once more."""

type Number = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
type Kind = Literal["export", "erase"]


class Nothing(msgspec.Struct, frozen=True):
    """No questions."""


class ModuleData(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a module says that it keeps about people; `rows` about this person, None while it does not answer."""

    module: str
    declares: tuple[str, ...]
    rows: int | None = None


class DeskPart(msgspec.Struct, frozen=True, omit_defaults=True):
    """One module's part of a request: `counts` by table, `kept` with the reason. `failed` is out of time."""

    module: str
    state: Literal["waiting", "done", "failed"]
    counts: dict[str, int] = {}
    kept: dict[str, str] = {}
    done_at: datetime | None = None


class SignedReceipt(msgspec.Struct, frozen=True):
    """`text` is JSON as it was signed; `signature` and the Ed25519 public `key` are base64."""

    text: str
    signature: str
    key: str


class DeskRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request by its number. An erasure begins at `due_at`; an export can be fetched until `until`.

    `open`: nothing was asked of modules yet; `incomplete`: some have not answered.
    """

    number: str
    kind: Kind
    state: Literal["open", "incomplete", "done", "called_off"]
    asked_at: datetime
    due_at: datetime
    deadline: datetime
    until: datetime | None = None
    done_at: datetime | None = None
    parts: tuple[DeskPart, ...] = ()
    receipt: SignedReceipt | None = None


class Desk(msgspec.Struct, frozen=True):
    """Everything at a glance; requests of the last 30 days, the newest first."""

    modules: tuple[ModuleData, ...]
    requests: tuple[DeskRequest, ...]


class AskErase(msgspec.Struct, frozen=True):
    """The word, typed again."""

    word: str


class RequestNumber(msgspec.Struct, frozen=True):
    """The number that was shown; whoever has it may see what became of the request."""

    number: Number


class ExportFile(msgspec.Struct, frozen=True):
    """A ZIP of JSON."""

    name: str
    content: bytes


class ReceiptKey(msgspec.Struct, frozen=True):
    """The Ed25519 public key of receipts, base64."""

    key: str


class DeskLink(msgspec.Struct, frozen=True):
    """The secret out of a one-time link."""

    token: str


class DeskPass(msgspec.Struct, frozen=True):
    """Opens the desk, and nothing else, for a quarter of an hour: `secret` is for a cookie."""

    secret: str
    person_id: str
    name: str
    entered_at: datetime


class PassSecret(msgspec.Struct, frozen=True):
    """The value of the desk's cookie."""

    secret: str


DESK = Operation("GET", "/api/v1/desk", Nothing, Desk, signed_in(fresh=True), "Show what modules hold about oneself.")
ASK_EXPORT = Operation(
    "POST", "/api/v1/desk/export", Nothing, DeskRequest, signed_in(fresh=True), "Collect all of it: 429 once a day.",
    status=202,
)  # fmt: skip
FETCH_EXPORT = Operation(
    "POST", "/api/v1/desk/requests/{number}/file", RequestNumber, ExportFile, signed_in(fresh=True),
    "Fetch what was collected so far: 410 after a week.",
)  # fmt: skip
ASK_ERASE = Operation(
    "POST", "/api/v1/desk/erase", AskErase, DeskRequest, signed_in(fresh=True),
    "Erase all of it in three days: 409 while one owns a community.", status=202,
)  # fmt: skip
CALL_OFF = Operation(
    "POST", "/api/v1/desk/erase/cancel", RequestNumber, DeskRequest, services("portal"),
    "Call an erasure off, by its number: 410 once it has begun.",
)  # fmt: skip
REQUEST = Operation(
    "GET", "/api/v1/desk/requests/{number}", RequestNumber, DeskRequest, services("portal"),
    "Tell what became of a request, with its receipt.",
)  # fmt: skip
RECEIPT_KEY = Operation(
    "GET", "/api/v1/desk/key", Nothing, ReceiptKey, any_service(), "Tell the key that signs receipts."
)
ENTER = Operation(
    "POST", "/api/v1/desk/enter", DeskLink, DeskPass, services("portal"), "Use up a one-time link to the desk.",
    status=201,
)  # fmt: skip
VERIFY_PASS = Operation(
    "POST", "/api/v1/desk/pass", PassSecret, DeskPass, services("portal"), "Tell who a pass of the desk belongs to."
)
