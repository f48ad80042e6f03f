"""A database's tables as JSON lines that mean the same on SQLite and PostgreSQL, and back again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import batched
from typing import Any

import msgspec

from flask_core.contracts.backup import Table
from flask_core.database_connections import Connection
from flask_core.database_seat import Tx
from flask_core.errors import Conflict

_NOT_OURS = "schema_ledger"
_PREFIX = "backup_"
_AT_ONCE = 100
_SQLITE_TABLES = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'"
_COLUMNS = (
    "SELECT table_name, column_name, data_type, coalesce(column_default, '') FROM information_schema.columns"
    " WHERE table_schema = ? ORDER BY table_name, ordinal_position"
)
_KEYS = (
    "SELECT k.table_name, k.column_name FROM information_schema.table_constraints c"
    " JOIN information_schema.key_column_usage k USING (constraint_schema, constraint_name)"
    " WHERE c.constraint_type = 'PRIMARY KEY' AND c.table_schema = ? ORDER BY k.table_name, k.ordinal_position"
)
_PARENTS = (
    "SELECT child.relname, parent.relname FROM pg_constraint c JOIN pg_class child ON child.oid = c.conrelid"
    " JOIN pg_class parent ON parent.oid = c.confrelid JOIN pg_namespace n ON n.oid = c.connamespace"
    " WHERE c.contype = 'f' AND n.nspname = ?"
)
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[Any])


@dataclass
class Columns:
    """A table as the database describes it; `numbered` is the column that a sequence fills, or ""."""

    name: str
    kinds: dict[str, str] = field(default_factory=dict)
    key: list[str] = field(default_factory=list)
    parents: set[str] = field(default_factory=set)
    numbered: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Its columns, in alphabetical order: those of PostgreSQL and SQLite may differ."""
        return tuple(sorted(self.kinds))


def tables_of(tx: Tx, schema: str) -> list[Columns]:
    """The tables that a backup holds, parents before children."""
    found = _on_sqlite(tx) if tx.dialect == "sqlite" else _on_postgres(tx, schema)
    kept = {table.name: table for table in found if _is_kept(table.name)}
    ordered: list[Columns] = []
    while len(ordered) < len(kept):
        known = {table.name for table in ordered}
        ready = [t for name, t in sorted(kept.items()) if name not in known and t.parents - {name} <= known]
        if not ready:
            raise RuntimeError("tables that need each other cannot be restored")
        ordered += ready
    return ordered


def _is_kept(name: str) -> bool:
    return name != _NOT_OURS and not name.startswith(_PREFIX)


def _on_sqlite(tx: Tx) -> list[Columns]:
    found = []
    for name, sql in tx.rows(_SQLITE_TABLES):
        table = Columns(name)
        places = {}
        for _, column, kind, _, _, place in tx.rows("SELECT * FROM pragma_table_info(?)", name):
            table.kinds[column] = kind
            places[place] = column
        table.key = [places[place] for place in sorted(places) if place]
        table.parents = {row[0] for row in tx.rows('SELECT "table" FROM pragma_foreign_key_list(?)', name)}
        table.numbered = table.key[0] if "AUTOINCREMENT" in sql else ""
        found.append(table)
    return found


def _on_postgres(tx: Tx, schema: str) -> list[Columns]:
    found: dict[str, Columns] = {}
    for name, column, kind, default in tx.rows(_COLUMNS, schema):
        table = found.setdefault(name, Columns(name))
        table.kinds[column] = {"boolean": "BOOLEAN", "timestamp with time zone": "TIMESTAMPTZ"}.get(kind, kind)
        if default.startswith("nextval("):
            table.numbered = column
    for name, column in tx.rows(_KEYS, schema):
        found[name].key.append(column)
    for child, parent in tx.rows(_PARENTS, schema):
        found[child].parents.add(parent)
    return list(found.values())


def count(tx: Tx, table: str) -> int:
    """How many rows a table of `tables_of` has."""
    return int(tx.value(f'SELECT count(*) FROM "{table}"'))  # noqa: S608 - a name of the schema's own


