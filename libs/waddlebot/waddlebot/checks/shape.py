"""Whether every module has the one shape: its files, its imports, its port, its commands."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from flask_core.app_factory import ModuleInfo
from waddlebot.tree import modules

_FILES = (
    "__init__.py", "app.py", "config.py", "module.toml", "README.md", "Dockerfile", "requirements.in",
    "requirements.txt", "schema/0001_first.sql", "tests/__init__.py",
)  # fmt: skip
_VAGUE = {"utils", "helpers", "manager", "misc", "common", "base"}
_SUFFIX = {"interaction": "_interaction_module_flask", "core": "_module_flask"}
_ENVIRONMENT = re.compile(r"\bos\.environ\b|\bgetenv\b")
MAX_LINES = 260
MAX_APP_LINES = 60


def check(root: Path) -> Iterator[str]:
    """All rules on all modules."""
    infos = modules(root)
    yield from _ports(infos)
    names = {info.folder.name for info in infos}
    for info in infos:
        yield from _files(info)
        for path in _sources(info.folder):
            yield from _file_rules(path, root)
            yield from _imports(path, root, info, names)


def _ports(infos: list[ModuleInfo]) -> Iterator[str]:
    seen: dict[int, str] = {}
    for info in infos:
        if other := seen.get(info.port):
            yield f"{info.name} and {other} have the same port {info.port}."
        seen[info.port] = info.name
        if not info.folder.name.startswith(info.name):
            yield f"{info.folder.name} is called {info.name} in its module.toml."


def _files(info: ModuleInfo) -> Iterator[str]:
    for name in _FILES:
        if not (info.folder / name).exists():
            yield f"{info.folder.name} lacks {name}."
    length = len((info.folder / "app.py").read_text("utf-8").splitlines())
    if length > MAX_APP_LINES:
        yield f"{info.folder.name}/app.py has {length} lines; it wires and does nothing else."


def _sources(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*.py")) if "tests" not in path.parts)


def _file_rules(path: Path, root: Path) -> Iterator[str]:
    name, text = path.relative_to(root), path.read_text("utf-8")
    if path.stem in sys.stdlib_module_names - {"__init__"}:
        yield f"{name} hides a module of the standard library."
    if path.stem in _VAGUE:
        yield f"{name} needs a name that says what is in it."
    if not ast.get_docstring(ast.parse(text)):
        yield f"{name} must begin with a line that says what it is for."
    if (length := len(text.splitlines())) > MAX_LINES:
        yield f"{name} has {length} lines; split it by noun (at most {MAX_LINES})."
    if _ENVIRONMENT.search(text) and path.name != "config.py":
        yield f"{name} reads the environment; only config.py does."


def _imports(path: Path, root: Path, info: ModuleInfo, modules_: set[str]) -> Iterator[str]:
    name = path.relative_to(root)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        for imported in _imported(node):
            top = imported.split(".")[0]
            if top in modules_ and top != info.folder.name:
                yield f"{name} imports {imported}: modules meet through operations."
            if imported == f"{info.folder.name}.app":
                yield f"{name} imports app.py, which nobody does."
            if top == "flask_security" and info.name != "identity":
                yield f"{name} imports flask_security, which lives in identity alone."
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"{name} imports relatively; write the whole name."


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []
