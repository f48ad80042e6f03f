"""AsyncDAL: pyDAL behind a few worker threads. One unit of work = one thread = one transaction."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any, Literal

from flask_core.database_connections import Connection, open_connection, translate
from flask_core.errors import InvalidInput, Unavailable

_AWAY = "The database is not answering right now."
_MOST_SQLITE_THREADS = 2
_WAIT_SECONDS = 10.0


class UniqueViolation(Exception):
    """A row with the same key exists; the text names the constraint or the columns."""


class Tx:
    """What a unit of work gets. Placeholders are `?` on both databases; nothing lazy leaves the unit."""

    __slots__ = ("_connection", "dialect")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.dialect: Literal["sqlite", "postgres"] = connection.dialect

    @property
    def skip_locked(self) -> str:
        """The clause with which replicas claim rows without waiting for each other."""
        return " FOR UPDATE SKIP LOCKED" if self.dialect == "postgres" else ""

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows."""
        return self._execute(sql, values).fetchall()  # type: ignore[no-any-return]

    def row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""
        return self._execute(sql, values).fetchone()  # type: ignore[no-any-return]

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        found = self._execute(sql, values).fetchone()
        return None if found is None else found[0]

    def run(self, sql: str, *values: Any) -> int:
        """Execute; how many rows were touched."""
        return self._execute(sql, values).rowcount  # type: ignore[no-any-return]

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute once per row, in as few round trips as the driver can."""
        if rows:
            for row in rows:
                _check_texts(row)
            self._connection.execute_many(sql, rows)

    def _execute(self, sql: str, values: tuple[Any, ...]) -> Any:
        _check_texts(values)
        return self._connection.execute(sql, values)


def _check_texts(values: Sequence[Any]) -> None:
    for value in values:
        if isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise InvalidInput("This text has characters that cannot be kept.") from None
        if isinstance(value, str) and "\x00" in value:
            raise InvalidInput("This text has characters that cannot be kept.")


class _Worker:
    """A thread with a connection of its own."""

    def __init__(self, url: str, schema: str, name: str, *, read_only: bool) -> None:
        self._url, self._schema, self._read_only = url, schema, read_only
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._connection: Connection | None = None

    async def do[R](self, work: Callable[[], R]) -> R:
        """Run in the thread. The thread finishes even when the waiting is cancelled: its result is dropped."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def connect(self) -> Connection:
        if self._connection is None:
            self._connection = open_connection(self._url, self._schema, read_only=self._read_only)
        return self._connection

    def drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def unit[R](self, work: Callable[[Tx], R], write: bool) -> R:
        """One whole transaction. A connection that died before the commit is replaced once."""
        for last in (False, True):
            connection = self._guarded(self.connect)
            try:
                if write:
                    connection.begin_write()
                result = work(Tx(connection))
            except BaseException as error:
                if self._died(connection, error) and not last:
                    continue
                raise self._translated(error) from error
            return self._commit(connection, result)
        raise AssertionError("the second try returns or raises")

    def _commit[R](self, connection: Connection, result: R) -> R:
        try:
            connection.commit()
        except BaseException as error:
            self._died(connection, error)
            raise self._translated(error) from error
        return result

    def _died(self, connection: Connection, error: BaseException) -> bool:
        """Roll back; True when the connection is gone and was dropped."""
        if connection.is_dead(error) or not connection.rollback():
            self.drop()
            return True
        return False

    def _guarded[R](self, connect: Callable[[], R]) -> R:
        try:
            return connect()
        except BaseException as error:
            raise self._translated(error) from error

    def _translated(self, error: BaseException) -> BaseException:
        kind = translate(error)
        if kind == "unique":
            return UniqueViolation(str(error).splitlines()[0])
        return Unavailable(_AWAY, retry_after=1) if kind == "away" else error

    def shut(self) -> None:
        self._pool.submit(self.drop).result(timeout=5)
        self._pool.shutdown(wait=False)


class _Transaction:
    """A transaction that spans awaits: it begins with its first unit and pins that unit's worker."""

    def __init__(self, owner: AsyncDAL) -> None:
        self.owner = owner
        self.wrote = False
        self._worker: _Worker | None = None
        self._lock = asyncio.Lock()

    async def run[R](self, work: Callable[[Tx], R], write: bool) -> R:
        async with self._lock:
            if self._worker is None:
                self._worker = await self.owner._take()
            worker, begin = self._worker, write and not self.wrote
            self.wrote = self.wrote or write
            return await worker.do(lambda: self._step(worker, work, begin))

    def _step[R](self, worker: _Worker, work: Callable[[Tx], R], begin: bool) -> R:
        try:
            connection = worker.connect()
            if begin:
                connection.begin_write()
            return work(Tx(connection))
        except BaseException as error:
            raise worker._translated(error) from error

    async def end(self, *, commit: bool) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        try:
            if commit:
                await worker.do(lambda: worker._commit(worker.connect(), None))
            else:
                await asyncio.shield(worker.do(lambda: _roll_back(worker)))
        finally:
            self.owner._give(worker)


