"""Where each variable is declared once; docs/variables.md is made from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from alias_interaction_module_flask.evaluator.template import Dialect
from alias_interaction_module_flask.evaluator.values import Said

if TYPE_CHECKING:
    from alias_interaction_module_flask.evaluator.calls import Call

# How the text behind the name is read: split at spaces, split at `|`, as one text (with quotes as letters, or in quotes
# that go when all of it stands in them), or as JavaScript.
type Reads = Literal["words", "piped", "condition", "raw", "text", "code"]
type Value = Said | str
type Meaning = Callable[["Call"], Value | Awaitable[Value]]


class Keeper(Protocol):
    """Keeps the function below, and leaves it as it is."""

    def __call__[M: Meaning](self, meaning: M) -> M: ...


ALL = frozenset(Dialect)
NIGHTBOT = frozenset({Dialect.NIGHTBOT, Dialect.WADDLE})
STREAMELEMENTS = frozenset({Dialect.STREAMELEMENTS, Dialect.WADDLE})
WADDLE = frozenset({Dialect.WADDLE})
IMPORTED = ALL - WADDLE
ONLY_NIGHTBOT = frozenset({Dialect.NIGHTBOT})
ONLY_STREAMELEMENTS = frozenset({Dialect.STREAMELEMENTS})
NOT_NIGHTBOT = STREAMELEMENTS


@dataclass(frozen=True, slots=True)
class Declared:
    """A variable. `usage` is what may stand behind the name; `asks`, `ordered` as in Template's Variable.

    `lazy`: it evaluates its arguments itself, and only those that it needs. `dotted`: an argument may follow a dot.
    `privileged`: it changes the channel or what is kept, so its command belongs to moderators. `note`: what an
    importer tells about it. `refused`: why no text may use it. `hidden`: it is written otherwise, `words` as `2:4`.
    """

    name: str
    dialects: frozenset[Dialect]
    meaning: Meaning
    about: str
    usage: str = ""
    reads: Reads = "words"
    asks: bool = False
    ordered: bool = False
    lazy: bool = False
    dotted: bool = False
    privileged: bool = False
    note: str = ""
    refused: str = ""
    hidden: bool = False


class Family:
    """The variables of one file."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.declared: list[Declared] = []

    def variable(
        self,
        *names: str,
        dialects: frozenset[Dialect] = ALL,
        usage: str = "",
        reads: Reads = "words",
        asks: bool = False,
        ordered: bool = False,
        lazy: bool = False,
        dotted: bool = False,
        privileged: bool = False,
        note: str = "",
        refused: str = "",
        hidden: bool = False,
    ) -> Keeper:
        """Declare the function below under these names; its docstring is what the reference says."""

        def keep[M: Meaning](meaning: M) -> M:
            about = (meaning.__doc__ or "").strip()
            for name in names:
                self.declared.append(
                    Declared(
                        name, dialects, meaning, about, usage, reads,
                        asks, ordered, lazy, dotted, privileged, note, refused, hidden,
                    )
                )  # fmt: skip
            return meaning

        return keep


class Registry:
    """All variables, found by dialect and name."""

    def __init__(self, families: Iterable[Family]) -> None:
        self.families = tuple(families)
        self._known: dict[tuple[Dialect, str], Declared] = {}
        for family in self.families:
            for declared in family.declared:
                for dialect in declared.dialects:
                    key = (dialect, declared.name)
                    if key in self._known:
                        raise ValueError(f"{declared.name} is declared twice in {dialect}.")
                    self._known[key] = declared

    def find(self, dialect: Dialect, name: str) -> Declared | None:
        """The variable of this name, in lower case."""
        return self._known.get((dialect, name))

    def longest(self, dialect: Dialect, name: str) -> tuple[Declared, str | None] | None:
        """The longest known name that `name` begins with, and what stands behind its dot (None: no dot)."""
        known = self._known.get((dialect, name))
        if known is not None:
            return known, None
        at = name.rfind(".")
        while at > 0:
            known = self._known.get((dialect, name[:at]))
            if known is not None:
                return (known, name[at + 1 :]) if known.dotted and not known.hidden else None
            at = name.rfind(".", 0, at)
        return None

    def by_name(self, dialect: Dialect) -> Mapping[str, Declared]:
        """All variables of a dialect."""
        return {name: declared for (known, name), declared in self._known.items() if known == dialect}
