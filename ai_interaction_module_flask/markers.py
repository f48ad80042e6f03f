"""What no translation may change: emotes, mentions, links and commands, as markers that must all come back."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

_KEPT = (
    r"https?://\S+", r"www\.\S+", r"<[@#!:a][^<>\s]{1,200}>", r"<https?://[^<>\s]{1,500}>",
    r":[A-Za-z0-9_+-]{2,50}:", r"(?<!\w)@[\w.-]{1,64}", r"(?<!\S)![^\s!]{1,50}", r"\[\[\d+\]\]",
)  # fmt: skip
_ANY = re.compile("|".join(_KEPT))
_WORD = re.compile(r"\S+")
_MARKER = re.compile(r"\[\[(\d{1,4})\]\]")


class Marked(NamedTuple):
    """A line with `[[0]]`, `[[1]]` … in place of its `pieces`."""

    text: str
    pieces: tuple[str, ...]

    @property
    def letters(self) -> int:
        """How many letters there are to translate."""
        return sum(character.isalpha() for character in _MARKER.sub("", self.text))

    def restored(self, translated: str) -> str | None:
        """The translation with every piece in its place; None unless each comes exactly once."""
        found = sorted(int(number) for number in _MARKER.findall(translated))
        if found != list(range(len(self.pieces))):
            return None
        return _MARKER.sub(lambda marker: self.pieces[int(marker.group(1))], translated)

    def plain(self) -> str:
        """Only what is language."""
        return " ".join(_MARKER.sub(" ", self.text).split())


def marked(text: str, emotes: Collection[str] = ()) -> Marked:
    """The line with markers; `emotes` are words that its platform calls so."""
    pieces: list[str] = []

    def keep(found: re.Match[str]) -> str:
        pieces.append(found.group())
        return f"[[{len(pieces) - 1}]]"

    known = frozenset(emotes)

    def word(found: re.Match[str]) -> str:
        return keep(found) if found.group() in known or _ANY.fullmatch(found.group()) else _ANY.sub(keep, found.group())

    return Marked(_WORD.sub(word, text), tuple(pieces))
