"""Formatting, lint and types, by the tools that are known for them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from waddlebot.tree import modules


def formatting(root: Path) -> Iterator[str]:
    """Whether the formatter would change anything."""
    yield from _run(root, "ruff", "format", "--check", "--quiet", ".", hint="Run: ruff format .")


def lint(root: Path) -> Iterator[str]:
    """What the linter says."""
    yield from _run(root, "ruff", "check", "--output-format=concise", "--quiet", ".")


def types(root: Path) -> Iterator[str]:
    """What the type checker says about everything but tests."""
    folders = [info.folder.name for info in modules(root)]
    yield from _run(
        root, "mypy", "libs/flask_core/flask_core", "libs/waddlebot/waddlebot", *folders, "--exclude", "/tests/"
    )


def _run(root: Path, *command: str, hint: str = "") -> Iterator[str]:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=root, capture_output=True, text=True, check=False, timeout=600
    )  # fmt: skip
    if done.returncode:
        yield from [*(line for line in done.stdout.splitlines() if line), *done.stderr.splitlines()[-5:]] or [hint]
        if hint:
            yield hint
