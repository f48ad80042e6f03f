"""The commands of a community as Discord's menu: roots, groups, subcommands, options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_core.contracts.router import ModuleCommand
from flask_core.datamodels import Argument, ArgumentKind, CommandCard, Role

MOST_ROOTS, MOST_CHILDREN, MOST_CHARACTERS = 100, 25, 8_000
OWN_ROOTS = 3
"""So many places are kept for the bot's own commands, whatever else there is."""
MOST_SHOWN = MOST_ROOTS - OWN_ROOTS
LONE = "run"
"""What a command is called that others begin with: Discord runs no group by itself."""
_SUB, _GROUP = 1, 2
_NAME = re.compile(r"[-_'\w]{1,32}")
_OPTION = {
    ArgumentKind.INTEGER: 4, ArgumentKind.BOOLEAN: 5, ArgumentKind.MEMBER: 6, ArgumentKind.CHANNEL: 7,
    ArgumentKind.DECIMAL: 10,
}  # fmt: skip
_TEXT = 3
_MENU_FOR = {Role.MODERATOR: 1 << 13, Role.ADMIN: 1 << 5, Role.OWNER: 1 << 5}

type Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A command under one of its names, as it is typed there."""

    card: CommandCard
    typed: str


@dataclass(frozen=True, slots=True)
class Menu:
    """What Discord is told, and which command each path of it is."""

    commands: tuple[dict[str, Any], ...]
    leaves: Mapping[Path, Leaf]


def roots_of(items: Iterable[ModuleCommand]) -> dict[str, dict[Path, Leaf]]:
    """Commands by the first word of their paths."""
    roots: dict[str, dict[Path, Leaf]] = {}
    for path, leaf in _named(items):
        roots.setdefault(path[0], {}).setdefault(path, leaf)
    return roots


def menu_of(roots: Mapping[str, dict[Path, Leaf]], uses: Mapping[str, int] | None = None) -> Menu:
    """Discord's menu of these commands; what does not fit into it is reached by `/command` alone.

    Of too many those that were used most are shown, then those that most people may use.
    """
    used = uses or {}
    ordered = sorted(roots, key=lambda root: (-used.get(root, 0), _lowest(roots[root]), root))
    chosen = ordered[:MOST_SHOWN]
    commands, leaves = list[dict[str, Any]](), dict[Path, Leaf]()
    for root in sorted(chosen):
        command = _root(root, roots[root], leaves)
        if _characters(command) <= MOST_CHARACTERS:
            commands.append(command)
    return Menu((*commands, *_OWN), leaves)


def _named(items: Iterable[ModuleCommand]) -> Iterable[tuple[Path, Leaf]]:
    """Every command by its name here; by an alias, too, where it stands under a root."""
    aliases: list[tuple[Path, Leaf]] = []
    for item in items:
        if item.card.hidden:
            continue
        typed = item.typed or f"!{item.card.path}"
        if fits(path := tuple(typed[1:].split())):
            yield path, Leaf(item.card, typed)
        for alias in item.card.aliases:
            if len(words := tuple(alias.split())) > 1 and fits(words):
                aliases.append((words, Leaf(item.card, f"{typed[0]}{alias}")))
    yield from aliases


def fits(path: Path) -> bool:
    """Whether Discord can show it: three levels, letters and digits, no name of the bot's own."""
    named = all(_NAME.fullmatch(word) and word == word.lower() for word in path)
    return 1 <= len(path) <= 3 and named and path[0] not in OWN


def _lowest(leaves: Mapping[Path, Leaf]) -> Role:
    return min(leaf.card.role for leaf in leaves.values())


def _root(root: str, leaves: dict[Path, Leaf], found: dict[Path, Leaf]) -> dict[str, Any]:
    alone = leaves.get((root,))
    about: dict[str, Any] = {
        "name": root,
        "type": 1,
        "description": _cut(alone.card.help if alone else f"About {root}"),
    }
    if bits := _MENU_FOR.get(_lowest(leaves)):
        about["default_member_permissions"] = str(bits)
    if alone is not None and len(leaves) == 1:
        found[root,] = alone
        return {**about, "options": _options(alone.card)}
    return {**about, "options": _children((root,), leaves, found)}


def _children(above: Path, leaves: dict[Path, Leaf], found: dict[Path, Leaf]) -> list[dict[str, Any]]:
    depth, children = len(above), list[dict[str, Any]]()
    beneath: dict[str, dict[Path, Leaf]] = {}
    for path, leaf in leaves.items():
        word = path[depth] if len(path) > depth else LONE
        beneath.setdefault(word, {})[path] = leaf
    for word, some in sorted(beneath.items())[:MOST_CHILDREN]:
        longest = max(len(path) for path in some)
        if longest > depth + 1 and depth == 1 and word != LONE:
            about = {"name": word, "type": _GROUP, "description": _cut(f"About {' '.join((*above, word))}")}
            children.append({**about, "options": _children((*above, word), some, found)})
        else:
            leaf = some[min(some, key=len)]
            found[*above, word] = leaf
            about = {"name": word, "type": _SUB, "description": _cut(leaf.card.help)}
            children.append({**about, "options": _options(leaf.card)})
    return children


def _options(card: CommandCard) -> list[dict[str, Any]]:
    """Required ones first, as Discord wants them."""
    ordered = sorted(card.arguments[:MOST_CHILDREN], key=lambda argument: not argument.required)
    return [_option(argument) for argument in ordered if _NAME.fullmatch(argument.name)]


def _option(argument: Argument) -> dict[str, Any]:
    hint = "such as 90s, 2h30m or 7d" if argument.kind is ArgumentKind.DURATION else argument.name.replace("_", " ")
    option: dict[str, Any] = {
        "name": argument.name.lower(), "type": _OPTION.get(argument.kind, _TEXT), "description": _cut(hint),
        "required": argument.required,
    }  # fmt: skip
    if argument.choices and len(argument.choices) <= MOST_CHILDREN:
        option["choices"] = [{"name": one[:100], "value": one[:100]} for one in argument.choices]
    return option


def _cut(text: str) -> str:
    return (text if len(text) <= 100 else f"{text[:99]}…") or "–"


def _characters(command: dict[str, Any]) -> int:
    """As Discord counts: names, descriptions and choices, all levels together."""
    own = len(command.get("name", "")) + len(command.get("description", ""))
    choices = sum(len(one["name"]) + len(one["value"]) for one in command.get("choices", ()))
    return own + choices + sum(_characters(one) for one in command.get("options", ()))


_ANY = {
    "name": "command", "type": 1, "description": "Run any command of this community.",
    "options": [
        {"name": "name", "type": _TEXT, "description": "which one", "required": True, "autocomplete": True},
        {"name": "args", "type": _TEXT, "description": "what you would write behind it", "required": False},
    ],
}  # fmt: skip
_WADDLEBOT = {
    "name": "waddlebot", "type": 1, "description": "About this bot.",
    "options": [
        {"name": "help", "type": _SUB, "description": "Where to begin.", "options": []},
        {"name": "status", "type": _SUB, "description": "What the bot can do in this server.", "options": []},
    ],
}  # fmt: skip
_FEEDBACK = {"name": "feedback", "type": 1, "description": "Tell the team of this community something.", "options": []}
_OWN: tuple[dict[str, Any], ...] = (_ANY, _WADDLEBOT, _FEEDBACK)
OWN = frozenset(str(one["name"]) for one in _OWN)
