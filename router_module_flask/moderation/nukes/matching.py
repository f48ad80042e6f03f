"""Which retained messages a nuke means: words however they are written, a pattern with wildcards, or links."""

from __future__ import annotations

import re
from collections.abc import Callable

import re2

from flask_core.contracts.nukes import NukeKind
from flask_core.errors import InvalidInput
from router_module_flask.moderation.normalising import spelled

LONGEST = 200
_COMMON = (
    "com|net|org|io|gg|tv|co|uk|de|fr|es|nl|pl|ru|ua|br|cn|jp|eu|ca|au|app|dev|xyz|info|biz|link|site|store|club|tech"
    "|vip|ly|gl|cc|ws|ch|cz|dk|fi"
)
# Words of everyday language too: "nice.to meet you" is no address, "example.to/x" is one.
_WORDS = "me|to|it|in|us|be|at|se|no|is|so|do|am|my|live|online|shop|top|fun|pro|click|win"
_ADDRESS = re2.compile(rf"(?i)[\pL\pN]\s?\.\s?(?:(?:{_COMMON})(?:[^\pL\pN]|$)|(?:{_WORDS})/)")
_WILDCARD = re.compile(r"([*?])")
_WILDCARDS = {"*": ".*", "?": "."}
_SCHEME = re2.compile(r"(?i)(https?://|www\.)\S")

type Matches = Callable[[str], bool]


def matcher(kind: NukeKind, words: str) -> Matches:
    """Tells of a message's text whether it is meant; raises InvalidInput for words that would mean everything."""
    if kind == "links":
        return has_link
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


def has_link(text: str) -> bool:
    """Whether there is an address in the text, with `http://` or as a name that ends like one."""
    if "." not in text:
        return False
    if _SCHEME.search(text):
        return True
    return _ADDRESS.search(text) is not None