def lines_of(connection: Connection, table: Columns) -> Iterator[bytes]:
    """A line per row in the order of its key; reads a few rows at a time. Needs a transaction."""
    in_c = ' COLLATE "C"' if connection.dialect == "postgres" else ""
    order = ", ".join(
        f'"{one}"{in_c if table.kinds[one].lower() == "text" else ""}' for one in table.key or table.names
    )
    columns = ", ".join(f'"{one}"' for one in table.names)
    asked = f'SELECT {columns} FROM "{table.name}" ORDER BY {order}'  # noqa: S608 - names of the schema's own
    for row in _in_parts(connection, asked):
        yield _encoder.encode([_told(value) for value in row]) + b"\n"


def _in_parts(connection: Connection, asked: str) -> Iterator[tuple[Any, ...]]:
    if connection.dialect == "sqlite":
        cursor = connection.execute(asked, ())
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from rows
        return
    connection.script(f"DECLARE backup_rows NO SCROLL CURSOR FOR {asked}")
    while rows := connection.execute(f"FETCH {_AT_ONCE} FROM backup_rows", ()).fetchall():
        yield from rows
    connection.script("CLOSE backup_rows")


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return value


def last_number(tx: Tx, table: Columns) -> int:
    """What the table's sequence gave last; 0 when it gave none, or there is none."""
    if not table.numbered:
        return 0
    if tx.dialect == "sqlite":
        return int(tx.value("SELECT seq FROM sqlite_sequence WHERE name = ?", table.name) or 0)
    sequence = tx.value("SELECT pg_get_serial_sequence(?, ?)", f'"{table.name}"', table.numbered)
    row = tx.row(f"SELECT last_value, is_called FROM {sequence}")  # noqa: S608 - PostgreSQL said how it is written
    assert row is not None
    return int(row[0]) if row[1] else 0


def empty(tx: Tx, tables: Sequence[Columns]) -> None:
    """Remove all rows. On PostgreSQL nobody reads or writes the tables until the transaction ends."""
    if tx.dialect == "postgres":
        tx.run("TRUNCATE " + ", ".join(f'"{table.name}"' for table in tables))
        return
    for table in reversed(tables):
        tx.run(f'DELETE FROM "{table.name}"')  # noqa: S608 - a name of the schema's own


def fill(tx: Tx, table: Columns, brought: Table, lines: Iterable[bytes]) -> None:
    """Put the rows of `brought` into an empty table; raises Conflict when they are not those that it counts."""
    makers = [_maker(table.kinds[column]) for column in brought.columns]
    columns = ", ".join(f'"{one}"' for one in brought.columns)
    places = ", ".join("?" for _ in brought.columns)
    insert = f'INSERT INTO "{table.name}" ({columns}) VALUES ({places})'  # noqa: S608 - names of the schema's own
    for some in batched(lines, _AT_ONCE, strict=False):
        tx.many(insert, [[make(value) for make, value in zip(makers, read(line), strict=True)] for line in some])
    if count(tx, table.name) != brought.rows:
        raise Conflict(f"The table {table.name} did not get as many rows as the backup says.", table=table.name)
    if table.numbered:
        _number_on(tx, table, brought.last_number)


def read(line: bytes) -> list[Any]:
    """The values of a row; raises Conflict for what is none."""
    try:
        return _decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Conflict("A row in the backup cannot be read.") from error


def _maker(kind: str) -> Callable[[Any], Any]:
    return _time if kind == "TIMESTAMPTZ" else _as_it_is


def _time(value: Any) -> Any:
    return None if value is None else datetime.fromisoformat(value)


def _as_it_is(value: Any) -> Any:
    return value


def _number_on(tx: Tx, table: Columns, last: int) -> None:
    if tx.dialect == "postgres":
        asked = "SELECT setval(pg_get_serial_sequence(?, ?), ?, ?)"
        tx.value(asked, f'"{table.name}"', table.numbered, max(1, last), last > 0)
        return
    tx.run("DELETE FROM sqlite_sequence WHERE name = ?", table.name)
    if last:
        tx.run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", table.name, last)
