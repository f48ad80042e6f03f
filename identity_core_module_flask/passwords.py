"""Which passwords are taken: long enough, not well known, not the person's own name or address."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from flask_core.errors import InvalidInput

SHORTEST, LONGEST = 12, 128
_FEWEST_DIFFERENT = 5


def folded(text: str) -> str:
    """Names, addresses and passwords as they are compared: without case and differences that nobody sees."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def normalized(password: str) -> str:
    """The one form in which a password is hashed, however the keyboard composed it."""
    return unicodedata.normalize("NFKD", password)


_COMMON = frozenset(
    folded(line) for line in (Path(__file__).parent / "common_passwords.txt").read_text("utf-8").splitlines() if line
)


def objection(password: str, own_words: Iterable[str]) -> str | None:
    """The sentence why `password` is not taken, or None; `own_words` are names and addresses of the person."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"A password has {SHORTEST} to {LONGEST} characters."
    plain = folded(password)
    if plain in {spelling for word in own_words for spelling in _spellings(word)}:
        return "Your name or address is the first thing that others would try."
    # A trailing digit or mark does not hide a well-known word.
    if len(set(plain)) < _FEWEST_DIFFERENT or plain in _COMMON or plain.rstrip("0123456789!?.") in _COMMON:
        return "This is one of the first that others would try. Take a few words of your own."
    return None


def check_password(password: str, *, name: str, email: str) -> None:
    """Raise InvalidInput with what is accepted, unless the password may be used."""
    said = objection(password, (name, email))
    if said:
        raise InvalidInput(said, field="password")


def _spellings(word: str) -> set[str]:
    plain = folded(word)
    return {plain, plain.replace(" ", ""), plain.partition("@")[0]}
