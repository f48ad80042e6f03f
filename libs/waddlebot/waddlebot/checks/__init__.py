"""Checks of the whole tree: each is a function that yields sentences, one per failure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from waddlebot.checks import generated, promises, requirements, shape, style

type Check = Callable[[Path], Iterable[str]]

CHECKS: dict[str, Check] = {
    "shape": shape.check,
    "promises": promises.check,
    "generated": generated.check,
    "requirements": requirements.check,
    "format": style.formatting,
    "lint": style.lint,
    "types": style.types,
}


def run(root: Path, names: Sequence[str], console: Console) -> int:
    """Run the checks called `names` (all when empty), print failures; 0 when there is none."""
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        console.print(f"No check is called {', '.join(unknown)}. There are: {', '.join(CHECKS)}.")
        return 2
    failures = 0
    for name in names or CHECKS:
        began = time.monotonic()
        found = _failures(CHECKS[name], root)
        failures += len(found)
        for sentence in found:
            console.print(f"[red]{name}[/red] {escape(sentence)}", soft_wrap=True)
        console.print(f"{name:<14} {'ok' if not found else f'{len(found)} failed'}  {time.monotonic() - began:.1f} s")
    return 1 if failures else 0


def _failures(check: Check, root: Path) -> list[str]:
    try:
        return list(check(root))
    except (
        Exception
    ) as error:  # The edge: a module that cannot be imported must not keep the other checks from running.
        return [f"could not be finished: {type(error).__name__}: {error}"]
