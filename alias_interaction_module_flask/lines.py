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


def behind(line: str, command: str, read: str) -> tuple[str, str]:
    """How the command was typed, with its sign, and what stood behind it: `("!hug", "ann and ben")`.

    `read` is what the grammar read there. `line` may be another one: a rule or a timer runs what nobody typed.
    """
    words = _WORD.findall(line)
    # The bot may have been addressed by its name first.
    word = next((word for word in words[:2] if clean(word).lower().endswith(command)), "")
    if not word:
        return f"!{command}", read
    return word if clean(word).lower() != command else f"!{word}", typed(line, read) if read else ""
