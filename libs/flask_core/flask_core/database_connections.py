"""Connections that pyDAL opens, with what the two databases do differently."""

from __future__ import annotations

import functools
import re
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

import psycopg2
import psycopg2.extras
from pydal import DAL

_BUSY_MS = 5_000
_SQLITE = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={_BUSY_MS}",
)
_POSTGRES = (
    "SET TIME ZONE 'UTC'",
    "SET statement_timeout = '15s'",
    "SET idle_in_transaction_session_timeout = '30s'",
)
_ROWS_AT_ONCE = 100
_VALUES = re.compile(r"VALUES \((\?(?:, \?|, [0-9']+)*)\)")


class Connection(Protocol):
    """One connection of one thread."""

    dialect: Literal["sqlite", "postgres"]

    def execute(self, sql: str, values: Sequence[Any]) -> Any: ...
    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None: ...
    def begin_write(self) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> bool: ...
    def is_dead(self, error: BaseException) -> bool: ...
    def close(self) -> None: ...


def open_connection(url: str, schema: str, *, read_only: bool = False) -> Connection:
    """Open `url` for this thread; raises the driver's error when the database is away."""
    return SqliteConnection(url) if url.startswith("sqlite") else PostgresConnection(url, schema, read_only=read_only)


def sqlite_path(url: str) -> Path:
    """The file of a `sqlite://` address."""
    return Path(url.removeprefix("sqlite://"))


class SqliteConnection:
    """WAL, and writers that queue instead of failing."""

    dialect: Literal["sqlite", "postgres"] = "sqlite"

    def __init__(self, url: str) -> None:
        path = sqlite_path(url).absolute()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._dal = DAL(
            f"sqlite://{path.name}", folder=str(path.parent), pool_size=0, migrate_enabled=False, attempts=1
        )
        self._connection: sqlite3.Connection = self._dal._adapter.connection
        # We begin and commit ourselves; the driver's implicit transactions would begin too late.
        self._connection.isolation_level = None
        for pragma in _SQLITE:
            self._connection.execute(pragma)
        self._cursor = self._connection.cursor()

    def execute(self, sql: str, values: Sequence[Any]) -> Any:
        return self._cursor.execute(sql, values)

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self._cursor.executemany(sql, rows)

    def begin_write(self) -> None:
        # IMMEDIATE: two writers that both read first would otherwise fail at their first write.
        if not self._connection.in_transaction:
            self._cursor.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        if self._connection.in_transaction:
            self._connection.commit()

    def rollback(self) -> bool:
        if self._connection.in_transaction:
            self._connection.rollback()
        return True

    def is_dead(self, error: BaseException) -> bool:
        return isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error)

    def close(self) -> None:
        self._dal.close()


class PostgresConnection:
    """psycopg2 behind pyDAL's adapter, with limits so that no unit holds its thread for ever."""

    dialect: Literal["sqlite", "postgres"] = "postgres"

    def __init__(self, url: str, schema: str, *, read_only: bool) -> None:
        address = url.replace("postgresql://", "postgres://", 1).replace("postgres://", "postgres3://", 1)
        self._dal = DAL(
            address,
            pool_size=0,
            migrate_enabled=False,
            attempts=1,
            driver_args={"connect_timeout": 5},
            check_reserved=None,
        )
        self._connection: Any = self._dal._adapter.connection
        self._cursor = self._connection.cursor()
        for statement in _POSTGRES:
            self._cursor.execute(statement)
        if schema:
            self._cursor.execute("SELECT set_config('search_path', %s, false)", (f'"{schema}"',))
        self._connection.commit()
        if read_only:
            self._connection.set_session(readonly=True, autocommit=True)

    def execute(self, sql: str, values: Sequence[Any]) -> Any:
        self._cursor.execute(_for_psycopg(sql), values or None)
        return self._cursor

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        found = _VALUES.search(sql)
        if found is None or "(?" not in found[0]:
            psycopg2.extras.execute_batch(self._cursor, _for_psycopg(sql), rows, page_size=_ROWS_AT_ONCE)
            return
        group = found[0].removeprefix("VALUES ").replace("?", "%s")
        statement = f"{_for_psycopg(sql[: found.start()])}VALUES %s{_for_psycopg(sql[found.end() :])}"
        psycopg2.extras.execute_values(self._cursor, statement, rows, template=group, page_size=_ROWS_AT_ONCE)

    def begin_write(self) -> None:
        """psycopg2 begins with the first statement."""

    def commit(self) -> None:
        self._connection.commit()

    def rollback(self) -> bool:
        try:
            self._connection.rollback()
        except psycopg2.Error:
            return False
        return True

    def is_dead(self, error: BaseException) -> bool:
        return bool(self._connection.closed)

    def close(self) -> None:
        try:
            self._dal.close()
        except psycopg2.Error:
            # It was dead already; there is nothing left to close.
            return


@functools.cache
def _for_psycopg(sql: str) -> str:
    return sql.replace("?", "%s")


def translate(error: BaseException) -> Literal["unique", "away", ""]:
    """What a driver's error means for the caller: a taken key, a database that is away, or a fault of ours."""
    if isinstance(error, psycopg2.errors.UniqueViolation):
        return "unique"
    if isinstance(error, sqlite3.IntegrityError) and "UNIQUE" in str(error):
        return "unique"
    if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError):
        return "away"
    return (
        "away"
        if isinstance(error, sqlite3.OperationalError) and "no such" not in str(error) and "syntax" not in str(error)
        else ""
    )


def _time_to_text(at: datetime) -> str:
    """UTC with microseconds always, so that texts sort like times."""
    if at.tzinfo is None:
        raise ValueError("a time without zone cannot be kept")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _text_to_time(text: bytes) -> datetime:
    return datetime.fromisoformat(text.decode())


sqlite3.register_adapter(datetime, _time_to_text)
sqlite3.register_converter("TIMESTAMPTZ", _text_to_time)
sqlite3.register_converter("BOOLEAN", lambda value: value not in (b"0", b""))
