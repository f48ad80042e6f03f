"""Makes a new module out of templates: a folder that works, with a test that passes."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import typer

from waddlebot.locking import borrow
from waddlebot.tree import modules

_TEMPLATES = Path(__file__).parent / "templates" / "module"
_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}_(?:interaction|core)")
_FIRST_PORT = 8060


def make(root: Path, name: str) -> Path:
    """The folder of the new module `name`, such as `karma_interaction`."""
    full = name if name.endswith(("_interaction", "_core")) else f"{name}_interaction"
    if not _NAME.fullmatch(full):
        raise typer.BadParameter("Use a-z, 0-9 and _, and end with _interaction or _core.")
    folder = root / f"{full}_module_flask"
    if folder.exists():
        raise typer.BadParameter(f"{folder.name} exists already.")
    word, kind = full.rsplit("_", 1)
    if any(info.name == word for info in modules(root)):
        raise typer.BadParameter(f"There is a module called {word} already.")
    spoken = word.replace("_", " ")
    values = {
        "@FOLDER@": folder.name,
        "@WORD@": word,
        "@COMMAND@": spoken,
        "@NAME@": spoken,
        "@NOUN@": spoken.capitalize(),
        "@CLASS@": "".join(part.capitalize() for part in word.split("_")),
        "@PREFIX@": word.upper(),
        "@KIND@": kind,
        "@PORT@": str(_free_port(root)),
    }
    for template in sorted(_TEMPLATES.rglob("*.txt")):
        _write(template, folder / template.relative_to(_TEMPLATES).with_suffix(""), values)
    borrow(root, folder)
    _tidy(root, folder)
    return folder


def _free_port(root: Path) -> int:
    taken = {info.port for info in modules(root)}
    return next(port for port in range(_FIRST_PORT, 9_000) if port not in taken)


def _write(template: Path, target: Path, values: dict[str, str]) -> None:
    text = template.read_text("utf-8")
    for mark, value in values.items():
        text = text.replace(mark, value)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def _tidy(root: Path, folder: Path) -> None:
    """Where imports sort and lines break depends on the name; the formatter knows, if it is installed."""
    if importlib.util.find_spec("ruff") is None:
        return
    for command in (["check", "--select", "I", "--fix"], ["format"]):
        subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--quiet", str(folder)], cwd=root, check=True, timeout=60
        )
