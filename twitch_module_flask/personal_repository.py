"""Rows about people and communities: whose accounts are connected, who connected them, who was what in a channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_core.audit import write_down
from flask_core.database import Tx

_EXPORTED = {
    "accounts": ("user_id", "login, kind, community_id, scopes, state, refreshed_at"),
    "channels": ("broadcaster_id", "login, community_id, live, title, category, shared_chat, packs, reply_style"),
    "platform_roles": ("user_id", "broadcaster_id, role, seen_at"),
    "shoutouts": ("target_id", "broadcaster_id, given_at"),
}
_OF_PERSON = {
    "grants": ("person_id", "kind, community_id, state, login, expires_at"),
    "audit": ("actor", "community_id, action, target, was, became, at"),
}


def export(tx: Tx, user_ids: Sequence[str], person_id: str) -> dict[str, list[dict[str, Any]]]:
    """All of them, by table; never a token."""
    found = {table: _rows(tx, table, about, user_ids) for table, about in _EXPORTED.items()}
    return found | {
        table: _rows(tx, table, about, [person_id] if person_id else []) for table, about in _OF_PERSON.items()
    }


def _rows(tx: Tx, table: str, about: tuple[str, str], values: Sequence[str]) -> list[dict[str, Any]]:
    column, shown = about
    names = shown.split(", ")
    rows = [
        row for value in values for row in tx.rows(f"SELECT {shown} FROM {table} WHERE {column} = ? ORDER BY 1", value)
    ]
    return [
        {name: one.isoformat() if isinstance(one, datetime) else one for name, one in zip(names, row, strict=True)}
        for row in rows
    ]


def erase(tx: Tx, user_ids: Sequence[str], person_id: str) -> tuple[dict[str, int], bool]:
    """Rows erased by table, and whether the person stays in the audit; what others need goes on without a name."""
    counts = dict.fromkeys(("platform_roles", "shoutouts", "grants"), 0)
    for user_id in user_ids:
        counts["platform_roles"] += tx.run("DELETE FROM platform_roles WHERE user_id = ?", user_id)
        counts["shoutouts"] += tx.run("DELETE FROM shoutouts WHERE target_id = ?", user_id)
    if not person_id:
        return counts, False
    counts["grants"] = tx.run("DELETE FROM grants WHERE person_id = ?", person_id)
    tx.run("UPDATE accounts SET person_id = '' WHERE person_id = ?", person_id)
    return counts, bool(tx.value("SELECT 1 FROM audit WHERE actor = ? LIMIT 1", person_id))


def erase_community(tx: Tx, community_id: int, actor: str, before: dict[str, int], now: datetime) -> dict[str, int]:
    """What is left once its accounts and channels are gone; that it was erased is written down once."""
    counts = {"grants": tx.run("DELETE FROM grants WHERE community_id = ?", community_id)}
    # Who did what in a community that is gone is nobody's business any more; that it was erased is.
    counts["audit"] = tx.run("DELETE FROM audit WHERE community_id = ? AND action <> 'community.erase'", community_id)
    if any(before.values()) or any(counts.values()):
        write_down(tx, community_id, actor, "community.erase", str(community_id), "", "", now)
    return counts
