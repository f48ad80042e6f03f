"""Where an alias leads: to a command that exists, and never in a circle."""

from __future__ import annotations

from collections.abc import Sequence

from alias_interaction_module_flask.models import Entry
from flask_core.command_names import plain_name
from flask_core.errors import InvalidInput

DEEPEST = 5


def first_word(line: str) -> str:
    """What the line runs, in the form that is looked up; "" when only a variable will tell."""
    word = plain_name(line.split(maxsplit=1)[0])
    return "" if "$" in word or "{" in word else word


def check_circle(name: str, line: str, others: Sequence[Entry]) -> None:
    """Raise InvalidInput when `!name` would lead back to itself, or further than the router goes."""
    lines = {entry.name: entry.what.body for entry in others if entry.what.kind == "alias"}
    lines[name] = line
    chain, at = [name], name
    while at in lines:
        at = first_word(lines[at])
        chain.append(at)
        if chain.count(at) > 1:
            raise InvalidInput(f"That would be a circle: {' → '.join(f'!{word}' for word in chain)}.", field="body")
        if len(chain) > DEEPEST + 1:
            raise InvalidInput(f"An alias can lead to {DEEPEST} others at most.", field="body")
