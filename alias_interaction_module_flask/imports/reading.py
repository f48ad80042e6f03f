"""Reads values out of JSON that somebody else made: never trusts a type, never raises."""

from __future__ import annotations

import unicodedata
from typing import Any

from alias_interaction_module_flask.imports.rows import LONGEST_COOLDOWN, Note
from flask_core.command_names import LONGEST, is_name, plain_name


def whole(value: Any, otherwise: int = 0) -> int:
    """A whole number, also one written as text or with a point."""
    try:
        return otherwise if isinstance(value, bool) else int(value)
    except (TypeError, ValueError, OverflowError):
        return otherwise


def texted(value: Any) -> str:
    """A text without what nobody can see; empty for anything else."""
    if not isinstance(value, str):
        return ""
    shown = unicodedata.normalize("NFC", " ".join(value.split()))
    return "".join(c for c in shown if unicodedata.category(c) not in {"Cc", "Cs"})


def listed(value: Any, *names: str) -> list[dict[str, Any]]:
    """The objects of a list, or of the list that `value` has under the first of these names."""
    if isinstance(value, dict):
        value = next((value[name] for name in names if isinstance(value.get(name), list)), [])
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def worded(value: Any) -> list[str]:
    """The texts of a list, or the lines of a text."""
    found = value.splitlines() if isinstance(value, str) else value if isinstance(value, list) else []
    return [text for text in map(texted, found) if text]


def cooldown(value: Any, otherwise: int) -> tuple[int, tuple[Note, ...]]:
    """Seconds between 0 and a day."""
    seconds = whole(value, otherwise)
    kept = min(max(seconds, 0), LONGEST_COOLDOWN)
    return kept, () if kept == seconds else (Note("cooldown_clamped", str(kept)),)


def named(raw: str) -> tuple[str, tuple[Note, ...]]:
    """The name as it is kept: no leading !, lower case; what cannot stand in one becomes `_`."""
    plain = plain_name(raw)
    kept = "".join(c if is_name(c) else "_" for c in plain)[:LONGEST].strip("_") or "command"
    return kept, () if kept == plain else (Note("name_changed", kept),)
