"""Which retained messages a nuke means: words however they are written, a pattern with wildcards, or links."""

from __future__ import annotations

import re
from collections.abc import Callable

import re2

from flask_core.contracts.nukes import NukeKind
from flask_core.errors import InvalidInput
from router_module_flask.moderation.filters.hosts import hosts
from router_module_flask.moderation.normalising import spelled

LONGEST = 200
_WILDCARD = re.compile(r"([*?])")
_WILDCARDS = {"*": ".*", "?": "."}

type Matches = Callable[[str], bool]


def matcher(kind: NukeKind, words: str) -> Matches:
    """Tells of a message's text whether it is meant; raises InvalidInput for words that would mean everything."""
    if kind == "links":
        return _has_link
    if len(words) > LONGEST:
        raise InvalidInput(f"Write at most {LONGEST} characters.", field="words")
    if kind == "text":
        wanted = _enough(spelled(words).strip())
        return lambda text: wanted in spelled(text)
    return _pattern(words)


def _pattern(words: str) -> Matches:
    pieces = _WILDCARD.split(words)
    _enough("".join(map(spelled, pieces)))
    # RE2 needs time in proportion to the text, whatever the pattern.
    compiled = re2.compile("(?s)" + "".join(_WILDCARDS.get(piece) or re2.escape(spelled(piece)) for piece in pieces))
    return lambda text: compiled.search(spelled(text)) is not None


def _enough(words: str) -> str:
    stripped = "".join(words.split())
    if not stripped or (stripped.isascii() and len(stripped) < 2):
        raise InvalidInput("That would hit everybody. Write at least two characters.", field="words")
    return words


def _has_link(text: str) -> bool:
    return next(hosts(text), None) is not None
