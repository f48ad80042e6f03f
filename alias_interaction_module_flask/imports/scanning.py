"""What a text of another bot asks for: its variables, and what has to be said about them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from alias_interaction_module_flask.evaluator.parser import parse
from alias_interaction_module_flask.imports.rows import Note
from alias_interaction_module_flask.models import Dialect
from flask_core.errors import InvalidInput

_CLOSES = {"(": ")", "{": "}"}
_NAME = re.compile(r"\s*([A-Za-z0-9_.:]+)\s*(.*)", re.DOTALL)
_RETIRED = {
    "nightbot": frozenset({"rainwave", "tweet", "djkhaled"}),
    "streamelements": frozenset({"stockprice", "lasttweet", "plugdj_current", "dubtrack_current"}),
}
_NOT_KEPT = frozenset({"time_offline", "time_offline_rank", "lastmessage"})
_GONE = ("views", "resolution", "fps")
_ELSEWHERE = re.compile(r"\b(youtube|trovo|soop)\b", re.IGNORECASE)
_AMBIGUOUS = re.compile(r"\b(CST|IST|BST)\b")
_ZONED = re.compile(r"([A-Z]{2,5}|[+-]\d\d:?\d\d|Z|[A-Za-z]+/[A-Za-z_]+)\s*$")
_HALVES = frozenset({"AM", "PM"})
_CALLER = frozenset({"user", "touser", "query", "querystring", "userid", "userlevel", "sender", "source", "msgid"})
PRIVILEGED = {"setgame": "the category", "settitle": "the title"}


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
    """Every variable of the text, the inner ones too."""
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
    variables = list(called(text, dialect))
    found = [note for variable in variables for note in _about(variable, dialect)]
    if dialect == "streamelements" and _bare_user(variables):
        found.append(Note("check_user"))
    if any(variable.name in {"provider", "eval"} for variable in variables) and (other := _ELSEWHERE.search(text)):
        found.append(Note("one_platform", other[1].lower()))
    return tuple(dict.fromkeys((*found, *_unknown(text, dialect))))


def _unknown(text: str, dialect: Dialect) -> Iterator[Note]:
    try:
        template = parse(text, dialect)
    except InvalidInput as error:
        yield Note("unreadable", error.message.rstrip("."))
        return
    yield from (Note("unknown_variable", f"$({one.name})") for one in template.unknown)


def _about(variable: Called, dialect: Dialect) -> Iterator[Note]:
    name, rest = variable.name, variable.rest
    first, last = name.partition(".")[0], name.rpartition(".")[2]
    if first in _RETIRED.get(dialect, frozenset()):
        yield Note("retired_variable", first)
    if name in PRIVILEGED:
        yield Note("role_raised", PRIVILEGED[name])
    if dialect == "streamelements" and first in {"user", "sender", "source"} and last in _NOT_KEPT:
        yield Note("not_kept_here", last)
    if name == "eval":
        yield Note("query_was_code" if _only_the_query(rest) else "eval_used")
    if name == "twitch":
        yield from (Note("gone_field", field) for field in _GONE if re.search(rf"\{{\{{\s*{field}\s*\}}\}}", rest))
    if name in {"countdown", "countup", "time.until", "time"}:
        yield from _about_zone(name, rest)


def _only_the_query(code: str) -> bool:
    return code.replace(" ", "").rstrip(";") in {"$(query)", "$(1)", "$(querystring)", "eval($(query))"}


def _about_zone(name: str, rest: str) -> Iterator[Note]:
    if zone := _AMBIGUOUS.search(rest):
        yield Note("ambiguous_zone", zone[1])
    elif name.startswith("count"):
        zoned = _ZONED.search(rest)
        if zoned is None or zoned[1].upper() in _HALVES:
            yield Note("no_zone")


def _bare_user(variables: list[Called]) -> bool:
    reads_words = any(variable.name[:1].isdigit() or variable.name.startswith(":") for variable in variables)
    return reads_words and any(variable.name == "user" and not variable.rest for variable in variables)


def counts(text: str, dialect: Dialect) -> bool:
    """Whether the text counts its uses."""
    return any(variable.name == "count" for variable in called(text, dialect))


def caller_words(text: str, dialect: Dialect) -> tuple[str, ...]:
    """The variables of a text that are about a caller."""
    return tuple(dict.fromkeys(one.name for one in called(text, dialect) if one.needs_a_caller))


def has_variables(text: str, dialect: Dialect) -> bool:
    """Whether anything has to be filled in."""
    return next(called(text, dialect), None) is not None
