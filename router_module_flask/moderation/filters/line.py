"""What a check gets to see: the words of a line, and what was said just before it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import Protocol

from router_module_flask.moderation.filters.hosts import hosts
from router_module_flask.moderation.normalising import spelled_words
from router_module_flask.moderation.shapes import shapes

# Mentions, channels and emotes as Discord and Slack write them: nobody typed these letters.
_MARKUP = re.compile(r"<(?:@|#|!|a?:)[^<>\s]{1,120}>", re.ASCII)


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


ALONE = Alone()


class Line:
    """A line as a platform hands it over. `emotes` are the platform's, by name; `first` is a member's first line.

    What several filters look at is made when the first one asks, and kept.
    """

    lately: Lately = ALONE

    def __init__(
        self,
        text: str,
        emotes: tuple[str, ...] = (),
        *,
        first: bool = False,
        edited: bool = False,
        command: bool = False,
    ) -> None:
        self.text = text
        self.emotes = emotes
        self.first = first
        self.edited = edited
        self.command = command

    @cached_property
    def prose(self) -> str:
        """What was typed by hand: without mentions, emotes and the names of emotes."""
        text = _MARKUP.sub(" ", self.text) if "<" in self.text else self.text
        if self.emotes:
            names = frozenset(self.emotes)
            text = " ".join(word for word in text.split() if word not in names)
        return text

    @cached_property
    def shapes(self) -> bytes:
        """What kind of sign each character of the prose is."""
        return shapes(self.prose)

    @cached_property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that it leads to, hidden ones too."""
        return tuple(hosts(self.text))

    @cached_property
    def plain(self) -> str:
        """The text in one spelling."""
        return spelled_words(self.text)


type Check = Callable[[Line], str | None]
"""Why the line is none that this filter lets pass, in a few words; None for one that it does."""
