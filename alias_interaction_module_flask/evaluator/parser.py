"""Reads a command text into a tree."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from alias_interaction_module_flask.evaluator.arguments import Arguments, Rest
from alias_interaction_module_flask.evaluator.building import Builder
from alias_interaction_module_flask.evaluator.families import KNOWN
from alias_interaction_module_flask.evaluator.notes import notes_of
from alias_interaction_module_flask.evaluator.registry import Declared
from alias_interaction_module_flask.evaluator.template import (
    DEEPEST,
    MOST_CHARACTERS,
    MOST_VARIABLES,
    Argument,
    Dialect,
    Literal,
    Part,
    Template,
    TemplateError,
    Unknown,
    Variable,
    variables_in,
)
from alias_interaction_module_flask.evaluator.values import whole

_NAME = re.compile(r"\d+:\d*|:\d+|[A-Za-z0-9][A-Za-z0-9._]*")
_WORD = re.compile(r"(\d{1,3})(\.(?:emote|word))?|arg(\d)")
_SPAN = re.compile(r"(\d{0,3}):(\d{0,3})")
_SHORT = re.compile(r"\{(user|touser|args|all_args|arg[1-9])\}", re.IGNORECASE)
_CLOSERS = {"(": ")", "{": "}"}
_ESCAPED = ("\\$", "\\{", "\\\\")

type Span = tuple[int, int | None]


class Head(NamedTuple):
    """The name of a variable and where its rest begins; not declared: it means nothing."""

    name: str
    end: int
    declared: Declared | None = None
    span: Span | None = None
    dotted: bool = False


def parse(text: str, dialect: Dialect | str = Dialect.WADDLE) -> Template:
    """Read a text. Raises TemplateError, with the column, for one that is empty, too long, too deep or refused."""
    if not text.strip():
        raise TemplateError("Write what the command says.", 1)
    if len(text) > MOST_CHARACTERS:
        raise TemplateError(f"A text has at most {MOST_CHARACTERS} characters.", MOST_CHARACTERS + 1)
    reader = Reader(whole(text), Dialect(dialect))
    parts = reader.all()
    found = list(variables_in(parts))
    if len(found) > MOST_VARIABLES:
        raise TemplateError(f"A text has at most {MOST_VARIABLES} variables.", found[MOST_VARIABLES].column)
    names = tuple(dict.fromkeys(variable.name for variable in found))
    template = Template(reader.dialect, parts, names, tuple(reader.unknown[at] for at in sorted(reader.unknown)))
    return msgspec.structs.replace(template, notes=notes_of(template))


class Reader:
    """One pass over a text; what was tried at a place is remembered, so that nothing is tried twice."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text, self.dialect = text, dialect
        self.unknown: dict[int, Unknown] = {}
        self._tried: dict[tuple[int, bool], tuple[Part, int] | None] = {}
        self._depth = 0

    def all(self) -> tuple[Part, ...]:
        """The whole text."""
        built, at = Builder(), 0
        while at < len(self.text):
            part, at = self.next(at)
            built.add(part)
        return built.parts()

    def next(self, at: int, *, code: bool = False) -> tuple[Part | str, int]:
        """The variable, escape or character at a place, and the place behind it."""
        character = self.text[at]
        if character == "$" and (found := self._variable(at, code=code)) is not None:
            return found
        if self.dialect is Dialect.WADDLE:
            if self.text.startswith(_ESCAPED, at):
                # A script keeps its own backslashes: in JavaScript `\$` is a dollar as well.
                return self.text[at if code else at + 1 : at + 2], at + 2
            if character == "{" and not code:
                return self._short(at)
        return character, at + 1

    def _short(self, at: int) -> tuple[Part | str, int]:
        """`{user}`; `{{user}}` is a placeholder and stays."""
        if self.text.startswith("{{", at):
            return "{{", at + 2
        found = _SHORT.match(self.text, at)
        head = head_of(found[1].lower(), self.dialect) if found else None
        if found is None or head is None or head.declared is None:
            return "{", at + 1
        return _made(head, at), found.end()

    def _variable(self, at: int, *, code: bool) -> tuple[Part, int] | None:
        """The variable whose dollar stands at a place; None when it is none, or never closes."""
        closer = _CLOSERS.get(self.text[at + 1 : at + 2])
        if closer is None or (closer == "}" and (code or self.dialect is Dialect.NIGHTBOT)):
            return None
        if (at, code) not in self._tried:
            if self._depth == DEEPEST:
                raise TemplateError(f"Variables stand in each other at most {DEEPEST} deep.", at + 1)
            self._depth += 1
            self._tried[at, code] = self._read(at, closer)
            self._depth -= 1
        return self._tried[at, code]

    def _read(self, at: int, closer: str) -> tuple[Part, int] | None:
        head = self._head(at + 2, closer)
        if head is None:
            return None
        if head.declared is not None:
            rest = Arguments(self, closer).read(head.declared, head.end, dotted=head.dotted)
            if rest is None or rest.fits:
                return None if rest is None else (self._told(head, at, rest), rest.end)
        end = Arguments(self, closer).skip(head.end)
        if end is None:
            return None
        self.unknown[at] = Unknown(head.name[:50], at + 1)
        return Literal(self.text[at:end]), end

    def _head(self, at: int, closer: str) -> Head | None:
        found = _NAME.match(self.text, at)
        if found is None:
            return None
        behind = self.text[found.end() : found.end() + 1]
        ended = behind.isspace() or behind in ("|", closer)
        return head_of(found[0].lower(), self.dialect, at, ended=ended)

    def _told(self, head: Head, at: int, rest: Rest) -> Variable:
        if head.declared is not None and head.declared.refused:
            raise TemplateError(head.declared.refused, at + 1)
        return _made(head, at, rest, self._fallback(head, rest.fallback))

    def _fallback(self, head: Head, given: Argument | None) -> Argument | None:
        """The text behind `|`, or the variable of that name."""
        if given is None or given.quoted or len(given.parts) != 1:
            return given
        only = given.parts[0]
        if not isinstance(only, Literal) or not _NAME.fullmatch(only.text):
            return given
        named = head_of(only.text.lower(), self.dialect)
        if named.declared is None or named.dotted or named.declared.reads == "code":
            return given
        # Words have no gaps: where this one is missing, a later one is as well, and a number is meant.
        if named.span is not None and head.span is not None and named.span[0] >= head.span[0]:
            return given
        return Argument((_made(named, head.end),))