def _roll_back(worker: _Worker) -> None:
    if worker._connection is not None and not worker._connection.rollback():
        worker.drop()


class AsyncDAL:
    """A module's database.

    `url` is `sqlite:///path.db` or `postgres://user:password@host:port/name`; on PostgreSQL the tables are
    in `schema`. At most `threads` units run at once and `max_waiting` wait; more are refused as Unavailable.
    """

    def __init__(
        self, url: str, *, schema: str = "", threads: int = 4, max_waiting: int = 500, read_only: bool = False
    ) -> None:
        self.url = url
        self.schema = schema
        sqlite = url.startswith("sqlite")
        self.dialect: Literal["sqlite", "postgres"] = "sqlite" if sqlite else "postgres"
        self._read_only = read_only
        self._threads = min(threads, _MOST_SQLITE_THREADS) if sqlite else threads
        self._workers: list[_Worker] = []
        self._free: list[_Worker] = []
        self._waiters: list[asyncio.Future[_Worker]] = []
        self._max_waiting = max_waiting
        self._closed = False
        self._ambient: ContextVar[_Transaction | None] = ContextVar(f"transaction-{schema}", default=None)

    async def read[R](self, unit: Callable[[Tx], R]) -> R:
        """Run a unit that only reads."""
        return await self._run(unit, write=False)

    async def write[R](self, unit: Callable[[Tx], R]) -> R:
        """Run a unit that writes; it is committed when it returns and rolled back when it raises."""
        return await self._run(unit, write=True)

    async def _run[R](self, unit: Callable[[Tx], R], *, write: bool) -> R:
        ambient = self._ambient.get()
        if ambient is not None:
            return await ambient.run(unit, write)
        worker = await self._take()
        try:
            return await worker.do(lambda: worker.unit(unit, write))
        finally:
            self._give(worker)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[_Transaction]:
        """All units of this task inside are one transaction; joined when there is one already."""
        joined = self._ambient.get()
        if joined is not None:
            yield joined
            return
        transaction = _Transaction(self)
        token = self._ambient.set(transaction)
        try:
            yield transaction
        except BaseException:
            await transaction.end(commit=False)
            raise
        else:
            await transaction.end(commit=True)
        finally:
            self._ambient.reset(token)

    async def _take(self) -> _Worker:
        if self._closed:
            raise Unavailable(_AWAY, retry_after=1)
        if self._free:
            return self._free.pop()
        if len(self._workers) < self._threads:
            worker = _Worker(self.url, self.schema, f"{self.schema}-data", read_only=self._read_only)
            self._workers.append(worker)
            return worker
        if len(self._waiters) >= self._max_waiting:
            raise Unavailable(_AWAY, retry_after=1)
        waiter: asyncio.Future[_Worker] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                return await waiter
        except BaseException as error:
            self._leave(waiter)
            if isinstance(error, TimeoutError):
                raise Unavailable(_AWAY, retry_after=1) from None
            raise

    def _leave(self, waiter: asyncio.Future[_Worker]) -> None:
        if waiter in self._waiters:
            self._waiters.remove(waiter)
        elif waiter.done() and not waiter.cancelled():
            self._give(waiter.result())

    def _give(self, worker: _Worker) -> None:
        for waiter in self._next_waiters():
            if not waiter.done():
                waiter.set_result(worker)
                return
        self._free.append(worker)

    def _next_waiters(self) -> Iterator[asyncio.Future[_Worker]]:
        while self._waiters:
            yield self._waiters.pop(0)

    async def ping(self) -> None:
        """Raise Unavailable unless the database answers."""
        await self.read(lambda tx: tx.value("SELECT 1"))

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[AsyncDAL]:
        """Close all connections at the end; they open at the first use, so that a start waits for nobody."""
        self._closed = False
        try:
            yield self
        finally:
            await self.close()

    async def close(self) -> None:
        """Close all connections and end the threads; later units are refused until `connected` again."""
        self._closed = True
        workers, self._workers, self._free = self._workers, [], []
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(None, worker.shut) for worker in workers))
