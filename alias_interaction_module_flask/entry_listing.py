"""Pages of commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alias_interaction_module_flask.entry_rows import COLUMNS, entry_of
from alias_interaction_module_flask.models import Entry
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Role


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which commands; an empty filter lets everything through.

    `usable_by` leaves out what that role cannot use, and searches names only: texts are for those who may edit.
    """

    kind: str = ""
    q: str = ""
    enabled: bool | None = None
    source: str = ""
    binned: bool = False
    usable_by: Role | None = None
    page: int = 1
    per_page: int = 25


class EntryListing:
    """By name; what is in the bin by when it came there."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def page(self, community_id: int, wanted: Wanted) -> tuple[list[Entry], int]:
        """One page, and how many there are."""
        return await self._database.read(lambda tx: _page(tx, community_id, wanted))


def _page(tx: Tx, community_id: int, wanted: Wanted) -> tuple[list[Entry], int]:
    where, values = _where(community_id, wanted)
    total = int(tx.value(f"SELECT count(*) FROM commands WHERE {where}", *values))
    order = "deleted_at DESC, id DESC" if wanted.binned else "name_key"
    rows = tx.rows(
        f"SELECT {COLUMNS} FROM commands WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
        *values, wanted.per_page, (wanted.page - 1) * wanted.per_page,
    )  # fmt: skip
    return [entry_of(row) for row in rows], total


def _where(community_id: int, wanted: Wanted) -> tuple[str, list[Any]]:
    where = f"community_id = ? AND deleted_at IS {'NOT ' if wanted.binned else ''}NULL"
    values: list[Any] = [community_id]
    like = f"%{_escaped(wanted.q.strip().removeprefix('!').lower())}%"
    searched = bool(wanted.q.strip())
    filters: list[tuple[str, bool, tuple[Any, ...]]] = [
        ("kind = ?", bool(wanted.kind), (wanted.kind,)),
        ("name_key LIKE ? ESCAPE '|'", searched and wanted.usable_by is not None, (like,)),
        (
            "(name_key LIKE ? ESCAPE '|' OR lower(body) LIKE ? ESCAPE '|')",
            searched and wanted.usable_by is None,
            (like, like),
        ),
        ("enabled = ?", wanted.enabled is not None, (wanted.enabled,)),
        ("source = ?", bool(wanted.source), (wanted.source,)),
        (
            "enabled = ? AND hidden = ? AND role <= ?",
            wanted.usable_by is not None,
            (True, False, int(wanted.usable_by or 0)),
        ),
    ]
    for condition, applies, given in filters:
        if applies:
            where, values = f"{where} AND {condition}", [*values, *given]
    return where, values


def _escaped(text: str) -> str:
    for special in "|%_":
        text = text.replace(special, f"|{special}")
    return text
