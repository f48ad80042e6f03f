"""docs/variables.md, made of what the families declare."""

from __future__ import annotations

from collections.abc import Iterator

from alias_interaction_module_flask.evaluator.families import KNOWN
from alias_interaction_module_flask.evaluator.lookups import MOST_LOOKUPS
from alias_interaction_module_flask.evaluator.registry import Declared, Family, Meaning
from alias_interaction_module_flask.evaluator.template import DEEPEST, MOST_CHARACTERS, MOST_VARIABLES, Dialect

_WHERE = {Dialect.NIGHTBOT: "Nightbot", Dialect.STREAMELEMENTS: "StreamElements", Dialect.WADDLE: "ours"}
_LEAD = f"""# Variables of custom commands

Derived from the modules by `waddlebot render`.

A text such as `$(user) hugs $(touser)` is written with `!cmd add hug …`. What is written here may use all variables
marked *ours*, as `$(name)` or `${{name}}`; `\\$` is a dollar. A text that was imported keeps the rules of the bot it
came from, and its variables. `{{user}}`, `{{touser}}`, `{{args}}` and `{{arg1}}` are short for the same in brackets.

`${{1|nobody}}` says what stands behind `|` when the variable is empty. Arguments with spaces stand in quotes; variables
may stand in each other. A text has at most {MOST_CHARACTERS:,} characters, {MOST_VARIABLES} variables, {DEEPEST} in
each other, and asks at most {MOST_LOOKUPS} questions. A variable that fails prints why, and the rest is said.
"""


def page() -> str:
    """The whole page."""
    lines = [_LEAD]
    for family in KNOWN.families:
        lines += [f"## {family.title}", "", "| variable | known to | what it says |", "|---|---|---|"]
        lines += [*_rows(family), ""]
    return "\n".join(lines).rstrip() + "\n"


def _rows(family: Family) -> Iterator[str]:
    """One row for names that mean the same."""
    together: dict[tuple[Meaning, frozenset[Dialect]], list[Declared]] = {}
    for declared in family.declared:
        if not declared.refused:
            together.setdefault((declared.meaning, declared.dialects), []).append(declared)
    for (_, dialects), same in together.items():
        where = ", ".join(_WHERE[dialect] for dialect in Dialect if dialect in dialects)
        yield f"| {', '.join(map(_written, same))} | {where} | {_about(same[0])} |"


def _written(declared: Declared) -> str:
    if declared.usage.startswith("(written "):
        return declared.usage.removeprefix("(written ").removesuffix(")")
    usage = f" {declared.usage}" if declared.usage else ""
    return f"`$({declared.name}{usage})`".replace("|", "\\|")


def _about(declared: Declared) -> str:
    text = " ".join(declared.about.split()).replace("|", "\\|")
    return f"{text} *Moderators' commands only.*" if declared.privileged else text
