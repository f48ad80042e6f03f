"""The locks: which requirement files are made of which, and making them anew."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from waddlebot.tree import modules


@dataclass(frozen=True, slots=True)
class Lock:
    """A file of pinned, hashed requirements and the files that say what is wanted."""

    target: Path
    sources: tuple[Path, ...]


def locks(root: Path) -> list[Lock]:
    """The lock of the whole tree with its tools first (it decides the versions), then one per module's image."""
    core, tools = root / "requirements" / "core.in", root / "requirements" / "tools.in"
    wanted = {info.folder: info.folder / "requirements.in" for info in modules(root)}
    everything = Lock(
        root / "requirements" / "all.txt", (core, root / "requirements" / "run.in", tools, *wanted.values())
    )
    running = Lock(root / "requirements" / "run.txt", (core, root / "requirements" / "run.in", *wanted.values()))
    return [
        everything,
        running,
        *(Lock(folder / "requirements.txt", (core, source)) for folder, source in wanted.items()),
    ]


def lock_all(root: Path) -> None:
    """Make all locks anew with uv; versions of the images are those of the tree."""
    first, *others = locks(root)
    _compile(root, first)
    for lock in others:
        _compile(root, lock, constraint=first.target)


def borrow(root: Path, folder: Path) -> bool:
    """Give a new module the lock of one that wants the same; False when none does and `make lock` is needed."""
    wanted = _wishes(folder)
    for info in modules(root):
        lock = info.folder / "requirements.txt"
        if info.folder != folder and lock.exists() and _wishes(info.folder) == wanted:
            (folder / "requirements.txt").write_bytes(lock.read_bytes())
            return True
    return False


def _wishes(folder: Path) -> list[str]:
    lines = (folder / "requirements.in").read_text("utf-8").splitlines()
    return sorted(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _compile(root: Path, lock: Lock, constraint: Path | None = None) -> None:
    command = [
        "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.13", "--generate-hashes",
        "--no-emit-index-url", "--no-annotate", "--no-header", *map(str, lock.sources), "-o", str(lock.target),
    ]  # fmt: skip
    if constraint is not None:
        command += ["--constraint", str(constraint)]
    subprocess.run(command, cwd=root, check=True, timeout=300)
