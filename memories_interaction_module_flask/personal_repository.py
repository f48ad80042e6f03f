"""The rows of a person, in all tables of memories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_core.database import Tx
from memories_interaction_module_flask.models import LETTERS, Reminder
from memories_interaction_module_flask.reminder_rows import COLUMNS, reminder_of
from memories_interaction_module_flask.vote_repository import count_again

_NOBODY = "deleted member"


def export(tx: Tx, member_ids: Sequence[str], text_of: Callable[[Reminder], str]) -> dict[str, list[dict[str, Any]]]:
    """Tables by name with the rows of these members."""
    found: dict[str, list[dict[str, Any]]] = {"memories": [], "memory_votes": [], "reminders": []}
    for member_id in member_ids:
        for kind, number, title, content, at in tx.rows(
            "SELECT kind, number, title, content, created_at FROM memories WHERE created_by = ? ORDER BY id", member_id
        ):
            found["memories"].append(
                {"kind": kind, "number": number, "title": title, "content": content, "created_at": at.isoformat()}
            )
        for community_id, kind, number, value in tx.rows(
            "SELECT m.community_id, m.kind, m.number, v.value FROM memory_votes v JOIN memories m ON m.id = v.memory_id"
            " WHERE v.member_id = ? ORDER BY m.id",
            member_id,
        ):
            entry = f"{LETTERS[kind]}{number}"
            found["memory_votes"].append({"community": community_id, "entry": entry, "value": value})
        for row in tx.rows(f"SELECT {COLUMNS} FROM reminders WHERE owner = ? ORDER BY id", member_id):
            reminder = reminder_of(row)
            found["reminders"].append(
                {"number": reminder.number, "text": text_of(reminder), "due_at": reminder.due_at.isoformat()}
            )
    return found


def erase(tx: Tx, member_ids: Sequence[str], accounts: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Erase or make nameless, and name the quotes of the person; the same again changes nothing more."""
    counts = {"memory_votes": 0, "reminders": 0, "memories": 0}
    for member_id in member_ids:
        voted = [
            row[0] for row in tx.rows("SELECT memory_id FROM memory_votes WHERE member_id = ? ORDER BY 1", member_id)
        ]
        counts["memory_votes"] += tx.run("DELETE FROM memory_votes WHERE member_id = ?", member_id)
        for memory_id in voted:
            count_again(tx, memory_id)
        counts["reminders"] += tx.run("DELETE FROM reminders WHERE owner = ?", member_id)
        counts["memories"] += tx.run(
            "UPDATE memories SET created_by = '', created_name = ? WHERE created_by = ?", _NOBODY, member_id
        )
        tx.run("UPDATE memory_history SET changed_by = '' WHERE changed_by = ?", member_id)
        tx.run("UPDATE memories SET deleted_by = '' WHERE deleted_by = ?", member_id)
    quoted = [
        f"#{number} in community {community_id}"
        for account in accounts
        for community_id, number in tx.rows(
            "UPDATE memories SET author_account = '' WHERE author_account = ? RETURNING community_id, number", account
        )
    ]
    return counts, quoted


def move(tx: Tx, community_id: int, source: str, target: str) -> dict[str, int]:
    """Rows of `source` in one community become those of `target`."""
    voted = [
        row[0]
        for row in tx.rows(
            "SELECT s.memory_id FROM memory_votes s JOIN memories m ON m.id = s.memory_id"
            " WHERE m.community_id = ? AND s.member_id = ? ORDER BY 1",
            community_id,
            source,
        )
    ]
    for memory_id in voted:
        # The newer of two votes on one entry stays, the target's where both are equally old; the sum is counted anew.
        tx.run(
            "DELETE FROM memory_votes WHERE memory_id = ? AND member_id = ? AND voted_at < (SELECT voted_at"
            " FROM memory_votes WHERE memory_id = ? AND member_id = ?)",
            memory_id, target, memory_id, source,
        )  # fmt: skip
        tx.run(
            "UPDATE memory_votes SET member_id = ? WHERE memory_id = ? AND member_id = ? AND NOT EXISTS (SELECT 1"
            " FROM memory_votes other WHERE other.memory_id = ? AND other.member_id = ?)",
            target, memory_id, source, memory_id, target,
        )  # fmt: skip
        tx.run("DELETE FROM memory_votes WHERE memory_id = ? AND member_id = ?", memory_id, source)
        count_again(tx, memory_id)
    tx.run(
        "UPDATE memory_history SET changed_by = ? WHERE changed_by = ? AND memory_id IN"
        " (SELECT id FROM memories WHERE community_id = ?)",
        target, source, community_id,
    )  # fmt: skip
    tx.run("UPDATE memories SET deleted_by = ? WHERE community_id = ? AND deleted_by = ?", target, community_id, source)
    return {
        "memory_votes": len(voted),
        "memories": tx.run(
            "UPDATE memories SET created_by = ? WHERE community_id = ? AND created_by = ?", target, community_id, source
        ),
        "reminders": tx.run(
            "UPDATE reminders SET owner = ? WHERE community_id = ? AND owner = ?", target, community_id, source
        ),
    }


def erase_community(tx: Tx, community_id: int) -> dict[str, int]:
    """Everything of a community; votes and history go with their entries."""
    tables = ("memories", "categories", "channel_states", "reminders", "number_sequences", "community_settings")
    return {table: tx.run(f"DELETE FROM {table} WHERE community_id = ?", community_id) for table in tables}
