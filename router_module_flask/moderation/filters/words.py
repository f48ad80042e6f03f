"""Words and phrases that a community does not want, with `*` and `?`, in whatever letters they are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
import re2

from router_module_flask.moderation.filters.line import Check, Line
from router_module_flask.moderation.filters.packs import pack
from router_module_flask.moderation.plain_letters import plain

LONGEST_PATTERN = 100
_MEMORY = 64 * 1024 * 1024

type Patterns = Annotated[
    tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_PATTERN)], ...], msgspec.Meta(max_length=500)
]
type Packs = tuple[Literal["insults", "scams", "spam", "swearing"], ...]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The community's own list, and packs that come with the bot."""

    words: Annotated[
        Patterns, msgspec.Meta(title="Words and phrases", description="* is any part of a word, ? one character")
    ] = ()
    packs: Annotated[Packs, msgspec.Meta(title="Lists that come with the bot")] = ()


def check(values: Words) -> Check:
    """The first of the words that the line contains."""
    find = finder([*values.words, *(word for name in values.packs for word in pack(name))])

    def judge(line: Line) -> str | None:
        return find(line.text)

    return judge


class finder:  # noqa: N801 (called like the function that it is)
    """Finds whole words: `ass` is not in `classic`, `ass*` is in `asset`. Linear in the length of the text."""

    def __init__(self, patterns: Iterable[str]) -> None:
        parts = sorted({part for pattern in patterns if (part := _expression(pattern))})
        self._search = None
        if parts:
            options = re2.Options()
            options.max_mem, options.log_errors = _MEMORY, False
            # Letters on neither side, which unlike \b also holds for words such as c++.
            edges = r"(?:^|[^\pL\pN])({})(?:$|[^\pL\pN])".format("|".join(parts))
            self._search = re2.compile(edges, options=options).search

    def __call__(self, text: str) -> str | None:
        found = self._search(plain(text)) if self._search is not None else None
        return f"“{found.group(1)[:40]}”" if found else None


def _expression(pattern: str) -> str:
    words = plain(pattern).split()
    if not any(sign not in "*?" for word in words for sign in word):
        # It would be everything that anybody says.
        return ""
    return r"\s".join(_word(word) for word in words)


def _word(word: str) -> str:
    return "".join(r"\S*?" if sign == "*" else r"\S" if sign == "?" else re2.escape(sign) for sign in word)
