"""Names that a community may give to commands of its own."""

from __future__ import annotations

import unicodedata

from flask_core.grammar import clean

LONGEST = 50
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-.")


def plain_name(typed: str) -> str:
    """What somebody typed as a name, with or without its `!`, in the form in which it is looked up."""
    return clean(typed).removeprefix("!").lower()


def is_name(name: str) -> bool:
    """Whether people can type this: 1 to 50 small letters, digits, emoji or `_ - .`, in the form that is looked up."""
    return 1 <= len(name) <= LONGEST and name == clean(name).lower() and all(map(_allowed, name))


def _allowed(letter: str) -> bool:
    return letter in _PLAIN if letter.isascii() else unicodedata.category(letter)[0] in "LNMS"
