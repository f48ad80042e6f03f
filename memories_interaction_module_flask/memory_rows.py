"""Rows of quotes, links and notes as entries."""

from __future__ import annotations

from typing import Any

from flask_core.database import Tx
from memories_interaction_module_flask.folding import fold
from memories_interaction_module_flask.models import Memory, NewMemory

COLUMNS = (
    "id, community_id, kind, number, title, content, url, author, author_account, tags, state, private, votes, uses,"
    " version, created_by, created_name, created_at, context,"
    " coalesce((SELECT name FROM categories WHERE categories.id = memories.category_id), ''),"
    " deleted_by"
)
_TAGS, _PRIVATE = 9, 11


def memory_of(row: tuple[Any, ...]) -> Memory:
    """The entry in a row of COLUMNS."""
    values = list(row)
    values[_TAGS] = tuple(row[_TAGS].split())
    values[_PRIVATE] = bool(row[_PRIVATE])
    return Memory(*values)


def one(tx: Tx, community_id: int, kind: str, number: int) -> Memory | None:
    """Whatever has that number, deleted ones included."""
    row = tx.row(
        f"SELECT {COLUMNS} FROM memories WHERE community_id = ? AND kind = ? AND number = ?",
        community_id, kind, number,
    )  # fmt: skip
    return None if row is None else memory_of(row)


def folded(new: NewMemory) -> str:
    """Everything that is searched, with a space in front of every word."""
    return f" {fold(' '.join((new.title, new.content, new.author, ' '.join(new.tags))))}"
