"""What memories offers: entries, votes, search, reminders."""

from __future__ import annotations

from datetime import datetime
from types import NoneType
from typing import Literal

import msgspec

from flask_core.datamodels import Role
from flask_core.operations import Operation, people, services

Kind = Literal["quote", "link", "note"]


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A quote, link or note; `label` is how people call it (`#12`, `L4`), `own_vote` the caller's vote."""

    kind: Kind
    number: int
    label: str
    title: str = ""
    content: str = ""
    url: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    state: str = "approved"
    private: bool = False
    votes: int = 0
    own_vote: int = 0
    uses: int = 0
    version: int = 1
    created_name: str = ""
    created_at: datetime | None = None
    context: str = ""
    category: str = ""


class CommunityId(msgspec.Struct, frozen=True):
    """Names a community."""

    community_id: int


class Emptied(msgspec.Struct, frozen=True):
    """How many entries are gone for good."""

    entries: int


class ListEntries(msgspec.Struct, frozen=True):
    """A page; `q` searches (and then comes ranked), `state` other than approved is for moderators."""

    community_id: int
    kind: str = ""
    q: str = ""
    author: str = ""
    state: Literal["approved", "pending", "deleted"] = "approved"
    sort: Literal["number", "new", "top", "used"] = "number"
    page: int = 1
    per_page: int = 25
    tag: str = ""
    category: str = ""


class EntryPage(msgspec.Struct, frozen=True):
    """One page of entries."""

    items: tuple[Entry, ...]
    page: int
    per_page: int
    total: int


class AddEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something to keep; a viewer's is a suggestion. `author_account` is `platform:user_id`, taken from moderators."""

    community_id: int
    kind: Kind
    content: str = ""
    title: str = ""
    url: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    private: bool = False
    author_account: str = ""
    context: str = ""
    category: str = ""


class EntryOf(msgspec.Struct, frozen=True):
    """An entry of a community."""

    community_id: int
    kind: Kind
    number: int


class RandomQuote(msgspec.Struct, frozen=True):
    """By chance, of a category where one is named."""

    community_id: int
    category: str = ""


class QuoteOf(msgspec.Struct, frozen=True):
    """A quote by its number."""

    community_id: int
    number: int


class PatchEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """Fields that are None stay; an older `version` is stale."""

    community_id: int
    kind: Kind
    number: int
    version: int
    content: str | None = None
    title: str | None = None
    url: str | None = None
    author: str | None = None
    tags: tuple[str, ...] | None = None
    context: str | None = None
    category: str | None = None
    private: bool | None = None


class Vote(msgspec.Struct, frozen=True):
    """1, -1 or 0."""

    community_id: int
    kind: Kind
    number: int
    value: int


class Total(msgspec.Struct, frozen=True):
    """The sum of votes."""

    votes: int


_ONE = "/api/v1/communities/{community_id}/memories/{kind}/{number}"

LIST = Operation(
    "GET", "/api/v1/communities/{community_id}/memories", ListEntries, EntryPage, people(Role.VIEWER) | services("ai"),
    "List or search what the community keeps.",
)  # fmt: skip
ADD = Operation(
    "POST", "/api/v1/communities/{community_id}/memories", AddEntry, Entry, people(Role.VIEWER), "Keep something.",
    status=201,
)  # fmt: skip
GET = Operation("GET", _ONE, EntryOf, Entry, people(Role.VIEWER) | services("ai", "alias"), "Show an entry.")
RANDOM = Operation(
    "GET", "/api/v1/communities/{community_id}/quotes/random", RandomQuote, Entry,
    people(Role.VIEWER) | services("alias"), "Show a quote by chance.",
)  # fmt: skip
QUOTE = Operation(
    "GET", "/api/v1/communities/{community_id}/quotes/{number}", QuoteOf, Entry,
    people(Role.VIEWER) | services("alias"), "Show a quote.",
)  # fmt: skip
PATCH = Operation("PATCH", _ONE, PatchEntry, Entry, people(Role.VIEWER), "Change an entry.")
DELETE = Operation("DELETE", _ONE, EntryOf, NoneType, people(Role.VIEWER), "Put an entry into the bin.", status=204)
EMPTY_BIN = Operation(
    "POST", "/api/v1/communities/{community_id}/memories/empty-bin", CommunityId, Emptied, people(Role.ADMIN),
    "Forget for good what is in the bin.",
)  # fmt: skip
RESTORE = Operation("POST", f"{_ONE}/restore", EntryOf, Entry, people(Role.VIEWER), "Take an entry out of the bin.")
APPROVE = Operation("POST", f"{_ONE}/approve", EntryOf, Entry, people(Role.MODERATOR), "Approve a suggestion.")
REJECT = Operation("POST", f"{_ONE}/reject", EntryOf, Entry, people(Role.MODERATOR), "Reject a suggestion.")
VOTE = Operation("PUT", f"{_ONE}/vote", Vote, Total, people(Role.VIEWER), "Vote for an entry.")


