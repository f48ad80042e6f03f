"""Whether the locks are hashed, name no package host, and hold what the modules ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from waddlebot.locking import locks

_HOST = re.compile(r"https?://|--index-url|--extra-index-url|--find-links")
_PINNED = re.compile(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==", re.IGNORECASE | re.MULTILINE)
_ASKED = re.compile(r"^([a-z0-9._-]+)", re.IGNORECASE | re.MULTILINE)


def check(root: Path) -> Iterator[str]:
    """All locks."""
    for lock in locks(root):
        name = lock.target.relative_to(root)
        if not lock.target.exists():
            yield f"{name} is missing. Run: make lock"
            continue
        text = lock.target.read_text("utf-8")
        if _HOST.search(text):
            yield f"{name} names a package host."
        pinned = {_plain(found) for found in _PINNED.findall(text)}
        for asked in {_plain(n) for source in lock.sources for n in _ASKED.findall(_without_comments(source))}:
            if asked not in pinned:
                yield f"{name} lacks {asked}. Run: make lock"
        if text.count("==") > 0 and "--hash=sha256:" not in text:
            yield f"{name} has no hashes. Run: make lock"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _without_comments(source: Path) -> str:
    return "\n".join(line for line in source.read_text("utf-8").splitlines() if not line.startswith("#"))
