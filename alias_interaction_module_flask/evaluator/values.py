"""What a variable comes to: a text that remembers whose words it is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

LONGEST_FAILURE = 120
_HALVES = re.compile(r"[\ud800-\udfff]")


def whole(text: str) -> str:
    """The text without halves of characters, which nothing can encode; as long as it was."""
    return _HALVES.sub("\ufffd", text)


class Origin(IntEnum):
    """Who wrote a text, the most trusted first."""

    AUTHOR = 0
    VIEWER = 1
    EXTERNAL = 2

    @property
    def word(self) -> str:
        """The origin as people read it: `viewer`."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of text. `missing`: a word that nobody typed; `code`: JSON that stands in a script as it is."""

    text: str
    origin: Origin = Origin.AUTHOR
    missing: bool = False
    code: bool = False


NOTHING = Said("")


def joined(pieces: Iterable[Said]) -> Said:
    """One text of several, trusted like the least trusted of them."""
    known = list(pieces)
    if len(known) == 1:
        return known[0]
    return Said("".join(piece.text for piece in known), max((piece.origin for piece in known), default=Origin.AUTHOR))


class Failed(Exception):
    """A variable has no value; the text is what it prints instead."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text if len(text) <= LONGEST_FAILURE else text[: LONGEST_FAILURE - 1] + "…"
