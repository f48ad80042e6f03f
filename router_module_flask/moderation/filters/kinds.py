"""All filters, in the order in which they look at a line: what they are called and what they are set by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from flask_core.contracts.filters import FilterName
from router_module_flask.moderation.filters import (
    caps,
    emotes,
    first_message,
    flood,
    length,
    links,
    repeats,
    symbols,
    words,
)
from router_module_flask.moderation.filters.line import Check


@dataclass(frozen=True, slots=True)
class Kind:
    """A filter: `values` is the struct it is set by, `check` makes the function that looks at lines.

    `message` is what a member reads where the community wrote nothing; `{user}` is their name.
    """

    name: FilterName
    title: str
    help: str
    values: type[msgspec.Struct]
    check: Callable[[Any], Check]
    message: str
    exempt_label: str = ""
    holds: bool = False
    remembers: bool = False


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "flood", "Flood", "Too many messages in a short time.", flood.Flood, flood.check,
            "{user}, please slow down.", remembers=True,
        ),
        Kind(
            "first_message", "First message",
            "What somebody new says is held for a moderator when it looks like an advertisement.",
            first_message.FirstMessage, first_message.check,
            "{user}, welcome! Your first message waits for a moderator.", holds=True,
        ),
        Kind(
            "links", "Links", "Addresses, and names that look like one.", links.Links, links.check,
            "{user}, please ask before you post a link.", exempt_label="links",
        ),
        Kind(
            "words", "Words", "Words and phrases that are not wanted here.", words.Words, words.check,
            "{user}, please mind your words.",
        ),
        Kind(
            "repeats", "Repeats", "The same character, word or text again and again.", repeats.Repeats, repeats.check,
            "{user}, please do not repeat yourself.", remembers=True,
        ),
        Kind(
            "caps", "Capitals", "Lines that shout.", caps.Caps, caps.check, "{user}, please do not shout.",
        ),
        Kind(
            "symbols", "Symbols", "Walls of signs, and letters with towers of marks.", symbols.Symbols, symbols.check,
            "{user}, please use fewer symbols.",
        ),
        Kind(
            "length", "Length", "Lines that are too long to read.", length.Length, length.check,
            "{user}, please write shorter lines.",
        ),
        Kind(
            "emotes", "Emotes", "Lines that are all pictures.", emotes.Emotes, emotes.check,
            "{user}, please use fewer emotes.",
        ),
    )
}  # fmt: skip
