"""Repetition: the same character, the same word, the same text again and again."""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated

import msgspec

from router_module_flask.moderation.filters.line import Check, Line

_ROW = re.compile(r"(\S)\1+")
_THREE = re.compile(r"(\S)\1\1")


class Repeats(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What everybody writes at the same moment is often joy: short texts and commands are not compared."""

    characters: Annotated[int, msgspec.Meta(ge=2, le=200, title="Most of one character in a row")] = 10
    words: Annotated[int, msgspec.Meta(ge=1, le=100, title="Most of one word in a line")] = 6
    texts: Annotated[int, msgspec.Meta(ge=2, le=20, title="Same text by one member, times")] = 3
    members: Annotated[int, msgspec.Meta(ge=2, le=50, title="Same text by this many members")] = 5
    shortest: Annotated[
        int, msgspec.Meta(ge=1, le=200, title="Texts of members are compared from", description="characters")
    ] = 10
    seconds: Annotated[int, msgspec.Meta(ge=5, le=120, title="Within", description="seconds")] = 30


def check(values: Repeats) -> Check:
    """What repeats inside of the line first, then what repeats lines before it."""

    def judge(line: Line) -> str | None:
        text = line.prose.casefold()
        return _inside(text, values) or _before(line, len(text.strip()), values)

    return judge


def _inside(text: str, values: Repeats) -> str | None:
    # A longer row than that has three of these steps in it; few texts have a row of three at every such step.
    step = (values.characters + 1) // 3
    if _THREE.search(text[::step]) and (longest := longest_row(text)) > values.characters:
        return f"one character {longest} times"
    words = text.split()
    if len(words) > values.words and len(words) - len(set(words)) >= values.words:
        times = Counter(words).most_common(1)[0][1]
        if times > values.words:
            return f"one word {times} times"
    return None


def _before(line: Line, length: int, values: Repeats) -> str | None:
    if line.edited or line.command:
        return None
    own = line.lately.own_same(values.seconds)
    if own >= values.texts:
        return f"the same text {own} times"
    if length < values.shortest:
        return None
    members = line.lately.speakers_of_same(values.seconds)
    return f"the same text by {members} members" if members >= values.members else None


def longest_row(text: str) -> int:
    """How often a character stands behind itself at most; spaces separate."""
    rows = max((found.end() - found.start() for found in _ROW.finditer(text)), default=1)
    return rows if text and not text.isspace() else 0
