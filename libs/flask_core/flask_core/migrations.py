"""Numbered steps that build a module's tables: once, in order, in one transaction, under a lock."""

from __future__ import annotations

import hashlib
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flask_core.database_connections import Connection, open_connection, raise_in_our_words
from flask_core.schema_shape import shape
from flask_core.schema_text import statements

if TYPE_CHECKING:
    from flask_core.app_factory import ModuleInfo

SHARED_FOLDER = Path(__file__).parent / "schema"
_FILE = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_LEDGER = (
    "CREATE TABLE IF NOT EXISTS schema_ledger (origin TEXT NOT NULL, version INTEGER NOT NULL, checksum TEXT NOT NULL,"
    " applied_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (origin, version))"
)
_KNOWN = "SELECT origin, version, checksum FROM schema_ledger"
_APPLIED = "INSERT INTO schema_ledger (origin, version, checksum, applied_at) VALUES (?, ?, ?, ?)"


type MakeFresh = Callable[[], AbstractContextManager[tuple[str, str]]]


class MigrationError(Exception):
    """A step cannot be used: it was edited after it was applied, or its file is named or numbered wrong."""


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

    def __str__(self) -> str:
        return f"{self.origin} {self.version:04}"


def migrate_module(info: ModuleInfo, url: str, *, schema: str = "") -> list[str]:
    """Bring a module's database up to date; returns the steps that were applied."""
    return migrate(url, schema or info.name, [SHARED_FOLDER, info.schema_folder])


def steps_in(folders: Sequence[Path]) -> list[Step]:
    """The steps of all folders, in order; those in a folder called `schema` are named after its parent."""
    return [step for folder in folders for step in _steps_of(folder)]


def _steps_of(folder: Path) -> Iterator[Step]:
    before = 0
    for path in sorted(folder.glob("*.sql")):
        named = _FILE.fullmatch(path.name)
        if named is None:
            raise MigrationError(f"{path.name} must be called like 0002_what_it_does.sql.")
        version = int(named[1])
        if version <= before:
            raise MigrationError(f"{path.name}: there is another step {version:04}.")
        before = version
        yield Step(folder.parent.name, version, path.read_text("utf-8"))


def migrate(url: str, schema: str, folders: Sequence[Path]) -> list[str]:
    """Apply what is missing and return its names. Safe for many processes at once: they queue at the lock.

    Raises MigrationError, Unavailable when the database is away, or the database's own error for a bad statement;
    then nothing was applied.
    """
    steps = steps_in(folders)
    with _locked(url, schema) as connection:
        connection.execute(_LEDGER, ())
        known = {(origin, version): checksum for origin, version, checksum in connection.execute(_KNOWN, ()).fetchall()}
        applied = [step for step in steps if _is_missing(step, known.get((step.origin, step.version)))]
        for step in applied:
            _apply(connection, step)
    return [str(step) for step in applied]


def _is_missing(step: Step, checksum: str | None) -> bool:
    if checksum is not None and checksum != step.checksum:
        raise MigrationError(f"{step} was edited after it was applied; undo that and write a new step.")
    return checksum is None


def _apply(connection: Connection, step: Step) -> None:
    for statement in statements(step.text, connection.dialect):
        connection.script(statement)
    connection.execute(_APPLIED, (step.origin, step.version, step.checksum, datetime.now(UTC)))


@contextmanager
def _locked(url: str, schema: str) -> Iterator[Connection]:
    connection = open_connection(url, schema)
    try:
        _lock(connection, schema)
        yield connection
        connection.commit()
    except Exception as error:
        connection.rollback()
        raise_in_our_words(error)
    finally:
        connection.close()


def _lock(connection: Connection, schema: str) -> None:
    if connection.dialect == "sqlite":
        connection.script("PRAGMA busy_timeout=60000")
        connection.begin_write()
        return
    connection.begin_write()
    connection.script("SET LOCAL statement_timeout = '120s'")
    key = int.from_bytes(hashlib.sha256(f"migrate {schema}".encode()).digest()[:8], "big", signed=True)
    connection.execute("SELECT pg_advisory_xact_lock(?)", (key,))
    # Asked first, because a user who may not create schemas may not even say IF NOT EXISTS.
    if schema and connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = ?", (schema,)).fetchone() is None:
        connection.script(f'CREATE SCHEMA "{schema}"')


def drift(url: str, schema: str, folders: Sequence[Path]) -> list[str]:
    """How the live tables differ from what the steps make; empty when they do not."""
    with fresh_tables(url, schema, folders) as (fresh_url, fresh_schema):
        live, fresh = _shape(url, schema), _shape(fresh_url, fresh_schema)
    return sorted([f"missing: {line}" for line in fresh - live] + [f"unknown: {line}" for line in live - fresh])


@contextmanager
def fresh_tables(url: str, schema: str, folders: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Address and schema of tables that the steps make beside the live ones; they go at the end."""
    if url.startswith("sqlite"):
        with tempfile.TemporaryDirectory() as scratch:
            fresh_url = f"sqlite://{scratch}/fresh.db"
            migrate(fresh_url, schema, folders)
            yield fresh_url, schema
        return
    fresh = f"{schema}_{secrets.token_hex(4)}"
    try:
        migrate(url, fresh, folders)
        yield url, fresh
    finally:
        _drop(url, fresh)


def _drop(url: str, schema: str) -> None:
    connection = open_connection(url, "")
    try:
        connection.script(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
    finally:
        connection.close()


def _shape(url: str, schema: str) -> set[str]:
    connection = open_connection(url, schema)
    try:
        return shape(connection, schema)
    finally:
        connection.close()
