"""Whether everything derived from the modules is fresh."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from waddlebot.rendering import rendered


def check(root: Path) -> Iterator[str]:
    """Compare each generated file with what would be written now."""
    for path, text in rendered(root).items():
        target = root / path
        if not target.exists() or target.read_text("utf-8") != text:
            yield f"{path} is stale. Run: waddlebot render"
