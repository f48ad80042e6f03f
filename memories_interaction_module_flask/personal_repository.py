"""The rows of a person, in all tables of memories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_core.database import Tx
from memories_interaction_module_flask.vote_repository import count_again

_NOBODY = "deleted member"


def export(tx: Tx, member_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Tables by name with the rows of these members."""
    found: dict[str, list[dict[str, Any]]] = {"memories": [], "memory_votes": [], "reminders": []}
    for member_id in member_ids:
        for kind, number, title, content, at in tx.rows(
            "SELECT kind, number, title, content, created_at FROM memories WHERE created_by = ?", member_id
        ):
            found["memories"].append(
                {"kind": kind, "number": number, "title": title, "content": content, "created_at": at.isoformat()}
            )
        for memory_id, value in tx.rows("SELECT memory_id, value FROM memory_votes WHERE member_id = ?", member_id):
            found["memory_votes"].append({"memory": memory_id, "value": value})
        for number, text, private, due_at in tx.rows(
            "SELECT number, text, private, due_at FROM reminders WHERE owner = ?", member_id
        ):
            shown = "(sealed)" if private else text
            found["reminders"].append({"number": number, "text": shown, "due_at": due_at.isoformat()})
    return found


def erase(tx: Tx, member_ids: Sequence[str], accounts: Sequence[str]) -> dict[str, int]:
    """Erase or make nameless; the same again changes nothing more."""
    counts = {"memory_votes": 0, "reminders": 0, "memories": 0}
    for member_id in member_ids:
        voted = [row[0] for row in tx.rows("SELECT memory_id FROM memory_votes WHERE member_id = ?", member_id)]
        counts["memory_votes"] += tx.run("DELETE FROM memory_votes WHERE member_id = ?", member_id)
        for memory_id in voted:
            count_again(tx, memory_id)
        counts["reminders"] += tx.run("DELETE FROM reminders WHERE owner = ?", member_id)
        counts["memories"] += tx.run(
            "UPDATE memories SET created_by = '', created_name = ? WHERE created_by = ?", _NOBODY, member_id
        )
        tx.run("UPDATE memory_history SET changed_by = '' WHERE changed_by = ?", member_id)
    for account in accounts:
        tx.run("UPDATE memories SET author_account = '' WHERE author_account = ?", account)
    return counts


def move(tx: Tx, community_id: int, source: str, target: str) -> dict[str, int]:
    """Rows of `source` in one community become those of `target`."""
    both = [
        row[0]
        for row in tx.rows(
            "SELECT s.memory_id FROM memory_votes s JOIN memories m ON m.id = s.memory_id"
            " WHERE m.community_id = ? AND s.member_id = ?",
            community_id,
            source,
        )
    ]
    for memory_id in both:
        # The newer of two votes on one entry stays; the sum is counted anew.
        tx.run(
            "DELETE FROM memory_votes WHERE memory_id = ? AND member_id IN (?, ?) AND voted_at < (SELECT max(voted_at)"
            " FROM memory_votes WHERE memory_id = ? AND member_id IN (?, ?))",
            memory_id, source, target, memory_id, source, target,
        )  # fmt: skip
        tx.run("UPDATE memory_votes SET member_id = ? WHERE memory_id = ? AND member_id = ?", target, memory_id, source)
        count_again(tx, memory_id)
    return {
        "memory_votes": len(both),
        "memories": tx.run(
            "UPDATE memories SET created_by = ? WHERE community_id = ? AND created_by = ?", target, community_id, source
        ),
        "reminders": tx.run(
            "UPDATE reminders SET owner = ? WHERE community_id = ? AND owner = ?", target, community_id, source
        ),
    }


def erase_community(tx: Tx, community_id: int) -> dict[str, int]:
    """Everything of a community; votes and history go with their entries."""
    tables = ("memories", "reminders", "number_sequences", "community_settings")
    return {table: tx.run(f"DELETE FROM {table} WHERE community_id = ?", community_id) for table in tables}
