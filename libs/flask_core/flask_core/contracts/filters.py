"""What router offers about filters: their settings, what a text would do, offences and held first messages."""

from __future__ import annotations

from datetime import datetime
from types import NoneType
from typing import Any, Literal

import msgspec

from flask_core.contracts.router import CommunityId
from flask_core.datamodels import Role
from flask_core.operations import Operation, people

OFFERED_BY = "router"

FilterName = Literal[
    "links", "caps", "symbols", "length", "repeats", "emotes", "words", "first_message", "flood"
]  # fmt: skip


class Option(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value that a filter can be tuned by: a number between two bounds, a switch, a list, or choices."""

    name: str
    label: str
    kind: Literal["number", "switch", "list", "choices"]
    value: Any
    hint: str = ""
    lowest: int = 0
    highest: int = 0
    choices: tuple[str, ...] = ()


class Filter(msgspec.Struct, frozen=True, omit_defaults=True):
    """A filter as it is set; `version` is 0 while nobody touched it.

    `channels` and `platforms` are where it watches, nothing being everywhere. A step of the ladder is `delete`, `warn`,
    `ban` or a time-out such as `5m`; an empty `message` means `default_message`. `holds` filters have no ladder.
    """

    name: FilterName
    title: str
    help: str
    enabled: bool = False
    channels: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    exempt_role: str = "moderator"
    exempt_label: str = ""
    ladder: tuple[str, ...] = ()
    message: str = ""
    default_message: str = ""
    silent: bool = False
    options: tuple[Option, ...] = ()
    holds: bool = False
    version: int = 0


class FilterList(msgspec.Struct, frozen=True):
    """All filters, in the order in which they look at a line."""

    items: tuple[Filter, ...]


class FilterOf(msgspec.Struct, frozen=True):
    """A filter of a community."""

    community_id: int
    name: FilterName


class PutFilter(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is None stays; of `values` (option → value) those that are named change. An older `version` is stale."""

    community_id: int
    name: FilterName
    version: int
    enabled: bool | None = None
    channels: tuple[str, ...] | None = None
    platforms: tuple[str, ...] | None = None
    exempt_role: str | None = None
    exempt_label: str | None = None
    ladder: tuple[str, ...] | None = None
    message: str | None = None
    silent: bool | None = None
    values: dict[str, Any] = {}


class TryText(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line as if a viewer wrote it; `first` as the first of that viewer."""

    community_id: int
    text: str
    first: bool = False


class Hit(msgspec.Struct, frozen=True, omit_defaults=True):
    """A filter that the text would run into and why; `does` is what follows the first time, empty while it is off."""

    filter: FilterName
    title: str
    reason: str
    enabled: bool
    does: str = ""


class Hits(msgspec.Struct, frozen=True):
    """All of them; the first that is on decides."""

    items: tuple[Hit, ...]


class ListOffences(msgspec.Struct, frozen=True):
    """A page of members with offences, newest first; `filter` narrows."""

    community_id: int
    filter: str = ""
    page: int = 1
    per_page: int = 25


class Offence(msgspec.Struct, frozen=True, omit_defaults=True):
    """How often a member ran into a filter: `standing` counts for the ladder until `decays_at`, `total` is all."""

    member_id: str
    name: str
    filter: FilterName
    standing: int
    total: int
    last_at: datetime
    decays_at: datetime
    event_id: str = ""


class OffencePage(msgspec.Struct, frozen=True):
    """One page of offences."""

    items: tuple[Offence, ...]
    page: int
    per_page: int
    total: int


class OffenceOf(msgspec.Struct, frozen=True):
    """What one member did against one filter."""

    community_id: int
    member_id: str
    filter: FilterName


class Held(msgspec.Struct, frozen=True, omit_defaults=True):
    """A first message that was deleted and waits for a moderator."""

    id: int
    name: str
    channel: str
    text: str
    reason: str
    held_at: datetime


class HeldList(msgspec.Struct, frozen=True):
    """What waits, oldest first."""

    items: tuple[Held, ...]


class HeldOf(msgspec.Struct, frozen=True):
    """One held message."""

    community_id: int
    id: int


_FILTERS = "/api/v1/communities/{community_id}/filters"
_OFFENCES = "/api/v1/communities/{community_id}/offences"
_HELD = "/api/v1/communities/{community_id}/held-messages"
_MODERATORS = people(Role.MODERATOR)

FILTERS = Operation("GET", _FILTERS, CommunityId, FilterList, _MODERATORS, "List all filters as they are set.")
FILTER = Operation("GET", f"{_FILTERS}/{{name}}", FilterOf, Filter, _MODERATORS, "Show how a filter is set.")
PUT_FILTER = Operation("PUT", f"{_FILTERS}/{{name}}", PutFilter, Filter, _MODERATORS, "Set a filter.")
TRY_TEXT = Operation(
    "POST", "/api/v1/communities/{community_id}/filter-preview", TryText, Hits, _MODERATORS,
    "Tell what the filters would say about a text.",
)  # fmt: skip
OFFENCES = Operation("GET", _OFFENCES, ListOffences, OffencePage, _MODERATORS, "List who ran into which filter.")
FORGIVE = Operation(
    "DELETE", f"{_OFFENCES}/{{member_id}}/{{filter}}", OffenceOf, NoneType, _MODERATORS, "Forgive a member's offences.",
    status=204,
)  # fmt: skip
HELD = Operation("GET", _HELD, CommunityId, HeldList, _MODERATORS, "List first messages that wait for a moderator.")
RELEASE = Operation(
    "POST", f"{_HELD}/{{id}}/release", HeldOf, NoneType, _MODERATORS, "Say a held message in its channel after all.",
    status=204,
)  # fmt: skip
DROP = Operation("DELETE", f"{_HELD}/{{id}}", HeldOf, NoneType, _MODERATORS, "Forget a held message.", status=204)
