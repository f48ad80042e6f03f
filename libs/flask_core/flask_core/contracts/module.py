"""What any module may offer: running commands, taking events and deliveries, and personal data."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from flask_core.datamodels import Account, Action, Event, Invocation, Reply, Role
from flask_core.operations import Operation, people, services

EXECUTE = Operation(
    "POST", "/api/v1/execute", Invocation, Reply, services("router"), "Run one command or event module.", express=True
)


class EventBatch(msgspec.Struct, frozen=True, omit_defaults=True):
    """Events for a module that only listens; each carries its community and, where known, its member."""

    events: tuple[ScoredEvent, ...]


class ScoredEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event with its place: `scores` is false for blocked, simulated, shared and our own acts."""

    event: Event
    community_id: int
    member_id: str = ""
    scores: bool = True
    simulated: bool = False
    text_length: int = 0
    text_digest: str = ""


class EventsTaken(msgspec.Struct, frozen=True):
    """How many events were new, and how many had been counted before."""

    taken: int
    repeated: int = 0


EVENTS = Operation(
    "POST", "/api/v1/events", EventBatch, EventsTaken, services("router"), "Take events in batches.",
    status=202, express=True,
)  # fmt: skip


class Priority:
    """Who goes first in the delivery queue; the lower number."""

    MODERATION = 0
    REPLY = 1
    ALERT = 2
    TIMER = 3


class Delivery(msgspec.Struct, frozen=True, omit_defaults=True):
    """One action for one channel; the same `idempotency_key` never acts twice.

    `reply_to` is the platform's message id, `account` the user who is answered (mentions, whispers).
    """

    id: int
    idempotency_key: str
    channel: str
    action: Action
    community_id: int
    priority: int = Priority.REPLY
    reply_to: str = ""
    account: Account | None = None
    time_zone: str = "UTC"
    locale: str = "en"


class DeliveryStatus(StrEnum):
    """What became of a delivery; a role that somebody had already is `held_before`."""

    DONE = "done"
    HELD_BEFORE = "held_before"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"
    NOT_PERMITTED = "not_permitted"
    RATE_LIMITED = "rate_limited"
    UNCONFIRMED = "unconfirmed"
    UNKNOWN = "unknown"


class DeliveryResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """The trigger's answer; `retry_after` seconds belong to `rate_limited`, `reason` is a sentence."""

    id: int
    status: DeliveryStatus
    message_ids: tuple[str, ...] = ()
    reason: str = ""
    retry_after: float = 0


class Deliveries(msgspec.Struct, frozen=True):
    """Up to 100 deliveries; those of one channel are done in the order given."""

    items: tuple[Delivery, ...]


class DeliveryResults(msgspec.Struct, frozen=True):
    """One result per delivery, in the same order."""

    results: tuple[DeliveryResult, ...]


DELIVER = Operation(
    "POST", "/api/v1/actions", Deliveries, DeliveryResults, services("router"), "Say or do it on the platform.",
    express=True,
)  # fmt: skip


class PersonAccounts(msgspec.Struct, frozen=True):
    """The accounts and member ids of one person, for export and erasure."""

    request_id: str
    accounts: tuple[tuple[str, str], ...] = ()
    member_ids: tuple[str, ...] = ()
    person_id: str = ""


class PersonData(msgspec.Struct, frozen=True):
    """What a module holds about a person, by table."""

    tables: dict[str, list[dict[str, Any]]]


class Receipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """Rows erased or moved by table, and what stays with its reason."""

    counts: dict[str, int]
    kept: dict[str, str] = {}


class MergeMembers(msgspec.Struct, frozen=True):
    """Rows of member `source` become rows of member `target`; a known `merge_id` gets the same answer."""

    merge_id: str
    community_id: int
    source: str
    target: str


class CommunityOnly(msgspec.Struct, frozen=True):
    """Names a community and nothing else."""

    community_id: int


EXPORT = Operation(
    "POST", "/api/v1/person-data/export", PersonAccounts, PersonData, services("identity"), "List a person's data."
)
ERASE = Operation(
    "POST", "/api/v1/person-data/erase", PersonAccounts, Receipt, services("identity"), "Erase a person's data."
)
MERGE = Operation(
    "POST", "/api/v1/person-data/merge", MergeMembers, Receipt, services("community"), "Join two members' rows."
)
UNMERGE = Operation(
    "POST", "/api/v1/person-data/unmerge", MergeMembers, Receipt, services("community"), "Part joined rows again."
)
ERASE_COMMUNITY = Operation(
    "POST", "/api/v1/communities/{community_id}/erase", CommunityOnly, Receipt, services("community"),
    "Remove a community that ended.",
)  # fmt: skip


class Settings(msgspec.Struct, frozen=True):
    """A community's settings of one module, with the version to send back."""

    document: dict[str, Any]
    version: int


class PutSettings(msgspec.Struct, frozen=True):
    """New settings; an older `version` is refused as stale."""

    community_id: int
    document: dict[str, Any]
    version: int


GET_SETTINGS = Operation(
    "GET", "/api/v1/communities/{community_id}/settings", CommunityOnly, Settings,
    people(Role.ADMIN) | services("portal", "router"), "Read a community's settings.",
)  # fmt: skip
PUT_SETTINGS = Operation(
    "PUT", "/api/v1/communities/{community_id}/settings", PutSettings, Settings, people(Role.ADMIN),
    "Change a community's settings.",
)  # fmt: skip
