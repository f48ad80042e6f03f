"""What a text of another bot asks for, as far as an import has to know and to tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from alias_interaction_module_flask.evaluator.notes import privileged_names
from alias_interaction_module_flask.evaluator.parser import parse
from alias_interaction_module_flask.imports.rows import Note
from alias_interaction_module_flask.models import Dialect
from flask_core.errors import InvalidInput

_CLOSES = {"(": ")", "{": "}"}
_NAME = re.compile(r"\s*([A-Za-z0-9_.:]+)\s*(.*)", re.DOTALL)
_ZONED = re.compile(r"([A-Z]{2,5}|[+-]\d\d:?\d\d|Z|[A-Za-z]+/[A-Za-z_]+)\s*$")
_HALVES = frozenset({"AM", "PM"})
_CALLER = frozenset({"user", "touser", "query", "querystring", "userid", "userlevel", "sender", "source", "msgid"})


@dataclass(frozen=True, slots=True)
class Called:
    """A variable: its name in lower case, and what stands behind it."""

    name: str
    rest: str

    @property
    def needs_a_caller(self) -> bool:
        """Whether it is about whoever types the command."""
        first = self.name.partition(".")[0]
        return first in _CALLER or first[:1].isdigit() or first.startswith(":")


def called(text: str, dialect: Dialect) -> Iterator[Called]:
    """Every variable of the text as it is written, the inner ones too."""
    opening = ("$(",) if dialect == "nightbot" else ("$(", "${")
    for at in range(len(text) - 1):
        if text[at : at + 2] in opening:
            inner = _inside(text, at + 1)
            found = _NAME.match(inner) if inner else None
            if found:
                yield Called(found[1].lower().rstrip("."), found[2])


def _inside(text: str, at: int) -> str:
    """What stands in the bracket at `at`; empty when it is never closed."""
    opens, depth = text[at], 0
    for end in range(at, len(text)):
        depth += (text[end] == opens) - (text[end] == _CLOSES[opens])
        if depth == 0:
            return text[at + 1 : end]
    return ""


def notes_of(text: str, dialect: Dialect) -> tuple[Note, ...]:
    """What somebody has to know about a text, each thing once."""
    return tuple(dict.fromkeys(_notes(text, dialect)))


def _notes(text: str, dialect: Dialect) -> Iterator[Note]:
    try:
        template = parse(text, dialect)
    except InvalidInput as error:
        yield Note("unreadable", error.message.rstrip("."))
        return
    yield from (Note(code) for code in template.notes)
    for variable in called(text, dialect):
        if variable.name == "eval" and "query_was_code" not in template.notes:
            yield Note("eval_used")
        if variable.name in {"countdown", "countup"} and "ambiguous_zone" not in template.notes:
            zoned = _ZONED.search(variable.rest)
            if zoned is None or zoned[1].upper() in _HALVES:
                yield Note("no_zone")
    yield from (Note("unknown_variable", f"$({one.name})") for one in template.unknown)


def privileged(text: str, dialect: Dialect) -> bool:
    """Whether only a command of moderators may have this text."""
    try:
        return bool(privileged_names(parse(text, dialect)))
    except InvalidInput:
        return False


def counts(text: str, dialect: Dialect) -> bool:
    """Whether the text counts its uses."""
    return any(variable.name == "count" for variable in called(text, dialect))


def caller_words(text: str, dialect: Dialect) -> tuple[str, ...]:
    """The variables of a text that are about a caller."""
    return tuple(dict.fromkeys(one.name for one in called(text, dialect) if one.needs_a_caller))


def has_variables(text: str, dialect: Dialect) -> bool:
    """Whether anything has to be filled in."""
    return next(called(text, dialect), None) is not None
