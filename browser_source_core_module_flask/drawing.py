"""Turns actions and events into items: which lane, which template, which texts, how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_core.contracts.browser_source import Card, Lane
from flask_core.datamodels import Event, General, Media, MessageType, Ticker
from flask_core.errors import InvalidInput

MAX_TICKER = 200
PIXELS_PER_CHARACTER, PIXELS_PER_SECOND, SCREEN = 22.0, 240.0, 1_920.0
TEXTS = (
    "title", "text", "name", "content", "author", "subtitle", "note", "url", "when", "where", "label", "kind",
    "message", "winner", "item", "original",
)  # fmt: skip
NUMBERS = ("number", "votes", "count", "total", "seconds", "amount", "price")
TEMPLATES = (
    "card", "list", "shoutout", "event_card", "memory_card", "inventory_item", "poll", "giveaway", "leaderboard",
    "countdown", "now_live", "caption",
)  # fmt: skip
_MOST_ROWS = 10
_EXPIRES: dict[Lane, float] = {"ticker": 600.0, "media": 300.0, "general": 120.0, "alerts": 900.0}


@dataclass(frozen=True, slots=True)
class Drawn:
    """An item before it has a number: `seconds` on screen, `expires` seconds until it makes no sense any more."""

    lane: Lane
    card: Card
    said: str
    seconds: float
    expires: float


def draw(action: Media | Ticker | General) -> Drawn:
    """The item of an action; raises InvalidInput naming the field that does not fit."""
    if isinstance(action, Ticker):
        return _ticker(action)
    return _media(action) if isinstance(action, Media) else _general(action)


def _ticker(action: Ticker) -> Drawn:
    text = action.text.strip()
    if not 1 <= len(text) <= MAX_TICKER:
        raise InvalidInput(f"A ticker line has 1 to {MAX_TICKER} characters.", field="text")
    seconds = min(max(3.0, action.duration, reading_seconds(text)), 120.0)
    return Drawn("ticker", Card("ticker", {"text": text, "style": action.style}), text, seconds, _EXPIRES["ticker"])


def reading_seconds(text: str) -> float:
    """How long a line needs to cross the screen, so that no text is cut; 0 when it fits."""
    width = len(text) * PIXELS_PER_CHARACTER
    return (width + SCREEN) / PIXELS_PER_SECOND if width > SCREEN else 0.0


def _media(action: Media) -> Drawn:
    data = {
        "kind": action.kind, "title": action.title, "artist": action.artist, "album": action.album,
        "requested_by": action.requested_by, "art_url": _image(action.art_url), "url": _image(action.url),
    }  # fmt: skip
    seconds = min(max(3.0, action.duration or 30.0), 600.0)
    said = " – ".join(part for part in (action.title, action.artist) if part) or action.kind
    return Drawn("media", Card("media", {k: v for k, v in data.items() if v}), said, seconds, _EXPIRES["media"])


def _image(url: str) -> str:
    """Only https addresses are shown; which hosts is the page's policy to say."""
    return url if url.startswith("https://") else ""


def _general(action: General) -> Drawn:
    if action.template not in TEMPLATES:
        raise InvalidInput(f"There is no template {action.template[:40]}.", field="template")
    data = {name: _fitting(name, value) for name, value in action.data.items() if value not in (None, "")}
    said = str(data.get("title") or data.get("content") or data.get("text") or action.template)
    seconds = min(max(0.0, action.duration), 3_600.0)
    return Drawn("general", Card(action.template, data), said, seconds, _EXPIRES["general"])


def _fitting(name: str, value: Any) -> Any:
    """A value that the templates can draw: a text, a number, or a list of rows of those."""
    if isinstance(value, (bool, int | float)):
        return value
    if isinstance(value, str):
        if len(value) > 5_000:
            raise InvalidInput("A text on the overlay has at most 5000 characters.", field=name)
        return value
    if isinstance(value, list | tuple):
        return [_row(name, row) for row in value[:_MOST_ROWS]]
    raise InvalidInput("The overlay draws texts, numbers and lists of those.", field=name)


def _row(name: str, row: Any) -> Any:
    if isinstance(row, dict):
        return {str(key): _fitting(name, value) for key, value in row.items() if not isinstance(value, list | dict)}
    return _fitting(name, row)


type Phrase = Callable[[str, Event], str]
ALERTS: dict[MessageType, tuple[str, float, Phrase]] = {
    MessageType.FOLLOW: ("♥", 6.0, lambda name, _: f"{name} follows"),
    MessageType.SUBSCRIPTION: ("★", 8.0, lambda name, _: f"{name} subscribes"),
    MessageType.RESUB: (
        "★",
        8.0,
        lambda name, e: f"{name} subscribes for {e.data.get('months', e.amount or 1)} months",
    ),
    MessageType.SUBGIFT: ("✦", 8.0, lambda name, e: f"{name} gives {e.amount or 1} subscriptions"),
    MessageType.CHEER: ("◆", 8.0, lambda name, e: f"{name} cheers {e.amount or 0} bits"),
    MessageType.DONATION: (
        "✚",
        10.0,
        lambda name, e: f"{name} donates {(e.amount or 0) / 100:.2f} {e.currency}".strip(),
    ),
    MessageType.RAID: ("►", 10.0, lambda name, e: f"{name} raids with {e.amount or 0}"),
    MessageType.BOOST: ("▲", 8.0, lambda name, _: f"{name} boosts the server"),
    MessageType.REDEMPTION: ("●", 6.0, lambda name, e: f"{name} redeems {e.data.get('reward') or 'a reward'}"),
}


def alert(event: Event) -> Drawn | None:
    """The alert of an event, or None for one that nobody is alerted about."""
    found = ALERTS.get(event.message_type)
    if found is None or (event.message_type is MessageType.SUBSCRIPTION and event.data.get("gifted")):
        # The gift itself is the alert; the subscriptions that it makes stay quiet.
        return None
    icon, seconds, phrase = found
    said = phrase(event.account.name if event.account else "Somebody", event)
    card = Card("alert", {"icon": icon, "title": said, "kind": event.message_type.value})
    return Drawn("alerts", card, said, seconds, _EXPIRES["alerts"])


def merged_follows(names: list[str]) -> Card:
    """Several follows in one: `kim, sam and 8 others follow`."""
    shown = names[:2]
    others = len(names) - len(shown)
    listed = f"{', '.join(shown)} and {others} others" if others else " and ".join(shown)
    return Card("alert", {"icon": "♥", "title": f"{listed} follow", "kind": "follow", "names": names[:50]})
