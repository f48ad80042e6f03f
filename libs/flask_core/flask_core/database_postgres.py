"""PostgreSQL as the modules use it: psycopg2 behind pyDAL, with limits so that no unit holds its thread for ever."""

from __future__ import annotations

import re
import select
from collections.abc import Sequence
from functools import lru_cache
from itertools import batched
from typing import Any, Literal

import psycopg2
import psycopg2.errors
import psycopg2.extensions
from psycopg2 import sql as names
from pydal import DAL

_SETTINGS = (
    "SET TIME ZONE 'UTC'; SET statement_timeout = '15s'; SET idle_in_transaction_session_timeout = '30s';"
    " SET default_transaction_read_only = {}; SET search_path = {}"
)
# A server that vanished without a word is noticed within this time, not after the two hours of the system.
_LIMITS: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,
}
_ROWS_AT_ONCE = 100
_MOST_HELD_BACK = 256 * 1024
_IDLE = psycopg2.extensions.TRANSACTION_STATUS_IDLE
_VALUES = re.compile(r"VALUES (\([^()]*\))")
_COLUMNS = re.compile(r"Key \((.*?)\)=")


class PostgresConnection:
    """The driver commits by itself, so that a read costs one round trip; we send BEGIN and COMMIT.

    Statements whose answer nobody needs are held back until one whose answer is waited for, or the unit's end. A unit
    that ends with the only answer it waits for costs one round trip too: what is sent together is one transaction.
    """

    dialect: Literal["sqlite", "postgres"] = "postgres"

    def __init__(self, url: str, schema: str, *, read_only: bool = False) -> None:
        self._connection = psycopg2.connect(url, **_LIMITS)
        self._connection.autocommit = True
        # pyDAL would wait a second and hide why a connection failed; it is given one that is open already.
        opened = {"connection_factory": lambda *_: self._connection}
        self._dal = DAL("postgres3://us@opened/already", migrate_enabled=False, attempts=1, driver_args=opened)
        self._cursor = self._connection.cursor()
        self._held_back: list[bytes] = []
        self._held_bytes = 0
        self._marks = 0
        self._mark_at = 0
        self._alone = False
        self._over = False
        self.ending = False
        self._socket = select.poll()
        self._socket.register(self._connection.fileno(), select.POLLIN)
        path = names.SQL(", ").join([names.Identifier(name) for name in (schema, "public") if name])
        only = names.Literal("on" if read_only else "off")
        self._cursor.execute(names.SQL(_SETTINGS).format(only, path))

    def execute(self, sql: str, values: Sequence[Any]) -> Any:
        if self._over:
            raise RuntimeError("a unit said that a statement was its last, and went on")
        statement = _for_psycopg(sql)
        if self._held_back:
            self._send(self._cursor.mogrify(statement, values or None))
        else:
            self._cursor.execute(statement, values or None)
        return self._cursor

    def execute_last(self, sql: str, values: Sequence[Any]) -> Any:
        """The same for the last statement of a unit, which ends its transaction, too, where that is its own."""
        if self._alone and self._held_back[:1] == [b"BEGIN"]:
            del self._held_back[0]
            self.ending = True
            self.execute(sql, values)
            self._over = True
            return self._cursor
        return self.execute(sql, values)

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        found, fill = _VALUES.search(sql), self._cursor.mogrify
        # DO UPDATE refuses a statement that holds the same key twice; row by row the last one wins.
        if found is None or sql.count("?") != found[1].count("?") or "DO UPDATE" in sql:
            statement = _for_psycopg(sql)
            for row in rows:
                self._hold_back(fill(statement, row))
            return
        before, after, places = sql[: found.start(1)].encode(), sql[found.end(1) :].encode(), _for_psycopg(found[1])
        for some in batched(rows, _ROWS_AT_ONCE, strict=False):
            self._hold_back(before + b", ".join(fill(places, row) for row in some) + after)

    def script(self, sql: str) -> None:
        """One statement without values, in which ? and % are what they are."""
        self._send(sql.encode())

    def flush(self) -> None:
        """Send what is held back; a transaction or a mark in which nothing was asked for is not begun at all."""
        if self._held_bytes:
            self._send(b"")

    def _hold_back(self, statement: bytes) -> None:
        self._held_back.append(statement)
        self._held_bytes += len(statement)
        if self._held_bytes > _MOST_HELD_BACK:
            self.flush()

    def _send(self, statement: bytes) -> None:
        together = b"; ".join([*self._held_back, statement])
        self._forget_held_back()
        self._cursor.execute(together)

    def _forget_held_back(self) -> None:
        self._held_back, self._held_bytes, self._mark_at = [], 0, 0

    def begin_read(self) -> None:
        """Nothing to begin: each statement stands alone."""
        self._over = self.ending = False

    def end_read(self) -> None:
        """Nothing to end."""

    def begin_write(self, *, alone: bool = False) -> None:
        """Begin; `alone` when one unit is the whole transaction."""
        self._alone, self._over, self.ending = alone, False, False
        if self._socket.poll(0):
            # Nobody was asked anything: the server said good-bye. That is still the time to try another connection.
            self._connection.close()
            raise psycopg2.OperationalError("the server ended the connection")
        self._held_back, self._held_bytes = [b"BEGIN"], 0
        self._marks = 0

    def mark(self) -> None:
        self._marks += 1
        self._mark_at = len(self._held_back)
        self._held_back.append(f"SAVEPOINT unit{self._marks}".encode())

    def undo_to_mark(self) -> None:
        name = f"SAVEPOINT unit{self._marks}".encode()
        if name in self._held_back:
            self._held_back, self._held_bytes = self._held_back[: self._mark_at], 0
        elif not self._connection.closed:
            self._forget_held_back()
            self._cursor.execute(f"ROLLBACK TO unit{self._marks}")

    def commit(self) -> None:
        if self._over:
            return
        if self._held_back[:1] == [b"BEGIN"] and not self._held_bytes:
            self._forget_held_back()
            return
        self.ending = True
        self._send(b"COMMIT")
        if self._cursor.statusmessage != "COMMIT":
            raise RuntimeError("a statement of the transaction had failed; PostgreSQL rolled it back")

    def rollback(self) -> bool:
        """End the transaction, if there is one; False when the connection is of no more use."""
        self._forget_held_back()
        self._over = False
        try:
            if self._connection.info.transaction_status != _IDLE:
                self._cursor.execute("ROLLBACK")
        except psycopg2.Error:
            return False
        return not self._connection.closed

    def close(self) -> None:
        try:
            self._dal.close()
        except psycopg2.Error:
            # It was dead already; there is nothing left to close.
            return


@lru_cache(maxsize=2_000)
def _for_psycopg(sql: str) -> str:
    return sql.replace("?", "%s")


def meaning(error: BaseException) -> str:
    """TAKEN, AWAY, DEADLOCK or "" (a mistake in a statement, or not PostgreSQL's error)."""
    if isinstance(error, psycopg2.errors.UniqueViolation):
        return "TAKEN"
    if isinstance(error, psycopg2.errors.DeadlockDetected | psycopg2.errors.SerializationFailure):
        return "DEADLOCK"
    return "AWAY" if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError) else ""


def taken_key(error: BaseException) -> tuple[str, tuple[str, ...]]:
    """Constraint and columns of the key that is taken; never the values, which somebody typed."""
    assert isinstance(error, psycopg2.Error)
    found = _COLUMNS.match(error.diag.message_detail or "")
    return error.diag.constraint_name or "", tuple(found[1].split(", ")) if found else ()
