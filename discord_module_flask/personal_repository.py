"""Rows about people: their time in voice, what they moderate, and forms that wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_core.database import Tx

_TABLES = ("voice_sessions", "voice_days", "platform_roles", "feedback", "forms")


def export(tx: Tx, user_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """All of them, by table."""
    if not user_ids:
        return {}
    voice = ("guild_id", "channel_id", "counted_at", "slice", "remainder", "left_at")
    return {
        "voice_sessions": _rows(tx, "voice_sessions", voice, user_ids),
        "voice_days": _rows(tx, "voice_days", ("guild_id", "day", "minutes"), user_ids),
        "platform_roles": _rows(tx, "platform_roles", ("guild_id", "role", "seen_at"), user_ids),
        "feedback": _rows(tx, "feedback", ("community_id", "subject", "details", "said_at"), user_ids),
        "forms": _rows(tx, "forms", ("entered", "expires_at"), user_ids),
    }


def _rows(tx: Tx, table: str, columns: Sequence[str], user_ids: Sequence[str]) -> list[dict[str, Any]]:
    places = ", ".join("?" * len(user_ids))
    found = tx.rows(f"SELECT {', '.join(columns)} FROM {table} WHERE user_id IN ({places})", *user_ids)
    return [dict(zip(columns, row, strict=True)) for row in found]


def erase(tx: Tx, user_ids: Sequence[str]) -> dict[str, int]:
    """All of them go; how many, by table."""
    if not user_ids:
        return {}
    places = ", ".join("?" * len(user_ids))
    counts: dict[str, int] = {}
    for table in _TABLES:
        counts[table] = int(tx.value(f"SELECT count(*) FROM {table} WHERE user_id IN ({places})", *user_ids))
        tx.run(f"DELETE FROM {table} WHERE user_id IN ({places})", *user_ids)
    return counts
