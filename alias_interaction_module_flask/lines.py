"""The words of a chat line as they were typed: what the grammar made of them is for looking things up."""

from __future__ import annotations

import re

from flask_core.grammar import clean

_WORD = re.compile(r"\S+")


def typed(line: str, read: str) -> str:
    """The end of `line` that the grammar read as `read`, as it was typed; `read` itself where that cannot be told.

    The grammar composes letters, drops invisible ones (and with them half of some emoji) and takes quotes away.
    """
    words = list(_WORD.finditer(line))
    count = len(read.split())
    if not 0 < count <= len(words):
        return read
    end = line[words[-count].start() :].rstrip()
    plain = clean(end)
    return end if plain == read or _unquoted(plain) == _unquoted(read) else read


def _unquoted(text: str) -> str:
    """Without quotes, so that a quoted text is the same as what was read of it."""
    return re.sub(r"[\\\"'“”„‘’«»]", "", text)


def behind(line: str, command: str) -> tuple[str, str]:
    """How the command was typed, with its sign, and everything behind it: `("!hug", "ann and ben")`."""
    first, rest = _first(line.strip())
    if not clean(first).lower().endswith(command):
        # The bot was addressed by its name.
        named, rest = _first(rest)
        first = f"!{named}"
    return first, rest


def _first(line: str) -> tuple[str, str]:
    found = _WORD.match(line)
    return (found[0], line[found.end() :].strip()) if found else ("", "")