def head_of(name: str, dialect: Dialect, at: int = 0, *, ended: bool = True) -> Head:
    """What a name means that stands at a place; `ended`: nothing but a space, `|` or a bracket follows."""
    end = at + len(name)
    if ended and (word := _WORD.fullmatch(name)) and (word[3] is None or dialect is Dialect.WADDLE):
        number = int(word[1] or word[3])
        return Head(name, end, KNOWN.find(dialect, f"word{word[2] or ''}"), (number, number))
    if ended and (span := _SPAN.fullmatch(name)):
        return Head(name, end, KNOWN.find(dialect, "words"), (int(span[1] or 0), int(span[2]) if span[2] else None))
    longest = KNOWN.longest(dialect, name)
    if longest is None or (longest[1] is None and not ended):
        return Head(name, end)
    declared, dotted = longest
    if declared.hidden:
        return Head(name, end)
    return Head(name, end if dotted is None else at + len(declared.name) + 1, declared, None, dotted is not None)


def _made(head: Head, at: int, rest: Rest | None = None, fallback: Argument | None = None) -> Variable:
    declared = head.declared
    assert declared is not None, "only what is declared is made"
    arguments, dotted = (rest.arguments, rest.dotted) if rest is not None else ((), None)
    inner = [part for given in (*arguments, dotted, fallback) if given is not None for part in given.parts]
    variables = [part for part in inner if isinstance(part, Variable)]
    return Variable(
        declared.name, at + 1, arguments, dotted, fallback, head.span,
        asks=declared.asks or any(variable.asks for variable in variables),
        ordered=declared.ordered or any(variable.ordered for variable in variables),
    )  # fmt: skip
