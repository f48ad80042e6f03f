"""What the two databases have in common for those who use a connection, and what their errors mean."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import Any, Literal, NoReturn, Protocol

from flask_core import database_postgres, database_sqlite
from flask_core.errors import Unavailable

AWAY = "The database is not answering right now."


class UniqueViolation(Exception):
    """A row with the same key exists; `columns` are those of the key, `constraint` its name where it is known."""

    def __init__(self, constraint: str, columns: tuple[str, ...]) -> None:
        super().__init__(f"{constraint} ({', '.join(columns)})".strip())
        self.constraint = constraint
        self.columns = columns


class Meaning(Enum):
    """What a driver's error means for the caller."""

    TAKEN = auto()
    AWAY = auto()
    DEADLOCK = auto()
    OURS = auto()


class Connection(Protocol):
    """One connection of one thread. It begins and ends transactions only when told to.

    `ending` once it was told to end one: what fails from then on may have been committed.
    """

    dialect: Literal["sqlite", "postgres"]
    ending: bool

    def execute(self, sql: str, values: Sequence[Any]) -> Any: ...
    def execute_last(self, sql: str, values: Sequence[Any]) -> Any: ...
    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None: ...
    def script(self, sql: str) -> None: ...
    def flush(self) -> None: ...
    def begin_read(self) -> None: ...
    def end_read(self) -> None: ...
    def begin_write(self, *, alone: bool = False) -> None: ...
    def mark(self) -> None: ...
    def undo_to_mark(self) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> bool: ...
    def close(self) -> None: ...


def open_connection(url: str, schema: str, *, read_only: bool = False) -> Connection:
    """Open `url` for this thread; raises Unavailable when the database is away."""
    try:
        if url.startswith("sqlite"):
            return database_sqlite.SqliteConnection(url, read_only=read_only)
        return database_postgres.PostgresConnection(url, schema, read_only=read_only)
    except Exception as error:
        raise_in_our_words(error)


def meaning(error: BaseException) -> Meaning:
    """What a driver's error means; OURS is a mistake in a statement, or no driver's error at all."""
    for found in (database_sqlite.meaning(error), database_postgres.meaning(error)):
        if found:
            return Meaning[found]
    return Meaning.OURS


def raise_in_our_words(error: BaseException) -> NoReturn:
    """Raise a driver's error as repositories know it, any other as it is."""
    kind = meaning(error)
    if kind is Meaning.OURS:
        raise error
    if kind is Meaning.TAKEN:
        raise UniqueViolation(*(database_sqlite.taken_key(error) or database_postgres.taken_key(error))) from error
    raise Unavailable(AWAY, retry_after=1) from error
