"""Takes a snapshot of a module's tables: all as they were at one moment, kept until the portal has fetched it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from flask_core import backup_pieces as pieces
from flask_core.backup_rows import Columns, count, last_number, lines_of, tables_of
from flask_core.contracts import backup
from flask_core.database import AsyncDAL, Tx
from flask_core.database_connections import Connection, open_connection, raise_in_our_words
from flask_core.errors import Conflict, NotFound

KEPT = timedelta(hours=24)
_PATIENCE = 60.0
_QUIET = timedelta(minutes=1)
_contents = msgspec.json.Decoder(backup.Contents)
_BEGIN = {"sqlite": ("BEGIN",), "postgres": (
    "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", "SET LOCAL statement_timeout = '600s'",
    "SET LOCAL idle_in_transaction_session_timeout = '120s'",
)}  # fmt: skip

type Put = Callable[[str, int, bytes], None]


class Snapshots:
    """A name is one snapshot, however often it is asked for and by whichever replica it is taken."""

    def __init__(self, database: AsyncDAL, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def find(self, snapshot_id: str) -> backup.Contents | None:
        """What is in a snapshot that is complete."""
        found = await self._database.read(
            lambda tx: tx.value("SELECT contents FROM backup_snapshots WHERE id = ?", snapshot_id)
        )
        return _contents.decode(found) if found else None

    async def is_being_taken(self, snapshot_id: str) -> bool:
        """Whether a replica is at it, or was until a moment ago."""
        since = self._now() - _QUIET
        return bool(
            await self._database.read(
                lambda tx: tx.value(
                    "SELECT 1 FROM backup_snapshots WHERE id = ? AND contents = '' AND made_at > ?", snapshot_id, since
                )
            )
        )

    async def take(self, snapshot_id: str) -> backup.Contents:
        """Take it, unless it is there; raises Conflict when somebody else began it anew meanwhile."""
        known = await self.find(snapshot_id)
        if known is not None:
            return known
        attempt = secrets.token_hex(8)
        now = self._now()
        await self._write(lambda tx: _begin(tx, snapshot_id, attempt, now))
        loop = asyncio.get_running_loop()

        def put(table: str, number: int, piece: bytes) -> None:
            body = pieces.packed(piece)
            writing = self._write(lambda tx: _keep(tx, attempt, table, number, body, self._now()))
            asyncio.run_coroutine_threadsafe(writing, loop).result(_PATIENCE)

        contents = await asyncio.to_thread(_read_all, self._database.url, self._database.schema, put)
        text = msgspec.json.encode(contents).decode()
        if not await self._write(lambda tx: _complete(tx, snapshot_id, attempt, text)):
            await self._write(lambda tx: pieces.drop(tx, attempt))
            raise Conflict("This backup was begun anew meanwhile.")
        return contents

    async def piece(self, asked: backup.PieceOf) -> str:
        """A piece as it travels."""

        def unit(tx: Tx) -> str:
            attempt = tx.value("SELECT attempt FROM backup_snapshots WHERE id = ? AND contents <> ''", asked.id)
            if attempt is None:
                raise NotFound("There is no such snapshot.")
            return pieces.piece_of(tx, attempt, asked.table, asked.number)

        return await self._database.read(unit)

    async def forget(self, snapshot_id: str) -> None:
        """It was fetched."""
        await self._write(lambda tx: _forget(tx, snapshot_id))

    async def forget_old(self) -> None:
        """Those that nobody fetched within a day."""
        before = self._now() - KEPT

        def unit(tx: Tx) -> None:
            for (old,) in tx.rows("SELECT id FROM backup_snapshots WHERE made_at < ?", before):
                _forget(tx, old)

        await self._write(unit)

    async def present(self) -> backup.Present:
        """What there is now."""

        def unit(tx: Tx) -> backup.Present:
            rows = {table.name: count(tx, table.name) for table in tables_of(tx, self._database.schema)}
            return backup.Present(pieces.steps_of(tx), rows)

        return await self._database.read(unit)

    async def _write[R](self, unit: Callable[[Tx], R]) -> R:
        return await self._database.write(unit, while_closed=True)


def _begin(tx: Tx, snapshot_id: str, attempt: str, now: datetime) -> None:
    _forget(tx, snapshot_id)
    tx.run(
        "INSERT INTO backup_snapshots (id, attempt, contents, made_at) VALUES (?, ?, '', ?)", snapshot_id, attempt, now
    )


def _keep(tx: Tx, attempt: str, table: str, number: int, body: str, now: datetime) -> None:
    pieces.keep(tx, attempt, table, number, body)
    tx.run("UPDATE backup_snapshots SET made_at = ? WHERE attempt = ?", now, attempt)


def _complete(tx: Tx, snapshot_id: str, attempt: str, contents: str) -> int:
    return tx.run(
        "UPDATE backup_snapshots SET contents = ? WHERE id = ? AND attempt = ?", contents, snapshot_id, attempt
    )


def _forget(tx: Tx, snapshot_id: str) -> None:
    if (attempt := tx.value("SELECT attempt FROM backup_snapshots WHERE id = ?", snapshot_id)) is not None:
        pieces.drop(tx, attempt)
        tx.run("DELETE FROM backup_snapshots WHERE id = ?", snapshot_id)


def _read_all(url: str, schema: str, put: Put) -> backup.Contents:
    """In a thread, over a connection of its own: everything is as it was when it began."""
    connection = open_connection(url, schema)
    try:
        for statement in _BEGIN[connection.dialect]:
            connection.script(statement)
        tx = Tx(connection)
        steps = pieces.steps_of(tx)
        return backup.Contents(steps, tuple(_read(connection, tx, table, put) for table in tables_of(tx, schema)))
    except Exception as error:
        raise_in_our_words(error)
    finally:
        connection.rollback()
        connection.close()


def _read(connection: Connection, tx: Tx, table: Columns, put: Put) -> backup.Table:
    measure = pieces.Measure()
    for number, piece in enumerate(pieces.cut(lines_of(connection, table), measure)):
        put(table.name, number, piece)
    return backup.Table(table.name, table.names, measure.rows, measure.bytes, measure.sha256, last_number(tx, table))
