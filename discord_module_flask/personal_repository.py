"""Rows about people: their time in voice, and forms that wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_core.database import Tx


def export(tx: Tx, user_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """All of them, by table."""
    if not user_ids:
        return {}
    places = ", ".join("?" * len(user_ids))
    voice = tx.rows(
        "SELECT guild_id, channel_id, counted_at, slice, remainder, left_at FROM voice_sessions"
        f" WHERE user_id IN ({places})", *user_ids,
    )  # fmt: skip
    forms = tx.rows(f"SELECT entered, expires_at FROM forms WHERE user_id IN ({places})", *user_ids)
    names = ("guild_id", "channel_id", "counted_at", "slice", "remainder", "left_at")
    return {
        "voice_sessions": [dict(zip(names, row, strict=True)) for row in voice],
        "forms": [{"entered": entered, "expires_at": until} for entered, until in forms],
    }


def erase(tx: Tx, user_ids: Sequence[str]) -> dict[str, int]:
    """All of them go; how many, by table."""
    if not user_ids:
        return {}
    places = ", ".join("?" * len(user_ids))
    counts: dict[str, int] = {}
    for table in ("voice_sessions", "forms"):
        counts[table] = int(tx.value(f"SELECT count(*) FROM {table} WHERE user_id IN ({places})", *user_ids))
        tx.run(f"DELETE FROM {table} WHERE user_id IN ({places})", *user_ids)
    return counts
