"""The rows of a person in identity's own tables: never a secret, a hash or a code."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_core.database import Tx

_TOLD = {
    "persons": ("id", "name, operator, state, created_at"),
    "accounts": ("person_id", "platform, user_id, login, display_name, verified_at"),
    "users": ("person_id", "email, totp_method"),
    "passkeys": ("person_id", "name, created_at, last_used_at"),
    "sessions": ("person_id", "browser, signed_in_at, last_used_at, expires_at"),
    "api_keys": ("person_id", "name, start, scopes, created_at, expires_at, last_used_at"),
    "link_requests": ("person_id", "platform, expected_name, presented_name, state, created_at"),
    "security_log": ("person_id", "action, at"),
}
ERASED = (
    "passkeys",
    "recovery_codes",
    "oauth_states",
    "sessions",
    "api_keys",
    "link_requests",
    "security_log",
    "accounts",
    "users",
)


def export(tx: Tx, person_id: str) -> dict[str, list[dict[str, Any]]]:
    """All of them, by table."""
    return {
        table: [
            {
                name: one.isoformat() if isinstance(one, datetime) else one
                for name, one in zip(columns.split(", "), row, strict=True)
            }
            for row in tx.rows(f"SELECT {columns} FROM {table} WHERE {key} = ? ORDER BY 1", person_id)
        ]
        for table, (key, columns) in _TOLD.items()
    }


def erase(tx: Tx, person_id: str) -> dict[str, int]:
    """All of them go; of the person nothing is left but the id that others may still name."""
    counts = {table: tx.run(f"DELETE FROM {table} WHERE person_id = ?", person_id) for table in ERASED}
    counts["persons"] = tx.run(
        "UPDATE persons SET name = '', operator = ?, state = 'erased' WHERE id = ? AND (name <> '' OR state <> 'erased')",
        False, person_id,
    )  # fmt: skip
    return counts
