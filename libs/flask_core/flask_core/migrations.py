"""Numbered steps that build a module's tables: once, in order, in one transaction, under a lock."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask_core.database_connections import Connection, PostgresConnection, open_connection

if TYPE_CHECKING:
    from flask_core.app_factory import ModuleInfo

SHARED_FOLDER = Path(__file__).parent / "schema"
_FILE = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_ONLY = re.compile(r"--\s*only:\s*(sqlite|postgres)")
_LEDGER = (
    "CREATE TABLE IF NOT EXISTS schema_ledger (origin TEXT NOT NULL, version INTEGER NOT NULL, checksum TEXT NOT NULL,"
    " applied_at TEXT NOT NULL, PRIMARY KEY (origin, version))"
)


class MigrationError(Exception):
    """A step that was applied already has been edited; write a new one."""


@dataclass(frozen=True, slots=True)
class Step:
    """One file: whose, its number, its text."""

    origin: str
    version: int
    text: str

    @property
    def checksum(self) -> str:
        """By which an edited step is recognized."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def migrate_module(info: ModuleInfo, url: str, *, schema: str = "") -> list[str]:
    """Bring a module's database up to date; returns the steps that were applied."""
    return migrate(url, schema or info.name, [SHARED_FOLDER, info.schema_folder])


def steps_in(folders: Sequence[Path]) -> list[Step]:
    """The steps of all folders, in order; a folder called `schema` is named after its parent."""
    steps: list[Step] = []
    for folder in folders:
        found = {int(m[1]): path for path in sorted(folder.glob("*.sql")) if (m := _FILE.fullmatch(path.name))}
        steps += [Step(folder.parent.name, version, path.read_text("utf-8")) for version, path in sorted(found.items())]
    return steps


def migrate(url: str, schema: str, folders: Sequence[Path]) -> list[str]:
    """Apply what is missing. Safe for many processes at once: they queue at the lock."""
    connection = _locked(url, schema)
    try:
        connection.execute(_LEDGER, ())
        known = {
            (row[0], row[1]): row[2] for row in _rows(connection, "SELECT origin, version, checksum FROM schema_ledger")
        }
        applied = [step for step in steps_in(folders) if _apply(connection, step, known)]
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.close()
    return [f"{step.origin} {step.version:04}" for step in applied]


def _locked(url: str, schema: str) -> Connection:
    connection = open_connection(url, schema)
    if isinstance(connection, PostgresConnection):
        key = int.from_bytes(hashlib.sha256(f"migrate {schema}".encode()).digest()[:8], "big", signed=True)
        connection.execute("SET statement_timeout = '120s'", ())
        connection.execute("SELECT pg_advisory_xact_lock(?)", (key,))
        if schema:
            connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"', ())
    else:
        connection.execute("PRAGMA busy_timeout=60000", ())
        connection.begin_write()
    return connection


def _apply(connection: Connection, step: Step, known: dict[tuple[str, int], str]) -> bool:
    checksum = known.get((step.origin, step.version))
    if checksum is not None:
        if checksum != step.checksum:
            raise MigrationError(f"{step.origin} step {step.version:04} was edited after it was applied.")
        return False
    for statement in statements(step.text, connection.dialect):
        connection.execute(statement, ())
    connection.execute(
        "INSERT INTO schema_ledger (origin, version, checksum, applied_at) VALUES (?, ?, ?, ?)",
        (step.origin, step.version, step.checksum, datetime.now(UTC).isoformat()),
    )
    return True


def statements(text: str, dialect: str) -> Iterable[str]:
    """The statements of a step for one database."""
    for part in re.split(r";[ \t]*(?:\n|$)", text):
        only = _ONLY.search(part)
        if only is not None and only[1] != dialect:
            continue
        statement = "\n".join(line for line in part.splitlines() if not line.lstrip().startswith("--")).strip()
        if statement:
            yield (
                statement.replace("BIGSERIAL PRIMARY KEY", "INTEGER PRIMARY KEY") if dialect == "sqlite" else statement
            )


def drift(url: str, schema: str, folders: Sequence[Path]) -> list[str]:
    """How the live tables differ from what the steps make; empty when they do not."""
    if url.startswith("sqlite"):
        with tempfile.TemporaryDirectory() as scratch:
            fresh_url = f"sqlite://{scratch}/fresh.db"
            migrate(fresh_url, schema, folders)
            return _differences(_shape(url, schema), _shape(fresh_url, schema))
    fresh = f"{schema}_fresh"
    migrate(url, fresh, folders)
    try:
        return _differences(_shape(url, schema), _shape(url, fresh))
    finally:
        connection = open_connection(url, "")
        connection.execute(f'DROP SCHEMA "{fresh}" CASCADE', ())
        connection.commit()
        connection.close()


def _differences(live: set[str], fresh: set[str]) -> list[str]:
    return sorted([f"missing: {line}" for line in fresh - live] + [f"unknown: {line}" for line in live - fresh])


def _shape(url: str, schema: str) -> set[str]:
    """Every column with its type, and every index, as lines of text."""
    connection = open_connection(url, schema)
    try:
        if connection.dialect == "sqlite":
            return _sqlite_shape(connection)
        columns = _rows(
            connection,
            "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = ?",
            schema,
        )
        indexes = _rows(connection, "SELECT indexdef FROM pg_indexes WHERE schemaname = ?", schema)
        return {" ".join(row) for row in columns} | {row[0].replace(f"{schema}.", "") for row in indexes}
    finally:
        connection.rollback()
        connection.close()


def _sqlite_shape(connection: Connection) -> set[str]:
    tables = [row[0] for row in _rows(connection, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    lines = {
        f"{row[0]}" for row in _rows(connection, "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql <> ''")
    }
    for table in tables:
        for _, name, kind, required, *_ in _rows(connection, f"PRAGMA table_info('{table}')"):
            lines.add(f"{table} {name} {kind} {required}")
    return lines


def _rows(connection: Connection, sql: str, *values: str) -> list[tuple[Any, ...]]:
    return list(connection.execute(sql, values).fetchall())
