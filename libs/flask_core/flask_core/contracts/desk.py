"""What router tells those who look after a community: what was changed, what ran, who is here, what happens now."""

from __future__ import annotations

from datetime import datetime

import msgspec

from flask_core.datamodels import Role
from flask_core.operations import Operation, any_service, operators, people, services

TOPIC_ACTIVITY = "router.activity"
"""A JSON list of the communities in which something was recorded in the last moment."""


class ListAudit(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of changes; `actor` is an id, `action` the beginning of one such as `nuke`."""

    community_id: int
    actor: str = ""
    action: str = ""
    page: int = 1
    per_page: int = 25


class AuditEntry(msgspec.Struct, frozen=True):
    """A change: `actor` is a member or person id; `was` and `became` are JSON, "" where there is nothing to compare."""

    id: int
    actor: str
    action: str
    target: str
    said: str
    was: str
    became: str
    at: datetime


class AuditPage(msgspec.Struct, frozen=True):
    """Changes, newest first."""

    items: tuple[AuditEntry, ...]
    page: int
    per_page: int
    total: int


class InstallationAudit(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of what operators changed."""

    page: int = 1
    per_page: int = 25


AUDIT = Operation(
    "GET", "/api/v1/communities/{community_id}/audit", ListAudit, AuditPage, people(Role.ADMIN),
    "List who changed what.",
)  # fmt: skip
INSTALLATION_AUDIT = Operation(
    "GET", "/api/v1/audit", InstallationAudit, AuditPage, operators(), "List what operators changed."
)


class ListExecutions(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of runs; `module` and `outcome` filter."""

    community_id: int
    module: str = ""
    outcome: str = ""
    page: int = 1
    per_page: int = 25


class ExecutionView(msgspec.Struct, frozen=True):
    """One run of one module; `command` is empty when it heard an event that nobody typed."""

    execution_id: str
    event_id: str
    member_id: str
    module: str
    command: str
    outcome: str
    ms: float
    ran_at: datetime


class ExecutionPage(msgspec.Struct, frozen=True):
    """Runs, newest first."""

    items: tuple[ExecutionView, ...]
    page: int
    per_page: int
    total: int


EXECUTIONS = Operation(
    "GET", "/api/v1/communities/{community_id}/executions", ListExecutions, ExecutionPage,
    people(Role.MODERATOR) | services("portal"), "List what modules ran.",
)  # fmt: skip


class WhoIsHere(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who wrote in a channel in the last `seconds` (1 to 86,400)."""

    community_id: int
    channel: str
    seconds: int = 600


class Chatter(msgspec.Struct, frozen=True):
    """An account that wrote."""

    platform: str
    user_id: str
    name: str
    member_id: str
    last_active: datetime


class ChatterList(msgspec.Struct, frozen=True):
    """Up to 1,000 accounts, who wrote last first."""

    items: tuple[Chatter, ...]


CHATTERS = Operation(
    "GET", "/api/v1/communities/{community_id}/chatters", WhoIsHere, ChatterList, any_service(),
    "Tell who wrote lately.",
)  # fmt: skip


class ActivityOf(msgspec.Struct, frozen=True):
    """An account, written `platform:user id`."""

    community_id: int
    account: str


class MemberActivity(msgspec.Struct, frozen=True, omit_defaults=True):
    """When an account last did anything, and when it last wrote; empty for what is longer ago than traces are kept."""

    last_seen: datetime | None = None
    last_active: datetime | None = None


MEMBER_ACTIVITY = Operation(
    "GET", "/api/v1/communities/{community_id}/members/{account}/activity", ActivityOf, MemberActivity, any_service(),
    "Tell when an account was last here.",
)  # fmt: skip


class ListActivity(msgspec.Struct, frozen=True, omit_defaults=True):
    """The newest of the last 15 minutes; behind the event `after` when it is given."""

    community_id: int
    after: str = ""
    limit: int = 50


class Happened(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that was recorded: what became of it, and the sentence of its last step."""

    event_id: str
    message_type: str
    channel: str
    occurred_at: datetime
    speaker: str = ""
    text: str = ""
    command: str = ""
    outcome: str = ""
    said: str = ""


class ActivityList(msgspec.Struct, frozen=True):
    """In the order in which they were recorded; after an `after`, what was recorded at nearly the same time repeats."""

    items: tuple[Happened, ...]


ACTIVITY = Operation(
    "GET", "/api/v1/communities/{community_id}/activity", ListActivity, ActivityList, people(Role.MODERATOR),
    "List what happened just now.",
)  # fmt: skip
STREAM = Operation(
    "GET", "/api/v1/communities/{community_id}/activity/stream", ListActivity, ActivityList, people(Role.MODERATOR),
    "Follow what happens, as server-sent events.",
)  # fmt: skip


class DeadLetter(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event that was given up after five readings, without its text."""

    id: str
    event_id: str
    message_type: str
    channel: str
    occurred_at: datetime
    attempts: int = 5


class Nothing(msgspec.Struct, frozen=True):
    """No questions."""


class DeadLetterList(msgspec.Struct, frozen=True):
    """Up to 100, newest first, and how many there are."""

    items: tuple[DeadLetter, ...]
    total: int


class DeadLetterOf(msgspec.Struct, frozen=True):
    """A dead letter by its id."""

    id: str


class Replayed(msgspec.Struct, frozen=True):
    """The event that is read again."""

    event_id: str


DEAD_LETTERS = Operation(
    "GET", "/api/v1/dead-letters", Nothing, DeadLetterList, operators(), "List events that were given up."
)
REPLAY = Operation(
    "POST", "/api/v1/dead-letters/{id}/replay", DeadLetterOf, Replayed, operators(), "Read such an event again.",
    status=202,
)  # fmt: skip
