"""The pieces in which tables travel, and the rows that hold them until they are fetched or used."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Iterable, Iterator

from flask_core.contracts.backup import PIECE_BYTES, Table
from flask_core.database_seat import Tx
from flask_core.errors import Conflict, NotFound

_LEVEL = 6

type Lines = Iterator[bytes]


class Measure:
    """Counts and hashes what goes through it."""

    def __init__(self) -> None:
        self.rows = self.bytes = 0
        self._hash = hashlib.sha256()

    def add(self, data: bytes) -> None:
        """Some more of a table."""
        self.bytes += len(data)
        self.rows += data.count(b"\n")
        self._hash.update(data)

    def fits(self, table: Table) -> bool:
        """Whether all of that was this table."""
        return (self.rows, self.bytes, self.sha256) == (table.rows, table.bytes, table.sha256)

    @property
    def sha256(self) -> str:
        """Of all so far."""
        return self._hash.hexdigest()


def cut(parts: Iterable[bytes], measure: Measure) -> Iterator[bytes]:
    """Pieces of PIECE_BYTES, the last with what is left."""
    waiting = bytearray()
    for part in parts:
        measure.add(part)
        waiting += part
        while len(waiting) >= PIECE_BYTES:
            yield bytes(waiting[:PIECE_BYTES])
            del waiting[:PIECE_BYTES]
    if waiting:
        yield bytes(waiting)


def packed(piece: bytes) -> str:
    """A piece as it travels and waits."""
    return base64.b64encode(zlib.compress(piece, _LEVEL)).decode()


def unpacked(body: str) -> bytes:
    """The piece itself; raises Conflict for what is none."""
    try:
        inflating = zlib.decompressobj()
        piece = inflating.decompress(base64.b64decode(body, validate=True), PIECE_BYTES)
    except (zlib.error, binascii.Error) as error:
        raise Conflict("A piece of the backup cannot be read.") from error
    if not inflating.eof:
        raise Conflict("A piece of the backup is longer than a piece can be.")
    return piece


def lines(tx: Tx, owner: str, table: Table) -> Iterator[bytes]:
    """The lines of a table whose pieces wait; raises Conflict at the end when they are not those that were promised."""
    measure, rest = Measure(), b""
    for number in range(table.pieces):
        piece = unpacked(piece_of(tx, owner, table.name, number))
        measure.add(piece)
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
    if rest or not measure.fits(table):
        raise Conflict(f"What was brought of the table {table.name} is not what the backup holds.", table=table.name)


def piece_of(tx: Tx, owner: str, table: str, number: int) -> str:
    """A piece that waits; raises NotFound."""
    found = tx.value(
        "SELECT body FROM backup_pieces WHERE owner = ? AND table_name = ? AND number = ?", owner, table, number
    )
    if found is None:
        raise NotFound("There is no such piece.")
    return str(found)


def keep(tx: Tx, owner: str, table: str, number: int, body: str) -> None:
    """Let a piece wait; the same one again replaces it."""
    tx.run(
        "INSERT INTO backup_pieces (owner, table_name, number, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (owner, table_name, number) DO UPDATE SET body = excluded.body",
        owner, table, number, body,
    )  # fmt: skip


def drop(tx: Tx, owner: str) -> None:
    """Forget the pieces of a snapshot or a restore."""
    tx.run("DELETE FROM backup_pieces WHERE owner = ?", owner)


def steps_of(tx: Tx) -> tuple[tuple[str, int, str], ...]:
    """The steps that made the tables."""
    asked = "SELECT origin, version, checksum FROM schema_ledger ORDER BY origin, version"
    return tuple((origin, int(version), checksum) for origin, version, checksum in tx.rows(asked))
