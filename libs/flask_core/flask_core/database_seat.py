"""A thread's connection: it runs units of work as transactions and replaces a connection that died."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal

from flask_core.database_connections import AWAY, Connection, Meaning, meaning, raise_in_our_words
from flask_core.errors import InvalidInput, Unavailable

_BIGGEST = 2**63


class Tx:
    """What a unit of work gets. Placeholders are `?` on both databases; nothing lazy leaves the unit.

    An error of the database ends the unit: catch it outside, where it is a UniqueViolation or Unavailable.

    Texts that no database keeps (NUL, lone surrogates) and numbers over 64 bits raise InvalidInput; a time
    without zone is a mistake of ours and raises ValueError.
    """

    __slots__ = ("_execute", "_execute_last", "_execute_many", "dialect")

    def __init__(self, connection: Connection) -> None:
        self._execute = connection.execute
        self._execute_last = connection.execute_last
        self._execute_many = connection.execute_many
        self.dialect: Literal["sqlite", "postgres"] = connection.dialect

    @property
    def skip_locked(self) -> str:
        """The clause with which replicas claim rows without waiting for each other."""
        return " FOR UPDATE SKIP LOCKED" if self.dialect == "postgres" else ""

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows."""
        _check(values)
        return self._execute(sql, values).fetchall()  # type: ignore[no-any-return]

    def row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""
        _check(values)
        return self._execute(sql, values).fetchone()  # type: ignore[no-any-return]

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        _check(values)
        found = self._execute(sql, values).fetchone()
        return None if found is None else found[0]

    def run(self, sql: str, *values: Any) -> int:
        """Execute; how many rows were touched."""
        _check(values)
        return self._execute(sql, values).rowcount  # type: ignore[no-any-return]

    def last(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of the unit's last statement, which saves the round trip of a commit; no other may follow."""
        _check(values)
        return self._execute_last(sql, values).fetchall()  # type: ignore[no-any-return]

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute once per row, in as few round trips as the driver can."""
        for row in rows:
            _check(row)
        if rows:
            self._execute_many(sql, rows)


def _check(values: Sequence[Any]) -> None:
    for value in values:
        if isinstance(value, str):
            if "\x00" in value or not (value.isascii() or _encodable(value)):
                raise InvalidInput("This text has characters that cannot be kept.")
        elif isinstance(value, int):
            if not -_BIGGEST <= value < _BIGGEST:
                raise InvalidInput("That number is too large.")
        elif isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError("a time without zone cannot be kept")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _LostError(Exception):
    """The unit left no trace, and may succeed when it is done again."""


class Seat:
    """One thread's place; its connection opens at the first use and after it died."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._tx: Tx | None = None

    def read[R](self, unit: Callable[[Tx], R]) -> R:
        """A unit that only reads; each of its statements sees what is committed then."""
        return self._twice(_read, unit)

    def write[R](self, unit: Callable[[Tx], R]) -> R:
        """A whole transaction, done once more when it was lost before its commit, or to a deadlock."""
        return self._twice(_whole, unit)

    def begin[R](self, unit: Callable[[Tx], R]) -> R:
        """Start a transaction with `unit`, like write."""
        return self._twice(_begin, unit)

    def go_on[R](self, unit: Callable[[Tx], R], *, write: bool) -> R:
        """A further unit of the transaction; one that writes and raises is undone, and the transaction goes on."""
        connection, tx = self._open()
        try:
            if write:
                connection.mark()
            result = unit(tx)
            connection.flush()
            return result
        except BaseException as error:
            if write:
                connection.undo_to_mark()
            raise_in_our_words(error)

    def commit(self) -> None:
        """End the transaction. Never tried again: nobody knows whether one that failed was committed."""
        connection, _ = self._open()
        try:
            connection.commit()
        except BaseException as error:
            self._back_out(connection)
            raise_in_our_words(error)

    def roll_back(self) -> None:
        """End the transaction without a trace."""
        if self._connection is not None:
            self._back_out(self._connection)

    def drop(self) -> None:
        """Close the connection; the next unit opens another."""
        connection, self._connection, self._tx = self._connection, None, None
        if connection is not None:
            connection.close()

    def _twice[R](self, step: _Step[R], unit: Callable[[Tx], R]) -> R:
        try:
            return self._once(step, unit)
        except _LostError:
            return self._last(step, unit)

    def _last[R](self, step: _Step[R], unit: Callable[[Tx], R]) -> R:
        try:
            return self._once(step, unit)
        except _LostError as error:
            raise Unavailable(AWAY, retry_after=1) from error.__cause__

    def _once[R](self, step: _Step[R], unit: Callable[[Tx], R]) -> R:
        connection, tx = self._open()
        try:
            return step(connection, tx, unit)
        except BaseException as error:
            lost = self._back_out(connection) and not connection.ending
            if lost or meaning(error) is Meaning.DEADLOCK:
                raise _LostError from error
            raise_in_our_words(error)

    def _open(self) -> tuple[Connection, Tx]:
        if self._connection is None or self._tx is None:
            self._connection = self._connect()
            self._tx = Tx(self._connection)
        return self._connection, self._tx

    def _back_out(self, connection: Connection) -> bool:
        """Roll back; True when the connection is gone and was dropped."""
        if connection.rollback():
            return False
        self.drop()
        return True


type _Step[R] = Callable[[Connection, Tx, Callable[[Tx], R]], R]


def _read[R](connection: Connection, tx: Tx, unit: Callable[[Tx], R]) -> R:
    connection.begin_read()
    result = unit(tx)
    connection.end_read()
    return result


def _whole[R](connection: Connection, tx: Tx, unit: Callable[[Tx], R]) -> R:
    connection.begin_write(alone=True)
    result = unit(tx)
    connection.commit()
    return result


def _begin[R](connection: Connection, tx: Tx, unit: Callable[[Tx], R]) -> R:
    connection.begin_write()
    result = unit(tx)
    # Whatever is wrong with the unit must come out in it, while it can still be done again or undone alone.
    connection.flush()
    return result
