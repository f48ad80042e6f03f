"""Pages of reference: modules and ports, commands, operations."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Sequence
from typing import Any

from flask_core import contracts
from flask_core.app_factory import ModuleInfo
from flask_core.commands import CommandGroup
from flask_core.datamodels import CommandCard
from flask_core.operations import Operation

_DERIVED = "Derived from the modules by `waddlebot render`."


def modules_page(infos: Sequence[ModuleInfo]) -> str:
    """docs/modules.md."""
    lines = ["# Modules", "", _DERIVED, "", "| module | port | kind | what it is for |", "|---|---|---|---|"]
    lines += [f"| [`{i.name}`](../{i.folder.name}/README.md) | {i.port} | {i.kind} | {i.description} |" for i in infos]
    return "\n".join(lines) + "\n"


def commands_of(info: ModuleInfo) -> CommandGroup | None:
    """The commands that a module declares, in `commands.py` and in files anywhere in it that add to its group."""
    if importlib.util.find_spec(f"{info.folder.name}.commands") is None:
        return None
    for path in sorted(info.folder.rglob("*commands.py")):
        inside = path.relative_to(info.folder).with_suffix("").parts
        if "tests" not in inside:
            importlib.import_module(".".join((info.folder.name, *inside)))
    group: CommandGroup = importlib.import_module(f"{info.folder.name}.commands").commands
    return group


def commands_page(infos: Sequence[ModuleInfo]) -> str:
    """docs/commands.md."""
    lines = ["# Commands", "", _DERIVED, "In chat: `!help <command>`.", ""]
    for info in infos:
        group = commands_of(info)
        if group is None:
            continue
        lines += [f"## {info.name}", "", "| command | who | cooldown | what it does |", "|---|---|---|---|"]
        lines += [_row(card) for card in sorted(group.cards(), key=lambda card: card.path) if not card.hidden]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _row(card: CommandCard) -> str:
    usage = card.usage.replace("|", "\\|")
    aliases = "".join(f", `!{alias}`".replace("|", "\\|") for alias in card.aliases)
    who = card.role.word + (f" or label {card.or_label}" if card.or_label else "")
    cooldowns = card.cooldowns
    shown = [
        f"{name} {seconds:g} s"
        for name, seconds in (
            ("member", cooldowns.member), ("channel", cooldowns.channel), ("everybody", cooldowns.everywhere),
        )
        if seconds
    ] if cooldowns else ["member 3 s"]  # fmt: skip
    return f"| `{usage}`{aliases} | {who} | {', '.join(shown)} | {card.help} |"


def api_page(infos: Sequence[ModuleInfo]) -> str:
    """docs/api.md: the operations that modules offer each other."""
    lines = [
        "# Operations between modules", "", _DERIVED, "Every module serves them as `/openapi.json` too.", "",
    ]  # fmt: skip
    for name in ("module", *(info.name for info in infos)):
        operations = _offered_by(name)
        if not operations:
            continue
        lines += [f"## {'every module' if name == 'module' else name}", ""]
        lines += ["| operation | who may call | what it does |", "|---|---|---|"]
        for operation in sorted(operations, key=lambda o: (o.path, o.method)):
            callers = operation.callers.describe()
            lines.append(f"| `{operation.method} {operation.path}` | {callers} | {operation.summary} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _offered_by(module: str) -> list[Operation[Any, Any]]:
    """Operations of the contract called like the module, and of those that name it in `OFFERED_BY`."""
    found: list[Operation[Any, Any]] = []
    for _, name, _ in pkgutil.iter_modules(contracts.__path__):
        contract = importlib.import_module(f"{contracts.__name__}.{name}")
        if getattr(contract, "OFFERED_BY", name) == module:
            found += [value for value in vars(contract).values() if isinstance(value, Operation)]
    return found


def pages_of_modules(infos: Sequence[ModuleInfo]) -> dict[str, str]:
    """What modules tell about themselves in `reference_pages.py`, by path."""
    found: dict[str, str] = {}
    for info in infos:
        if importlib.util.find_spec(f"{info.folder.name}.reference_pages") is not None:
            found |= importlib.import_module(f"{info.folder.name}.reference_pages").pages()
    return found
