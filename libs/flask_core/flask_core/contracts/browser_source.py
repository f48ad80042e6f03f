"""What browser_source offers: showing things on overlays, and looking after overlays."""

from __future__ import annotations

from datetime import datetime
from types import NoneType
from typing import Any, Literal

import msgspec

from flask_core.datamodels import General, Media, Role, Ticker
from flask_core.operations import Operation, people, services

Stage = Literal["live", "preview"]
Lane = Literal["ticker", "media", "general", "alerts"]
LANES: tuple[Lane, ...] = ("ticker", "media", "general", "alerts")


class Display(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing to show; a known `idempotency_key` gets the same answer again. Priority 1 goes first.

    `account` (platform, user id) is who had it shown, so that it is found among what is kept about them.
    """

    community_id: int
    idempotency_key: str
    action: Media | Ticker | General
    source: str
    priority: int = 5
    stage: Stage = "live"
    account: tuple[str, str] | None = None


class Displays(msgspec.Struct, frozen=True):
    """Up to 100 things to show."""

    items: tuple[Display, ...]


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """The item's number and its place in line (0: on screen next)."""

    number: int
    place: int = 0


class DisplayAnswer(msgspec.Struct, frozen=True):
    """One answer per item, in order."""

    results: tuple[Shown, ...]


DISPLAY = Operation(
    "POST", "/api/v1/displays", Displays, DisplayAnswer, services("router"), "Show things on overlays.",
    status=202, express=True,
)  # fmt: skip


class CommunityId(msgspec.Struct, frozen=True):
    """Names a community."""

    community_id: int


class Overlay(msgspec.Struct, frozen=True, omit_defaults=True):
    """An overlay, without its secret; `pages` are connected now."""

    id: int
    name: str
    pages: int = 0
    created_at: datetime | None = None


class OverlayList(msgspec.Struct, frozen=True):
    """A community's overlays."""

    items: tuple[Overlay, ...]


class CreateOverlay(msgspec.Struct, frozen=True):
    """A new overlay."""

    community_id: int
    name: str


class OverlayOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """An overlay, or one widget of it that has an address of its own."""

    community_id: int
    overlay_id: int
    widget: str = "all"


class Address(msgspec.Struct, frozen=True, omit_defaults=True):
    """The secret part of an address, and the size for OBS; the old one works until `old_valid_until`."""

    secret: str
    width: int = 1920
    height: int = 1080
    old_valid_until: datetime | None = None


class Rotate(msgspec.Struct, frozen=True, omit_defaults=True):
    """A new address; the old one ends `now`, or after five minutes."""

    community_id: int
    overlay_id: int
    widget: str = "all"
    now: bool = False


_OVERLAYS = "/api/v1/communities/{community_id}/overlays"
OVERLAYS = Operation("GET", _OVERLAYS, CommunityId, OverlayList, people(Role.MODERATOR), "List overlays.")
CREATE = Operation("POST", _OVERLAYS, CreateOverlay, Overlay, people(Role.ADMIN), "Make an overlay.", status=201)
DELETE = Operation(
    "DELETE", f"{_OVERLAYS}/{{overlay_id}}", OverlayOf, NoneType, people(Role.ADMIN), "Remove an overlay.", status=204
)
ADDRESS = Operation(
    "POST", f"{_OVERLAYS}/{{overlay_id}}/address", OverlayOf, Address, people(Role.ADMIN, fresh=True),
    "Show an overlay's address.",
)  # fmt: skip
ROTATE = Operation(
    "POST", f"{_OVERLAYS}/{{overlay_id}}/rotate", Rotate, Address, people(Role.OWNER, fresh=True),
    "Give an overlay a new address.",
)  # fmt: skip
PREVIEW = Operation(
    "GET", "/api/v1/communities/{community_id}/preview", CommunityId, Address, services("portal"),
    "Tell the address of the playground's preview.",
)  # fmt: skip


class ListItems(msgspec.Struct, frozen=True, omit_defaults=True):
    """Items of the last day, newest first."""

    community_id: int
    lane: str = ""
    state: str = ""
    stage: Stage = "live"


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that was, is or will be shown; `reason` says why it waits or ended."""

    number: int
    lane: str
    state: str
    said: str
    source: str
    priority: int
    reason: str = ""
    created_at: datetime | None = None


class ItemList(msgspec.Struct, frozen=True):
    """Items, newest first, and whether the overlay is paused."""

    items: tuple[Item, ...]
    paused: bool = False


class ItemOf(msgspec.Struct, frozen=True):
    """An item by its number."""

    community_id: int
    number: int


class Test(msgspec.Struct, frozen=True, omit_defaults=True):
    """Show a test item: an alert kind, or a widget."""

    community_id: int
    what: str = "follow"
    stage: Stage = "live"


class Control(msgspec.Struct, frozen=True, omit_defaults=True):
    """pause and resume hold for everything; skip and clear for a lane, or all."""

    community_id: int
    act: Literal["pause", "resume", "skip", "clear"]
    lane: str = ""
    stage: Stage = "live"


class Done(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was done, in words and in item numbers."""

    numbers: tuple[int, ...] = ()
    said: str = ""


_ITEMS = "/api/v1/communities/{community_id}/items"
ITEMS = Operation("GET", _ITEMS, ListItems, ItemList, people(Role.MODERATOR), "List what is shown and what waits.")
REPLAY = Operation(
    "POST", f"{_ITEMS}/{{number}}/replay", ItemOf, Done, people(Role.MODERATOR), "Show an item again.", status=202
)
TEST = Operation(
    "POST", "/api/v1/communities/{community_id}/items/test", Test, Done, people(Role.MODERATOR), "Show a test item.",
    status=202,
)  # fmt: skip
CONTROL = Operation(
    "POST", "/api/v1/communities/{community_id}/items/control", Control, Done, people(Role.MODERATOR),
    "Pause, resume, skip or clear.", status=202,
)  # fmt: skip


class Card(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a page draws: a template with texts, never markup."""

    template: str
    data: dict[str, Any]
