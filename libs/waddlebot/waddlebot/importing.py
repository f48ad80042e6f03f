"""Imports every Python file of a module: `python -m waddlebot.importing <folder>`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from flask_core.testing.installation import prepare_environment


def names(folder: Path) -> list[str]:
    """The dotted names of all files in the folder, tests included."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def main(folder: str) -> None:
    """Import them all; the first that fails ends it with its own error."""
    prepare_environment()
    for name in names(Path(folder).resolve()):
        importlib.import_module(name)


if __name__ == "__main__":
    main(sys.argv[1])