class CategoryView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A drawer for entries; `colour` is `#rrggbb`."""

    id: int
    name: str
    colour: str = ""
    icon: str = ""


class CategoryList(msgspec.Struct, frozen=True):
    """All categories of a community, by name."""

    items: tuple[CategoryView, ...]


class AddCategory(msgspec.Struct, frozen=True, omit_defaults=True):
    """A new category."""

    community_id: int
    name: str
    colour: str = ""
    icon: str = ""


class PatchCategory(msgspec.Struct, frozen=True, omit_defaults=True):
    """Fields that are None stay."""

    community_id: int
    id: int
    name: str | None = None
    colour: str | None = None
    icon: str | None = None


class CategoryOf(msgspec.Struct, frozen=True):
    """A category of a community."""

    community_id: int
    id: int


_CATEGORIES = "/api/v1/communities/{community_id}/categories"
CATEGORIES = Operation("GET", _CATEGORIES, CommunityId, CategoryList, people(Role.MODERATOR), "List categories.")
ADD_CATEGORY = Operation(
    "POST", _CATEGORIES, AddCategory, CategoryView, people(Role.MODERATOR), "Add a category.", status=201
)
PATCH_CATEGORY = Operation(
    "PATCH", f"{_CATEGORIES}/{{id}}", PatchCategory, CategoryView, people(Role.MODERATOR), "Change a category."
)
DELETE_CATEGORY = Operation(
    "DELETE", f"{_CATEGORIES}/{{id}}", CategoryOf, NoneType, people(Role.MODERATOR),
    "Forget a category; its entries stay.", status=204,
)  # fmt: skip


class ImportEntries(msgspec.Struct, frozen=True):
    """Lines of our own export, of a CSV, or a StreamElements list; `dry_run` only tells what would happen."""

    community_id: int
    text: str
    format: Literal["json", "csv", "streamelements"] = "json"
    dry_run: bool = True


class ImportedRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What becomes of a row: new, same, taken (its number belongs to another), or invalid with the reason."""

    row: int
    outcome: Literal["new", "same", "taken", "invalid"]
    reason: str = ""


class ImportReport(msgspec.Struct, frozen=True):
    """One outcome per row."""

    rows: tuple[ImportedRow, ...]
    kept: int


class ExportEntries(msgspec.Struct, frozen=True):
    """Which form the export has."""

    community_id: int
    format: Literal["json", "csv"] = "json"


class ExportText(msgspec.Struct, frozen=True):
    """The export."""

    text: str


IMPORT = Operation(
    "POST", "/api/v1/communities/{community_id}/memories/import", ImportEntries, ImportReport, people(Role.ADMIN),
    "Bring entries from elsewhere.",
)  # fmt: skip
EXPORT = Operation(
    "GET", "/api/v1/communities/{community_id}/memories/export", ExportEntries, ExportText, people(Role.ADMIN),
    "Take all entries along.",
)  # fmt: skip


class ReminderView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A reminder as its owner sees it; `when` is its next time in words, `repeats` its rule in words."""

    number: int
    label: str
    text: str
    when: str
    due_at: datetime
    target: Literal["me", "channel"] = "me"
    recurring: bool = False
    private: bool = False
    status: str = "waiting"
    last_error: str = ""
    rule: str = ""
    ends_at: datetime | None = None
    repeats: str = ""


class ListReminders(msgspec.Struct, frozen=True):
    """One's own, or (for moderators) those of a channel; `over` are the last hundred that had their end."""

    community_id: int
    channel: str = ""
    state: Literal["waiting", "over"] = "waiting"


class ReminderList(msgspec.Struct, frozen=True):
    """Reminders that wait, soonest first, or that are over, latest first."""

    items: tuple[ReminderView, ...]


class AddReminder(msgspec.Struct, frozen=True, omit_defaults=True):
    """`when` in plain words, or `rrule` with `clock` (18:30); with `channel` for everybody there."""

    community_id: int
    text: str
    when: str = ""
    channel: str = ""
    private: bool = False
    rrule: str = ""
    clock: str = ""
    zone: str = ""


class PatchReminder(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is not given stays; times as in AddReminder."""

    community_id: int
    number: int
    text: str | None = None
    when: str = ""
    rrule: str = ""
    clock: str = ""
    zone: str = ""


class SnoozeReminder(msgspec.Struct, frozen=True):
    """Once more in so many minutes."""

    community_id: int
    number: int
    minutes: int


class ReminderOf(msgspec.Struct, frozen=True):
    """A reminder by its number."""

    community_id: int
    number: int


class ReadWhen(msgspec.Struct, frozen=True):
    """Words that mean a time, in `zone` or the community's."""

    community_id: int
    text: str
    zone: str = ""


class Understood(msgspec.Struct, frozen=True):
    """What the words mean, for a form to show before it is sent."""

    readable: str
    at: datetime
    recurring: bool


_REMINDERS = "/api/v1/communities/{community_id}/reminders"
REMINDERS = Operation("GET", _REMINDERS, ListReminders, ReminderList, people(Role.VIEWER), "List reminders.")
REMIND = Operation("POST", _REMINDERS, AddReminder, ReminderView, people(Role.VIEWER), "Add a reminder.", status=201)
CANCEL = Operation(
    "DELETE", f"{_REMINDERS}/{{number}}", ReminderOf, NoneType, people(Role.VIEWER), "Cancel a reminder.", status=204
)
CHANGE_REMINDER = Operation(
    "PATCH", f"{_REMINDERS}/{{number}}", PatchReminder, ReminderView, people(Role.VIEWER), "Change a reminder."
)
SNOOZE = Operation(
    "POST", f"{_REMINDERS}/{{number}}/snooze", SnoozeReminder, ReminderView, people(Role.VIEWER),
    "Say a reminder once more, later.",
)  # fmt: skip
RENEW = Operation(
    "POST", f"{_REMINDERS}/{{number}}/renew", ReminderOf, ReminderView, people(Role.VIEWER),
    "Let a recurring reminder go on for another year.",
)  # fmt: skip
WHEN = Operation(
    "POST", "/api/v1/communities/{community_id}/when", ReadWhen, Understood, people(Role.VIEWER),
    "Tell what words mean as a time.",
)  # fmt: skip
