"""AsyncDAL: pyDAL behind a few threads. One unit of work = one thread = one transaction."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from typing import Literal

from flask_core.database_connections import Connection, UniqueViolation, open_connection
from flask_core.database_seat import Seat, Tx
from flask_core.database_threads import Lane, Patience
from flask_core.database_transaction import Transaction
from flask_core.errors import Unavailable

__all__ = ["AsyncDAL", "Transaction", "Tx", "UniqueViolation"]


_CLOSED_RETRY = 30.0


class AsyncDAL:
    """A module's database.

    `url` is `sqlite:///absolute/path.db`, `sqlite://relative/path.db` or `postgres://user:password@host:port/name`;
    on PostgreSQL the tables are in `schema`. At most `threads` units run at once (on SQLite two: one that reads,
    one that writes) and `max_waiting` wait, none longer than `wait_seconds`. A database that is away, a full queue
    and a wait that was too long raise Unavailable; a key that is taken raises UniqueViolation.
    """

    def __init__(
        self,
        url: str,
        *,
        schema: str = "",
        threads: int = 4,
        max_waiting: int = 200,
        read_only: bool = False,
        wait_seconds: float = 10.0,
        idle_seconds: float = 30.0,
    ) -> None:
        self.url = url
        self.schema = schema
        self.closed = ""
        self.dialect: Literal["sqlite", "postgres"] = "sqlite" if url.startswith("sqlite") else "postgres"
        self._read_only = read_only
        self._idle_seconds = idle_seconds
        patience = Patience(max_waiting, wait_seconds)
        if self.dialect == "sqlite":
            self._readers = Lane(self._make_seat, patience, most=1, name=f"{schema}-reads")
            # SQLite has one writer at a time. Here writers queue in order; at the file they would poll for its lock.
            self._writers = Lane(self._make_seat, patience, most=1, name=f"{schema}-writes")
        else:
            self._readers = self._writers = Lane(self._make_seat, patience, most=threads, name=f"{schema}-data")
        self._ambient: ContextVar[Transaction | None] = ContextVar(f"transaction-{schema}", default=None)

    def _make_seat(self) -> Seat:
        return Seat(self._connect)

    def _connect(self) -> Connection:
        return open_connection(self.url, self.schema, read_only=self._read_only)

    async def read[R](self, unit: Callable[[Tx], R]) -> R:
        """Run a unit that only reads."""
        transaction = self._joined()
        if transaction is not None:
            return await transaction.read(unit)
        return await self._readers.do(lambda seat: seat.read(unit))

    async def write[R](self, unit: Callable[[Tx], R], *, while_closed: bool = False) -> R:
        """Run a unit that writes; it is committed when it returns and rolled back when it raises.

        A unit whose connection died before its commit runs once more: it must change nothing but rows.
        While `closed` says why, only units that are `while_closed` are run; others raise Unavailable.
        """
        if self._read_only:
            raise RuntimeError("this database was opened for reading")
        if not while_closed:
            unit = self._unless_closed(unit)
        transaction = self._joined()
        if transaction is not None:
            return await transaction.write(unit)
        return await self._writers.do(lambda seat: seat.write(unit))

    def _unless_closed[R](self, unit: Callable[[Tx], R]) -> Callable[[Tx], R]:
        def run(tx: Tx) -> R:
            # Asked in the thread: units that queued before it was closed are refused as well.
            if self.closed:
                raise Unavailable(self.closed, retry_after=_CLOSED_RETRY)
            return unit(tx)

        return run

    def _joined(self) -> Transaction | None:
        transaction = self._ambient.get()
        # A task that was started inside inherits the context, but may outlive the transaction.
        if transaction is None or transaction.task is not asyncio.current_task():
            return None
        return transaction

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """All units of this task inside are one transaction; joined when there is one already.

        From its first write it holds a thread, and on SQLite the only one that writes: await nothing slow inside,
        and no other task that writes here too.
        After `idle_seconds` without a unit it is rolled back and what comes then raises Unavailable.
        """
        joined = self._joined()
        if joined is not None:
            yield joined
            return
        transaction = Transaction(self._readers, self._writers, idle_seconds=self._idle_seconds)
        token = self._ambient.set(transaction)
        try:
            yield transaction
        except BaseException:
            transaction.roll_back()
            raise
        finally:
            self._ambient.reset(token)
        await transaction.commit()

    @property
    def in_transaction(self) -> bool:
        """Whether what this task reads may be rolled back yet."""
        transaction = self._joined()
        return transaction is not None and transaction.wrote

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call when what this task has written is committed: at the end of its transaction, else now."""
        transaction = self._joined()
        if transaction is None:
            call()
        else:
            transaction.after_commit(call)

    async def ping(self) -> None:
        """Raise Unavailable unless the database answers."""
        await self._readers.do(lambda seat: seat.read(lambda tx: tx.value("SELECT 1")))

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[AsyncDAL]:
        """Close all connections at the end; they open at the first use, so that a start waits for nobody."""
        try:
            yield self
        finally:
            await self.close()

    async def close(self) -> None:
        """Finish what is queued, close all connections and end the threads; a later unit starts new ones."""
        await self._readers.close()
        if self._writers is not self._readers:
            await self._writers.close()
