"""SQLite as the modules use it: WAL, one writer at a time that the others queue behind, times and booleans."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydal import DAL

_BUSY_MS = 5_000
_SETTINGS = (
    # First, or the others would fail at once while another process opens the same new file.
    f"PRAGMA busy_timeout={_BUSY_MS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
)
_TAKEN = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID}
_AWAY = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_READONLY,
}  # fmt: skip
_PRIMARY = 0xFF
_INDEX = re.compile(r"index '(.+)'")


def file_of(url: str) -> Path:
    """The file of a `sqlite:///absolute/path.db` or `sqlite://relative/path.db` address."""
    return Path(url.removeprefix("sqlite://")).absolute()


class SqliteConnection:
    """A connection that pyDAL opened and that we begin and end transactions on ourselves."""

    dialect: Literal["sqlite", "postgres"] = "sqlite"

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        path = file_of(url)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._dal = DAL(f"sqlite://{path.name}", folder=str(path.parent), migrate_enabled=False, attempts=1)
        self._connection: sqlite3.Connection = self._dal._adapter.connection
        # The driver's implicit transactions would begin too late, and not as immediate ones.
        self._connection.isolation_level = None
        for setting in _SETTINGS:
            self._connection.execute(setting)
        if read_only:
            self._connection.execute("PRAGMA query_only=ON")
        self._changes = 0
        self._alone = False
        self._over = False
        self.ending = False

    def execute(self, sql: str, values: Sequence[Any]) -> Any:
        if self._over:
            raise RuntimeError("a unit said that a statement was its last, and went on")
        # A cursor per statement: one that was not read to its end would keep old pages from being reclaimed.
        return self._connection.execute(sql, values)

    def execute_last(self, sql: str, values: Sequence[Any]) -> Any:
        """The same for the last statement of a unit."""
        found = self.execute(sql, values)
        self._over = self._alone
        return found

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self._connection.executemany(sql, rows)

    def script(self, sql: str) -> None:
        """One statement without values."""
        self._connection.execute(sql)

    def flush(self) -> None:
        """Nothing is held back."""

    def begin_read(self) -> None:
        self._over = self.ending = False
        self._changes = self._connection.total_changes

    def end_read(self) -> None:
        if self._connection.total_changes != self._changes:
            raise RuntimeError("a read unit changed rows; it belongs in write()")

    def begin_write(self, *, alone: bool = False) -> None:
        self._alone, self._over, self.ending = alone, False, False
        # IMMEDIATE: two writers that both read first would otherwise fail at their first write.
        self._connection.execute("BEGIN IMMEDIATE")

    def mark(self) -> None:
        self._connection.execute("SAVEPOINT unit")

    def undo_to_mark(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK TO unit")

    def commit(self) -> None:
        self.ending = True
        self._connection.execute("COMMIT")

    def rollback(self) -> bool:
        """End the transaction, if there is one; False when the connection is of no more use."""
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            return False
        return True

    def close(self) -> None:
        self._dal.close()


def meaning(error: BaseException) -> str:
    """TAKEN, AWAY or "" (a mistake in a statement, or not SQLite's error)."""
    code = getattr(error, "sqlite_errorcode", None) if isinstance(error, sqlite3.Error) else None
    if code in _TAKEN:
        return "TAKEN"
    return "AWAY" if code is not None and code & _PRIMARY in _AWAY else ""


def taken_key(error: BaseException) -> tuple[str, tuple[str, ...]] | None:
    """Index name (for one over expressions) and columns of the key that is taken."""
    if not isinstance(error, sqlite3.Error):
        return None
    said = str(error).partition(": ")[2]
    if found := _INDEX.fullmatch(said):
        return found[1], ()
    return "", tuple(name.rpartition(".")[2] for name in said.split(", "))


def _time_to_text(at: datetime) -> str:
    """UTC, always with microseconds, so that texts sort like times."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _text_to_time(text: bytes) -> datetime:
    return datetime.fromisoformat(text.decode())


sqlite3.register_adapter(datetime, _time_to_text)
sqlite3.register_converter("TIMESTAMPTZ", _text_to_time)
sqlite3.register_converter("BOOLEAN", lambda value: value != b"0")
