"""What browser_source offers: showing things on overlays."""

from __future__ import annotations

from typing import Literal

import msgspec

from flask_core.datamodels import General, Media, Ticker
from flask_core.operations import Operation, services


class Display(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing to show; a known `idempotency_key` gets the same answer again."""

    community_id: int
    idempotency_key: str
    action: Media | Ticker | General
    source: str
    priority: int = 5
    stage: Literal["live", "preview"] = "live"


class Displays(msgspec.Struct, frozen=True):
    """Up to 100 things to show."""

    items: tuple[Display, ...]


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """The item's number and its place in line."""

    number: int
    place: int = 0


class DisplayAnswer(msgspec.Struct, frozen=True):
    """One answer per item, in order."""

    results: tuple[Shown, ...]


DISPLAY = Operation(
    "POST", "/api/v1/displays", Displays, DisplayAnswer, services("router"), "Show things on overlays.",
    status=202, express=True,
)  # fmt: skip
