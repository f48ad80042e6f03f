"""Reads `!community invite ann vip 5 7d`: each word says by its looks what it is, in any order."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from flask_core.datamodels import GivenMember, Role
from flask_core.grammar import Token, UsageError, duration_seconds, given_member, tokenize

USAGE = "!community invite [member] [role] [uses] [7d]"
_ROLES = {role.word: role for role in Role}
_DIGITS = 6


class InviteWords(NamedTuple):
    """Who is invited (None: whoever has the link), as what, how many, and for how many seconds (0: as usual)."""

    member: GivenMember | None = None
    role: Role = Role.VIEWER
    uses: int = 1
    seconds: int = 0


def read_invite(line: str) -> InviteWords:
    """What the words ask for; a name that looks like a role or a number is written with @. Raises UsageError."""
    read: dict[str, GivenMember | Role | int] = {}
    for token in tokenize(line):
        name, value = _meaning(token)
        if name in read:
            raise UsageError(USAGE)
        read[name] = value
    return InviteWords(**read)  # type: ignore[arg-type]


def _meaning(token: Token) -> tuple[str, GivenMember | Role | int]:
    word = token.text.lower()
    if not token.quoted and word in _ROLES:
        return "role", _ROLES[word]
    if not token.quoted and word.isascii() and word.isdecimal() and len(word) <= _DIGITS:
        return "uses", int(word)
    if not token.quoted and (seconds := duration_seconds(word)):
        return "seconds", seconds
    member = given_member(token.text)
    if member is None:
        raise UsageError(USAGE)
    return "member", msgspec.convert(member, GivenMember)
