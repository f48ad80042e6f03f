"""What a check gets to see: the words of a line, and what was said just before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec
import re2

# Mentions, channels and emotes as Discord and Slack write them: nobody typed these letters.
_MARKUP = re2.compile(r"<(?:@|#|!|a?:)[^<>\s]{1,120}>")


class Lately(Protocol):
    """What was said in the channel before."""

    def own_lines(self, seconds: float) -> int:
        """How many lines the speaker wrote in the last seconds, this one included."""

    def own_same(self, seconds: float) -> int:
        """How many of them were this text."""

    def speakers_of_same(self, seconds: float) -> int:
        """How many members wrote this text in the last seconds, this speaker included."""


class Alone:
    """Nothing was said before: for trying a text out."""

    def own_lines(self, seconds: float) -> int:
        """This one."""
        return 1

    own_same = speakers_of_same = own_lines


class Line(msgspec.Struct, frozen=True):
    """A line as a platform hands it over. `emotes` are the platform's, by name; `first` is a member's first line."""

    text: str
    emotes: tuple[str, ...] = ()
    first: bool = False
    edited: bool = False
    command: bool = False
    lately: Lately = Alone()

    @property
    def prose(self) -> str:
        """What was typed by hand: without mentions, emotes and the names of emotes."""
        text = _MARKUP.sub(" ", self.text) if "<" in self.text else self.text
        if self.emotes:
            names = frozenset(self.emotes)
            text = " ".join(word for word in text.split() if word not in names)
        return text


type Check = Callable[[Line], str | None]
"""Why the line is none that this filter lets pass, in a few words; None for one that it does."""
