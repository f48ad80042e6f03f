"""What filters keep about a member: where they stand, and a first message that waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_core.database import Tx

_BY_MEMBER = ("offences", "offence_events", "held_messages")
# Two members who become one have done all of it; the later decay counts.
_JOIN = (
    "INSERT INTO offences (community_id, member_id, filter, speaker, standing, total, event_id, last_at, decays_at)"
    " SELECT community_id, ?, filter, speaker, standing, total, event_id, last_at, decays_at FROM offences"
    " WHERE community_id = ? AND member_id = ? ON CONFLICT (community_id, member_id, filter) DO UPDATE SET"
    " standing = offences.standing + excluded.standing, total = offences.total + excluded.total,"
    " last_at = CASE WHEN offences.last_at > excluded.last_at THEN offences.last_at ELSE excluded.last_at END,"
    " decays_at = CASE WHEN offences.decays_at > excluded.decays_at THEN offences.decays_at"
    " ELSE excluded.decays_at END"
)


def export(tx: Tx, member_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Rows of these members by table."""
    found: dict[str, list[dict[str, Any]]] = {"offences": [], "held_messages": []}
    for member_id in member_ids:
        for name, standing, total, last_at in tx.rows(
            "SELECT filter, standing, total, last_at FROM offences WHERE member_id = ? ORDER BY filter", member_id
        ):
            row = {"filter": name, "standing": standing, "total": total, "last_at": last_at.isoformat()}
            found["offences"].append(row)
        for channel, text, reason, held_at in tx.rows(
            "SELECT channel, text, reason, held_at FROM held_messages WHERE member_id = ? ORDER BY id", member_id
        ):
            row = {"channel": channel, "text": text, "reason": reason, "held_at": held_at.isoformat()}
            found["held_messages"].append(row)
    return found


def erase(tx: Tx, member_ids: Sequence[str]) -> dict[str, int]:
    """Rows erased by table."""
    return {
        table: sum(tx.run(f"DELETE FROM {table} WHERE member_id = ?", member_id) for member_id in member_ids)
        for table in _BY_MEMBER
    }


def move(tx: Tx, community_id: int, source: str, target: str) -> dict[str, int]:
    """Rows of `source` in one community become those of `target`."""
    tx.run(_JOIN, target, community_id, source)
    counts = {"offences": tx.run("DELETE FROM offences WHERE community_id = ? AND member_id = ?", community_id, source)}
    for table in ("offence_events", "held_messages"):
        counts[table] = tx.run(
            f"UPDATE {table} SET member_id = ? WHERE community_id = ? AND member_id = ?", target, community_id, source
        )
    return counts


def erase_community(tx: Tx, community_id: int) -> dict[str, int]:
    """Everything of a community."""
    return {
        table: tx.run(f"DELETE FROM {table} WHERE community_id = ?", community_id) for table in ("filters", *_BY_MEMBER)
    }
