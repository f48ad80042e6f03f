"""Words and phrases that a community does not want, with `*` and `?`, in whatever letters they are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
import re2

from router_module_flask.moderation.filters.line import Check, Line
from router_module_flask.moderation.filters.packs import pack
from router_module_flask.moderation.normalising import spelled_words

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
    return finder([*values.words, *(word for name in values.packs for word in pack(name))])


class finder:  # noqa: N801 (called like the function that it is)
    """Finds whole words: `ass` is not in `classic`, `ass*` is in `asset`. Linear in the length of the text."""

    def __init__(self, patterns: Iterable[str]) -> None:
        groups: dict[tuple[bool, bool], set[str]] = {}
        for pattern in patterns:
            words = spelled_words(pattern)
            inside = words.strip("*")
            if inside.replace("?", "").replace("*", "").strip():
                open_ends = (words.startswith("*"), words.endswith("*"))
                groups.setdefault(open_ends, set()).add(_expression(inside))
        self._compiled: tuple[re2.Set, re2._Regexp] | None = None
        if groups:
            options = re2.Options()
            options.max_mem, options.log_errors = _MEMORY, False
            expression = "|".join(_whole(parts, *open_ends) for open_ends, parts in sorted(groups.items()))
            # Whether there is a word at all is asked of each line; a set answers that in a third of the time.
            whether = re2.Set.SearchSet(options)
            whether.Add(expression)
            whether.Compile()
            self._compiled = whether, re2.compile(expression, options=options)

    def __call__(self, line: Line) -> str | None:
        if self._compiled is None:
            return None
        whether, where = self._compiled
        found = where.search(line.plain) if whether.Match(line.plain) else None
        if found is None:
            return None
        group = next(number for number, words in enumerate(found.groups(), 1) if words is not None)
        return f"“{_around(line.plain, *found.span(group))[:40]}”"


def _whole(parts: Iterable[str], open_left: bool, open_right: bool) -> str:
    """Letters on neither side, which unlike a word boundary also holds for words such as c++."""
    left = "" if open_left else r"(?:^|[^\pL\pN])"
    right = "" if open_right else r"(?:$|[^\pL\pN])"
    return f"{left}({'|'.join(sorted(parts))}){right}"


def _expression(pattern: str) -> str:
    return r"\s".join(_word(word) for word in pattern.split())


def _word(word: str) -> str:
    return "".join(r"\S*?" if sign == "*" else r"\S" if sign == "?" else re2.escape(sign) for sign in word)


def _around(text: str, start: int, end: int) -> str:
    """The words that a match is part of."""
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return text[start:end]
