"""Text as moderation sees it: one width, one case, nothing invisible, no marks, look-alikes as what they look like."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from router_module_flask.moderation.lookalikes import lookalikes
from router_module_flask.moderation.shapes import MARK, shapes

# Marks that decorate a letter. Those that are vowels or tell letters apart (Thai, Hindi, Japanese …) stay.
_DECORATIONS = (
    (0x0300, 0x0370), (0x0483, 0x048A), (0x0591, 0x05C8), (0x0610, 0x061B), (0x064B, 0x0660), (0x0670, 0x0671),
    (0x1AB0, 0x1B00), (0x1DC0, 0x1E00), (0x20D0, 0x2100), (0xFE00, 0xFE10), (0xFE20, 0xFE30), (0xE0100, 0xE01F0),
)  # fmt: skip
_BLANK_LETTERS = (0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800)
_REMEMBERED = 5_000
_SPACES = re.compile(r"\s+")
# The same line is asked for by rules and by filters, one right after the other.
_LINES_REMEMBERED = 16
# Unicode orders the marks on one letter in quadratic time, and no letter of any language has this many.
_TOWER = re.compile(MARK + b"{31,}")
# Single characters that stand for whole sentences.
_SENTENCES = re.compile("[\ufdfa\ufdfb]")
_SHORT = 500
# The letters of flags look like letters, but a flag right behind a word is no part of it.
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
_EDGE_OF_FLAGS = re.compile(rf"(?<=\w)(?={_FLAG.pattern})|(?<={_FLAG.pattern})(?=\w)")


class _Visible(dict[int, str | int | None]):
    """Code point → None for what nobody sees, else what it looks like; for str.translate."""

    def __missing__(self, code: int) -> int | None:
        visible = None if unicodedata.category(chr(code)) == "Cf" else code
        if len(self) < _REMEMBERED:
            self[code] = visible
        return visible


_NOTHING: dict[int, str | int | None] = dict.fromkeys(_BLANK_LETTERS)
_VISIBLE = _Visible(_NOTHING)
_SEEN = _Visible({code: None for first, end in _DECORATIONS for code in range(first, end)} | _NOTHING | lookalikes())


def folded(text: str) -> str:
    """One width and one case, without invisible characters; letters keep their marks and their alphabet."""
    if text.isascii():
        return text.lower()
    return normal("NFKC", text.translate(_VISIBLE)).casefold()


def seen(text: str) -> str:
    """What a reader sees at a glance: `Ⓢpаm` and `s\u0336pam` are `spam`."""
    return text.lower() if text.isascii() else _seen(text)


@lru_cache(maxsize=_LINES_REMEMBERED)
def _seen(text: str) -> str:
    if _FLAG.search(text):
        text = _EDGE_OF_FLAGS.sub(" ", text)
    apart = normal("NFKD", text).casefold()
    if not unicodedata.is_normalized("NFKD", apart):
        apart = unicodedata.normalize("NFKD", apart)
    return unicodedata.normalize("NFC", apart.translate(_SEEN))


def spelled(text: str) -> str:
    """What is seen, with one space wherever there are spaces: phrases are the same however they are spread out."""
    return _SPACES.sub(" ", seen(text))


def spelled_words(text: str) -> str:
    """The same without spaces at its ends, for every line of chat: this is the fast way."""
    return " ".join(seen(text).split())


def normal(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """A normal form of what somebody typed, in time that grows with its length: endless towers of marks fall."""
    if len(text) > _SHORT:
        text = _SENTENCES.sub(" ", _without_towers(text))
    return unicodedata.normalize(form, text)


def _without_towers(text: str) -> str:
    kept, end = [], 0
    for tower in _TOWER.finditer(shapes(text)):
        kept.append(text[end : tower.start()])
        end = tower.end()
    return "".join((*kept, text[end:]))
