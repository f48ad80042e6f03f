"""Makes one line of the pieces, which no viewer can begin with a command."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from alias_interaction_module_flask.evaluator.template import Dialect
from alias_interaction_module_flask.evaluator.values import Origin, Said, whole

LIMITS = {Dialect.NIGHTBOT: 500, Dialect.STREAMELEMENTS: 500, Dialect.WADDLE: 1_000}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_STYLE = re.compile(r"/(me|announce(blue|green|orange|purple|))[ ]", re.IGNORECASE)
# Characters that show nothing, though Unicode does not count them among those: letters, marks, and tags.
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000))))
)


class Line(NamedTuple):
    """What is sent. `verbatim_start`: a leading `!` or `.` is the author's own and stays."""

    text: str
    style: str = "normal"
    color: str = ""
    verbatim_start: bool = False


def finished(pieces: list[Said], platform: str, dialect: Dialect) -> Line:
    """Join, clean, read the author's style, cut."""
    text, own = _joined(pieces)
    style, color = "normal", ""
    # Only what the author typed up to here can be a style or a command.
    found = _STYLE.match(text[:own])
    if found is not None:
        text, own = _stripped(text[found.end() :], own - found.end())
        style, color = ("me", "") if found[1].lower() == "me" else ("announce", found[2].lower())
        if style == "announce" and platform != "twitch":
            style = "normal"
    text = cut(text.rstrip(), LIMITS[dialect])
    first = text.partition(" ")[0]
    verbatim = text[:1] in ("!", ".") and len(first) <= own
    return Line(text, style, color if style == "announce" else "", verbatim) if text else Line("")


def _joined(pieces: list[Said]) -> tuple[str, int]:
    """The text, and how many characters at its start are the author's."""
    cleaned = [(_clean(said.text), said.origin) for said in pieces]
    own = 0
    for text, origin in cleaned:
        if origin is not Origin.AUTHOR and text:
            break
        own += len(text)
    return _stripped("".join(text for text, _ in cleaned), own)


def _clean(text: str) -> str:
    return text if text.isprintable() else whole(_CONTROL.sub(" ", text))


def _stripped(text: str, own: int) -> tuple[str, int]:
    """Without what cannot be seen at the start: platforms drop it, and what stood behind it would be the start."""
    at = 0
    while at < len(text) and invisible(text[at]):
        at += 1
    return text[at:], max(0, own - at)


def invisible(character: str) -> bool:
    """Whether a character shows nothing where a line begins."""
    return character.isspace() or character in _BLANK or unicodedata.category(character) in ("Cf", "Cc", "Zs")


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, ended between words with `…`."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    at = kept.rfind(" ")
    return (kept[:at] if at > limit // 2 else kept).rstrip() + "…"
