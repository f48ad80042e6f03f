"""The ladder: what follows the first time, the second, and from the last rung on."""

from __future__ import annotations

from collections.abc import Sequence

from flask_core.errors import InvalidInput
from flask_core.grammar import duration_seconds

USUAL = ("warn", "5m", "60m", "24h")
MOST_RUNGS = 8
_LONGEST_TIMEOUT = 14 * 86_400
_WORDS = frozenset({"delete", "warn", "ban"})


def checked(ladder: Sequence[str]) -> tuple[str, ...]:
    """The rungs as they are kept; raises InvalidInput for one that nobody can stand on."""
    rungs = tuple(rung.strip().lower() for rung in ladder)
    if not 1 <= len(rungs) <= MOST_RUNGS:
        raise InvalidInput(f"A ladder has 1 to {MOST_RUNGS} steps.", field="ladder")
    for rung in rungs:
        if rung not in _WORDS and not 1 <= seconds_of(rung) <= _LONGEST_TIMEOUT:
            raise InvalidInput("A step is delete, warn, ban, or a time from 1s to 14d such as 5m.", field="ladder")
    return rungs


def seconds_of(rung: str) -> int:
    """How long a rung silences; 0 for one that does not."""
    return duration_seconds(rung) or 0


def rung_at(ladder: Sequence[str], standing: int) -> str:
    """The rung of the `standing`th offence; the last one stays the last."""
    return ladder[min(max(standing, 1), len(ladder)) - 1]


def told(rung: str) -> str:
    """What a rung does, in words: `deleted, warned`."""
    silenced = seconds_of(rung)
    if silenced:
        return f"deleted, timed out for {rung}"
    return {"delete": "deleted", "warn": "deleted, warned", "ban": "deleted, banned"}[rung]
