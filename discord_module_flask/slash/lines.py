"""A slash command as the line that somebody would have typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from discord_module_flask.slash.tree import Leaf, Path
from flask_core.datamodels import Argument, ArgumentKind
from flask_core.grammar import UsageError

_PLAIN = re.compile(r"[^\s\"'“”„‘’«»\\]+")
_BELOW = frozenset({1, 2})


def walked(data: Mapping[str, Any]) -> tuple[Path, dict[str, Any]]:
    """The path that was chosen, and the options given there."""
    path, options = [str(data["name"])], list(data.get("options") or ())
    while options and options[0]["type"] in _BELOW:
        path.append(str(options[0]["name"]))
        options = list(options[0].get("options") or ())
    return tuple(path), {str(one["name"]): one["value"] for one in options}


def line_of(leaf: Leaf, given: Mapping[str, Any]) -> str:
    """The line. Raises UsageError when something is left out in front of what is given."""
    words, over = [leaf.typed], False
    ordered = [one for one in leaf.card.arguments if not one.flag and not one.after]
    for argument in ordered:
        value = given.get(argument.name.lower())
        if value is None:
            over = True
        elif over:
            raise UsageError(leaf.card.usage)
        else:
            words.append(_word(argument, value))
    for argument in leaf.card.arguments:
        value = given.get(argument.name.lower())
        if value is not None and (argument.flag or argument.after):
            words += [f"--{argument.name}" if argument.flag else argument.after, _word(argument, value)]
    return " ".join(words)


def _word(argument: Argument, value: Any) -> str:
    if argument.kind is ArgumentKind.MEMBER:
        return f"<@{value}>"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return text if _PLAIN.fullmatch(text) and not text.startswith("--") else _quoted(text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
