"""Lists of words that come with the bot, one pattern a line, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "packs"
NAMES = ("insults", "scams", "spam", "swearing")


@cache
def pack(name: str) -> tuple[str, ...]:
    """The patterns of a pack."""
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
