"""Restores a module's tables: brought in pieces, checked, and put in place of what is there in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from flask_core import backup_pieces as pieces
from flask_core.backup_rows import Columns, empty, fill, tables_of
from flask_core.contracts import backup
from flask_core.database import AsyncDAL, Tx
from flask_core.database_connections import open_connection, raise_in_our_words
from flask_core.errors import Conflict, NotFound
from flask_core.migrations import MakeFresh

ABANDONED_AFTER = timedelta(minutes=15)
KEPT = timedelta(hours=24)
CLOSED = "A backup is being restored; nothing can be changed for a few minutes."
_contents = msgspec.json.Decoder(backup.Contents)


class Restores:
    """One at a time. `fresh` makes tables for a proof, built by the same steps as the real ones."""

    def __init__(self, database: AsyncDAL, fresh: MakeFresh, now: Callable[[], datetime]) -> None:
        self._database = database
        self._fresh = fresh
        self._now = now

    async def open(self, asked: backup.OpenRestore, state: backup.State) -> None:
        """Begin; raises Conflict when what shall be brought does not fit the tables here."""
        text = msgspec.json.encode(asked.contents).decode()

        def unit(tx: Tx) -> None:
            _check_fits(tx, self._database.schema, asked.contents)
            if _state(tx, asked.id):
                return
            tx.run("UPDATE backup_restores SET state = 'abandoned' WHERE state = 'open'")
            tx.run(
                "INSERT INTO backup_restores (id, state, contents, touched_at) VALUES (?, ?, ?, ?)",
                asked.id, state, text, self._now(),
            )  # fmt: skip

        await self._write(unit)

    async def put(self, asked: backup.PutPiece) -> None:
        """Keep a piece until it is applied."""

        def unit(tx: Tx) -> None:
            if _state(tx, asked.id) not in {"open", "proof"}:
                raise NotFound("There is no such restore.")
            tx.run("UPDATE backup_restores SET touched_at = ? WHERE id = ?", self._now(), asked.id)
            pieces.keep(tx, asked.id, asked.table, asked.number, asked.body)

        await self._write(unit)

    async def apply(self, restore_id: str) -> None:
        """Put it in place; raises Conflict, and nothing is changed, when it is not what was promised."""
        state, contents = await self._contents(restore_id)
        if state == "proof":
            await asyncio.to_thread(self._prove, restore_id, contents)
        elif state == "open":
            await self._write(lambda tx: self._replace(tx, restore_id, contents))

    def _replace(self, tx: Tx, restore_id: str, contents: backup.Contents) -> None:
        if _state(tx, restore_id) != "open":
            return
        _be_patient(tx)
        _check_fits(tx, self._database.schema, contents)
        tables = tables_of(tx, self._database.schema)
        empty(tx, tables)
        _fill_all(tx, tables, contents, lambda table: pieces.lines(tx, restore_id, table))
        tx.run("UPDATE backup_restores SET state = 'applied', touched_at = ? WHERE id = ?", self._now(), restore_id)
        pieces.drop(tx, restore_id)

    def _prove(self, restore_id: str, contents: backup.Contents) -> None:
        source = open_connection(self._database.url, self._database.schema, read_only=True)
        try:
            with self._fresh() as (url, schema):
                target = open_connection(url, schema)
                try:
                    target.begin_write()
                    tx, waiting = Tx(target), Tx(source)
                    _be_patient(tx)
                    _check_fits(tx, schema, contents)
                    tables = tables_of(tx, schema)
                    # What steps put into tables themselves is in the backup, too.
                    empty(tx, tables)
                    _fill_all(tx, tables, contents, lambda table: pieces.lines(waiting, restore_id, table))
                    target.commit()
                finally:
                    target.rollback()
                    target.close()
        except Exception as error:
            raise_in_our_words(error)
        finally:
            source.close()

    async def state(self, restore_id: str) -> backup.State:
        """How far it is; who asks goes on with it."""

        def unit(tx: Tx) -> backup.State:
            tx.run("UPDATE backup_restores SET touched_at = ? WHERE id = ?", self._now(), restore_id)
            return _state(tx, restore_id)

        return await self._write(unit)

    async def end(self, restore_id: str) -> backup.State:
        """Nothing more comes: `over` when all rows are others now, else `abandoned`."""

        def unit(tx: Tx) -> backup.State:
            pieces.drop(tx, restore_id)
            state: backup.State = "over" if _state(tx, restore_id) in {"applied", "over"} else "abandoned"
            tx.run("UPDATE backup_restores SET state = ? WHERE id = ?", state, restore_id)
            return state

        return await self._write(unit)

    async def under_way(self) -> backup.State:
        """`open` or `applied` while nothing else may be written, else how the last one ended."""
        oldest = self._now() - ABANDONED_AFTER
        row = await self._database.read(
            lambda tx: tx.row(
                "SELECT state, touched_at FROM backup_restores WHERE state <> 'proof' ORDER BY touched_at DESC LIMIT 1"
            )
        )
        if row is None:
            return ""
        state: backup.State = row[0]
        return state if row[1] > oldest or state not in {"open", "applied"} else "abandoned"

    async def forget_old(self) -> None:
        """Those that nobody goes on with for a day."""
        before = self._now() - KEPT

        def unit(tx: Tx) -> None:
            for (old,) in tx.rows("SELECT id FROM backup_restores WHERE touched_at < ?", before):
                pieces.drop(tx, old)
                tx.run("DELETE FROM backup_restores WHERE id = ?", old)

        await self._write(unit)

    async def _contents(self, restore_id: str) -> tuple[backup.State, backup.Contents]:
        row = await self._database.read(
            lambda tx: tx.row("SELECT state, contents FROM backup_restores WHERE id = ?", restore_id)
        )
        if row is None:
            raise NotFound("There is no such restore.")
        return row[0], _contents.decode(row[1])

    async def _write[R](self, unit: Callable[[Tx], R]) -> R:
        return await self._database.write(unit, while_closed=True)


def _state(tx: Tx, restore_id: str) -> backup.State:
    return tx.value("SELECT state FROM backup_restores WHERE id = ?", restore_id) or ""


def _be_patient(tx: Tx) -> None:
    if tx.dialect == "postgres":
        tx.run("SET LOCAL statement_timeout = '600s'")


def _fill_all(
    tx: Tx, tables: list[Columns], contents: backup.Contents, lines: Callable[[backup.Table], pieces.Lines]
) -> None:
    brought = {table.name: table for table in contents.tables}
    for table in tables:
        fill(tx, table, brought[table.name], lines(brought[table.name]))


def _check_fits(tx: Tx, schema: str, contents: backup.Contents) -> None:
    if pieces.steps_of(tx) != contents.steps:
        raise Conflict("The backup was made by another version, with other tables.")
    here = {table.name: table.names for table in tables_of(tx, schema)}
    brought = {table.name: table.columns for table in contents.tables}
    if missing := sorted(here.keys() - brought.keys()):
        raise Conflict(f"The backup has no table {missing[0]}.", table=missing[0])
    if here != brought:
        raise Conflict("The backup has tables that are not known here.")
