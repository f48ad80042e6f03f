"""Rows of imports with what people chose and what became of them; and what earlier imports made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from alias_interaction_module_flask.imports.models import Before, Choice, KeptRow, Link, Outcome
from alias_interaction_module_flask.imports.rows import Becomes, Note
from flask_core.database import AsyncDAL, Tx

_COLUMNS = (
    "id, kind, external_id, name, original, becomes, status, notes, ours, base, choice, outcome, said, before, undone"
)
TAKEN_BACK = ("removed", "as it was")
_becomes = msgspec.json.Decoder(Becomes | None)
_notes = msgspec.json.Decoder(tuple[Note, ...])
_before = msgspec.json.Decoder(Before | None)


class RowRepository:
    """By import; a row of another import is no row."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def replace(self, import_id: int, rows: Sequence[KeptRow]) -> None:
        """Let these be the rows."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM import_rows WHERE import_id = ?", import_id)
            for row in rows:
                tx.run(
                    "INSERT INTO import_rows (import_id, kind, external_id, name, original, becomes, status, notes,"
                    " ours, base, choice, outcome, said, before, undone)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', 'null', '')",
                    import_id, row.kind, row.external_id, row.name, row.original, coded(row.becomes), row.status,
                    coded(row.notes), row.ours, row.base, row.choice,
                )  # fmt: skip

        await self._database.write(unit)

    async def page(
        self, import_id: int, *, status: str = "", kind: str = "", outcome: str = "", page: int = 1, per_page: int = 25
    ) -> tuple[list[KeptRow], int]:
        """What has to be looked at first: conflicts, reviews, and then the rest by name."""
        where, values = "import_id = ?", [import_id]
        for column, value in (("status", status), ("kind", kind), ("outcome", outcome)):
            if value:
                where += f" AND {column} = ?"
                values.append(value)  # type: ignore[arg-type]
        order = (
            "CASE status WHEN 'conflict' THEN 0 WHEN 'review' THEN 1 WHEN 'ok' THEN 2 WHEN 'unsupported' THEN 3"
            " ELSE 4 END, kind, name, id"
        )

        def unit(tx: Tx) -> tuple[list[KeptRow], int]:
            total = tx.value(f"SELECT count(*) FROM import_rows WHERE {where}", *values)
            found = tx.rows(
                f"SELECT {_COLUMNS} FROM import_rows WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
                *values, per_page, (page - 1) * per_page,
            )  # fmt: skip
            return [_row_of(row) for row in found], int(total)

        return await self._database.read(unit)

    async def all(self, import_id: int) -> list[KeptRow]:
        """All of them, in the order in which they were found."""
        sql = f"SELECT {_COLUMNS} FROM import_rows WHERE import_id = ? ORDER BY id"
        return [_row_of(row) for row in await self._database.read(lambda tx: tx.rows(sql, import_id))]

    async def one(self, import_id: int, row_id: int) -> KeptRow | None:
        """One by its id."""
        sql = f"SELECT {_COLUMNS} FROM import_rows WHERE import_id = ? AND id = ?"
        row = await self._database.read(lambda tx: tx.row(sql, import_id, row_id))
        return None if row is None else _row_of(row)

    async def kept(self, import_id: int) -> list[KeptRow]:
        """Rows that could not be taken back."""
        sql = (
            f"SELECT {_COLUMNS} FROM import_rows WHERE import_id = ? AND undone NOT IN (?, ?, '') ORDER BY id LIMIT 100"
        )
        found = await self._database.read(lambda tx: tx.rows(sql, import_id, *TAKEN_BACK))
        return [_row_of(row) for row in found]

    async def counts(self, import_id: int) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        """How many rows of each status, kind and outcome."""

        def unit(tx: Tx) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
            by_status, by_kind, by_outcome = (
                dict(tx.rows(f"SELECT {c}, count(*) FROM import_rows WHERE import_id = ? GROUP BY {c}", import_id))
                for c in ("status", "kind", "outcome")
            )
            return by_status, by_kind, by_outcome

        return await self._database.read(unit)

    async def choose(self, row: KeptRow, choice: Choice, becomes: Becomes | None, name: str) -> bool:
        """Keep what somebody chose; False when the row was applied meanwhile."""
        return bool(
            await self._database.write(
                lambda tx: tx.run(
                    "UPDATE import_rows SET choice = ?, becomes = ?, name = ? WHERE id = ? AND outcome = ''",
                    choice, coded(becomes), name, row.id,
                )
            )
        )  # fmt: skip

    async def came_of(self, row: KeptRow, outcome: Outcome, said: str = "", before: Before | None = None) -> None:
        """Keep what became of a row."""
        kept = before or row.before
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE import_rows SET outcome = ?, said = ?, before = ? WHERE id = ?",
                outcome, said[:500], coded(kept), row.id,
            )
        )  # fmt: skip

    async def undone(self, row: KeptRow, what: str) -> None:
        """Keep how taking it back went."""
        await self._database.write(
            lambda tx: tx.run("UPDATE import_rows SET undone = ? WHERE id = ?", what[:500], row.id)
        )

    async def links(self, community_id: int, source: str) -> dict[tuple[str, str], Link]:
        """What earlier imports from this source made, by kind and external id."""
        sql = (
            "SELECT kind, external_id, result_id, version, base FROM import_links WHERE community_id = ? AND source = ?"
        )
        found = await self._database.read(lambda tx: tx.rows(sql, community_id, source))
        return {(row[0], row[1]): Link(row[0], row[1], row[2], row[3], _becomes.decode(row[4])) for row in found}

    async def link(self, community_id: int, source: str, link: Link) -> None:
        """Remember what was made."""
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO import_links (community_id, source, kind, external_id, result_id, version, base)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (community_id, source, kind, external_id) DO UPDATE SET"
                " result_id = excluded.result_id, version = excluded.version, base = excluded.base",
                community_id, source, link.kind, link.external_id, link.result_id, link.version, coded(link.base),
            )
        )  # fmt: skip

    async def unlink(self, community_id: int, source: str, kind: str, external_id: str) -> None:
        """Forget what was made: it was taken back."""
        await self._database.write(
            lambda tx: tx.run(
                "DELETE FROM import_links WHERE community_id = ? AND source = ? AND kind = ? AND external_id = ?",
                community_id, source, kind, external_id,
            )
        )  # fmt: skip


def coded(value: object) -> str:
    """As it is kept."""
    return msgspec.json.encode(value).decode()


def _row_of(row: tuple[Any, ...]) -> KeptRow:
    number, kind, external_id, name, original, becomes, status, notes = row[:8]
    ours, base, choice, outcome, said, before, undone = row[8:]
    return KeptRow(
        number, kind, external_id, name, original, _becomes.decode(becomes), status, _notes.decode(notes), ours, base,
        choice, outcome, said, _before.decode(before), undone,
    )  # fmt: skip
