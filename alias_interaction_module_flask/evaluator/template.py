"""A command text as a tree: what is kept beside the text, so that nothing is read again when it runs."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from flask_core.errors import InvalidInput

MOST_CHARACTERS, MOST_VARIABLES, DEEPEST = 2_000, 40, 10


class Dialect(StrEnum):
    """Whose way of writing variables a text follows."""

    NIGHTBOT = "nightbot"
    STREAMELEMENTS = "streamelements"
    WADDLE = "waddle"


class TemplateError(InvalidInput):
    """A text that cannot be saved; `column` counts characters from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message, column=column)
        self.column = column


class Literal(msgspec.Struct, frozen=True, tag="text"):
    """Text as its author typed it."""

    text: str


class Argument(msgspec.Struct, frozen=True, omit_defaults=True):
    """One argument of a variable, itself made of parts."""

    parts: tuple[Literal | Variable, ...]
    quoted: bool = False


class Variable(msgspec.Struct, frozen=True, tag="variable", omit_defaults=True):
    """A variable that is known in the dialect.

    `span` are the first and last word of `1`, `2:4`, `3:`; `dotted` is what stands behind the dot of an old spelling;
    `asks` tells whether it or what stands in it asks the world, `ordered` whether it must wait for its turn.
    """

    name: str
    column: int
    arguments: tuple[Argument, ...] = ()
    dotted: Argument | None = None
    fallback: Argument | None = None
    span: tuple[int, int | None] | None = None
    asks: bool = False
    ordered: bool = False

    @property
    def inner(self) -> tuple[Argument, ...]:
        """Everything in which further variables may stand."""
        return (*self.arguments, *(given for given in (self.dotted, self.fallback) if given is not None))


type Part = Literal | Variable
type Parts = tuple[Part, ...]


class Unknown(msgspec.Struct, frozen=True):
    """A name that means nothing in the dialect; its source text stays in the output."""

    name: str
    column: int


class Template(msgspec.Struct, frozen=True, omit_defaults=True):
    """A text that was read; kept as JSON with `msgspec.json`.

    `names` are the variables used, each once, in the order in which they stand; `notes` are codes for importers.
    """

    dialect: Dialect
    parts: tuple[Literal | Variable, ...]
    names: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    notes: tuple[str, ...] = ()

    def variables(self) -> Iterator[Variable]:
        """Every variable, outer ones first."""
        yield from variables_in(self.parts)


def variables_in(parts: Parts) -> Iterator[Variable]:
    """Every variable in these parts, outer ones first."""
    for part in parts:
        if isinstance(part, Variable):
            yield part
            for argument in part.inner:
                yield from variables_in(argument.parts)
