"""How triggers share work: resources that one process at a time looks after."""

from __future__ import annotations

from datetime import datetime
from types import NoneType

import msgspec

from flask_core.operations import Operation, operators, services

_TRIGGERS = services("twitch", "discord", "slack")
CHECK_IN_SECONDS = 300.0
SILENCE_SECONDS = 360.0
LIFE_SECONDS = 1_800.0
PARKED_SECONDS = 600.0
ERRORS_UNTIL_PARKED = 3
MOST_RESOURCES = 10_000


class Resource(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something to look after, `twitch:channel:42`; the lower `priority` goes first, None says nothing new."""

    name: str
    priority: int = 100
    viewers: int | None = None
    live: bool | None = None


class PutResources(msgspec.Struct, frozen=True):
    """Everything of one kind (`twitch:channel`) that there is, up to 10,000; what is missing is forgotten."""

    kind: str
    items: tuple[Resource, ...]


class ClaimSome(msgspec.Struct, frozen=True, omit_defaults=True):
    """`instance` wants up to `most` of a kind, counting what it holds; 0 and more than the router allows is that."""

    kind: str
    instance: str
    most: int = 0


class Claim(msgspec.Struct, frozen=True):
    """A resource that is the asker's until then, unless it stays silent for six minutes."""

    resource: str
    until: datetime


class ClaimsHeld(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the asker holds now; `lost` belongs to nobody or somebody else by now."""

    items: tuple[Claim, ...]
    lost: tuple[str, ...] = ()


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a resource that is held is doing."""

    resource: str
    live: bool | None = None
    viewers: int = 0


class CheckIn(msgspec.Struct, frozen=True):
    """`instance` lives and still looks after these; each is its for another 30 minutes."""

    instance: str
    items: tuple[Report, ...]


class Release(msgspec.Struct, frozen=True):
    """`instance` gives these back; when one is not its own, none is."""

    instance: str
    resources: tuple[str, ...]


class ClaimError(msgspec.Struct, frozen=True):
    """`instance` cannot do its work on a resource that it holds, and why."""

    instance: str
    resource: str
    reason: str


class ClaimTrouble(msgspec.Struct, frozen=True, omit_defaults=True):
    """How often it went wrong lately; after the third time nobody has it until `parked_until`."""

    errors: int
    parked_until: datetime | None = None


class ListClaims(msgspec.Struct, frozen=True):
    """Resources in the order in which they are handed out; `kind` filters, 50 a page."""

    kind: str = ""
    page: int = 1


class ClaimState(msgspec.Struct, frozen=True, omit_defaults=True):
    """A resource, who looks after it (nobody: "") and how it is doing."""

    resource: str
    live: bool
    priority: int
    viewers: int
    holder: str = ""
    seen_at: datetime | None = None
    until: datetime | None = None
    idle_since: datetime | None = None
    errors: int = 0
    last_error: str = ""
    parked_until: datetime | None = None


class ClaimList(msgspec.Struct, frozen=True):
    """One page, and how many resources there are, are held and are parked altogether."""

    items: tuple[ClaimState, ...]
    total: int
    held: int
    parked: int
    page: int = 1
    per_page: int = 50


PUT_RESOURCES = Operation(
    "PUT", "/api/v1/claims/resources", PutResources, NoneType, _TRIGGERS, "Say what there is to look after.", status=204
)
CLAIM = Operation("POST", "/api/v1/claims", ClaimSome, ClaimsHeld, _TRIGGERS, "Take a share of the work.")
CHECK_IN = Operation("POST", "/api/v1/claims/checkin", CheckIn, ClaimsHeld, _TRIGGERS, "Keep a share of the work.")
RELEASE = Operation(
    "POST", "/api/v1/claims/release", Release, NoneType, _TRIGGERS, "Give work back to the others.", status=204
)
ERROR = Operation(
    "POST", "/api/v1/claims/error", ClaimError, ClaimTrouble, _TRIGGERS, "Say that work on a resource fails."
)
CLAIMS = Operation(
    "GET", "/api/v1/claims", ListClaims, ClaimList, _TRIGGERS | operators(), "List what is looked after, and by whom."
)
