"""Whether every promise in a module's README has a test, and every marked test a promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from waddlebot.tree import modules

_MARK = re.compile(r"""mark\.promise\(\s*["']([a-z_]+\.\d+)["']\s*(?:,\s*["']([a-z_]+\.\d+)["'])*""")
_NAME = re.compile(r"""["']([a-z_]+\.\d+)["']""")
_LINE = re.compile(r"^(\d+)\. ", re.MULTILINE)


def check(root: Path) -> Iterator[str]:
    """Compare both ways."""
    promised = {f"{info.name}.{number}" for info in modules(root) for number in promises_in(info.folder / "README.md")}
    tested = set(tests_in(root))
    for name in sorted(promised - tested, key=_order):
        yield f"{name} is promised and no test keeps it."
    for name in sorted(tested - promised, key=_order):
        yield f"{name} has a test and no README promises it."


def promises_in(readme: Path) -> list[int]:
    """The numbers under `## Promises`."""
    if not readme.exists():
        return []
    _, _, after = readme.read_text("utf-8").partition("## Promises")
    section = after.split("\n## ")[0]
    return [int(number) for number in _LINE.findall(section)]


def tests_in(root: Path) -> Iterator[str]:
    """The names of all marked promises."""
    for folder in [*(info.folder for info in modules(root)), root / "libs", root / "tests"]:
        for path in folder.rglob("test_*.py"):
            for found in _MARK.finditer(path.read_text("utf-8")):
                yield from _NAME.findall(found[0])


def _order(name: str) -> tuple[str, int]:
    module, _, number = name.partition(".")
    return module, int(number)
