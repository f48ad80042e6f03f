"""A module's tables leave as lines, come back into an empty database, and are the same; or nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flask_core import backup_pieces as pieces
from flask_core.auth import utc_now
from flask_core.backup_restore import Restores
from flask_core.backup_snapshot import Snapshots
from flask_core.contracts import backup
from flask_core.database import AsyncDAL
from flask_core.errors import Conflict, Unavailable
from flask_core.migrations import SHARED_FOLDER, fresh_tables
from flask_core.testing.databases import migrated

SCHEMA = """CREATE TABLE guests (
    id BIGSERIAL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    here BOOLEAN NOT NULL,
    weight DOUBLE PRECISION,
    seen_at TIMESTAMPTZ
);
CREATE TABLE notes (
    guest_id BIGINT NOT NULL REFERENCES guests (id),
    text TEXT NOT NULL
);
"""
SEEN = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)

type MakeDatabase = Callable[[Path], AsyncDAL]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "book"
    (found / "schema").mkdir(parents=True)
    (found / "schema" / "0001_first.sql").write_text(SCHEMA)
    return found


def restores_of(database: AsyncDAL, folder: Path) -> Restores:
    steps = [SHARED_FOLDER, folder / "schema"]
    return Restores(database, lambda: fresh_tables(database.url, database.schema, steps), utc_now)


async def furnish(database: AsyncDAL, notes: int = 3) -> None:
    """Three guests, of whom the last has left again, and what the first wrote."""
    guests = [("Zoë", True, 4.25, SEEN), ("ann", False, None, None), ("gone", True, 1.0, SEEN)]
    insert = "INSERT INTO guests (name, here, weight, seen_at) VALUES (?, ?, ?, ?)"
    await database.write(lambda tx: tx.many(insert, guests))
    await database.write(lambda tx: tx.run("DELETE FROM guests WHERE name = 'gone'"))
    written = [(1, f'{number} said "hi"\n\\ and é {"x" * 900}') for number in range(notes)]
    await database.write(lambda tx: tx.many("INSERT INTO notes (guest_id, text) VALUES (?, ?)", written))


async def brought(snapshots: Snapshots, restores: Restores, state: backup.State = "open") -> backup.Contents:
    """Everything of one database, waiting in another."""
    contents = await snapshots.take("s1")
    await restores.open(backup.OpenRestore("r1", contents), state)
    for table in contents.tables:
        for number in range(table.pieces):
            body = await snapshots.piece(backup.PieceOf("s1", table.name, number))
            await restores.put(backup.PutPiece("r1", table.name, number, body))
    return contents


async def test_what_leaves_one_database_is_the_same_in_another_of_the_other_kind(
    make_database: MakeDatabase, database_url: str, tmp_path: Path, folder: Path
) -> None:
    first = make_database(folder)
    other = migrated(folder, f"sqlite://{tmp_path}/other.db", "other")
    await furnish(first, 700)
    contents = await brought(Snapshots(first, utc_now), restores_of(other, folder))
    assert {table.name: table.rows for table in contents.tables}["notes"] == 700
    assert max(table.pieces for table in contents.tables) > 1
    await restores_of(other, folder).apply("r1")
    again = await Snapshots(other, utc_now).take("s2")
    assert again == contents
    row = await other.read(lambda tx: tx.row("SELECT here, weight, seen_at FROM guests WHERE name = 'Zoë'"))
    assert row == (True, 4.25, SEEN)
    insert = "INSERT INTO guests (name, here) VALUES ('new', ?) RETURNING id"
    assert await other.write(lambda tx: tx.value(insert, True)) == 4
    # And the way back, from SQLite to where it came from.
    await first.write(lambda tx: tx.run("DELETE FROM notes"))
    back = restores_of(first, folder)
    await brought(Snapshots(other, utc_now), back)
    await back.apply("r1")
    assert await first.write(lambda tx: tx.value(insert.replace("'new'", "'newer'"), True)) == 5
    await other.close()


async def test_a_snapshot_is_of_one_moment_and_stays_what_it_is(make_database: MakeDatabase, folder: Path) -> None:
    database = make_database(folder)
    await furnish(database)
    snapshots = Snapshots(database, utc_now)
    contents = await snapshots.take("s1")
    await database.write(lambda tx: tx.run("DELETE FROM notes"))
    assert await snapshots.take("s1") == contents
    await snapshots.forget("s1")
    assert await database.read(lambda tx: tx.value("SELECT count(*) FROM backup_pieces")) == 0
    assert (await snapshots.take("s1")).rows == contents.rows - 3


@pytest.mark.parametrize("state", ["open", "proof"])
async def test_a_changed_or_missing_piece_changes_nothing(
    make_database: MakeDatabase, folder: Path, state: backup.State
) -> None:
    database = make_database(folder)
    await furnish(database)
    snapshots, restores = Snapshots(database, utc_now), restores_of(database, folder)
    contents = await brought(snapshots, restores, state)
    notes = await snapshots.piece(backup.PieceOf("s1", "notes", 0))
    changed = pieces.packed(pieces.unpacked(notes).replace(b"1 said", b"2 said"))
    await restores.put(backup.PutPiece("r1", "notes", 0, changed))
    with pytest.raises(Conflict, match="notes is not what the backup holds"):
        await restores.apply("r1")
    assert (await Snapshots(database, utc_now).take("s2")).tables == contents.tables
    await restores.put(backup.PutPiece("r1", "notes", 0, notes))
    await restores.apply("r1")
    assert await restores.end("r1") == ("over" if state == "open" else "abandoned")


async def test_a_proof_touches_nothing_and_a_table_left_out_is_told(make_database: MakeDatabase, folder: Path) -> None:
    database = make_database(folder)
    await furnish(database)
    snapshots, restores = Snapshots(database, utc_now), restores_of(database, folder)
    contents = await brought(snapshots, restores, "proof")
    await database.write(lambda tx: tx.run("DELETE FROM notes"))
    await restores.apply("r1")
    assert await database.read(lambda tx: tx.value("SELECT count(*) FROM notes")) == 0
    fewer = backup.Contents(contents.steps, tuple(one for one in contents.tables if one.name != "notes"))
    with pytest.raises(Conflict, match="The backup has no table notes"):
        await restores.open(backup.OpenRestore("r2", fewer), "proof")
    older = backup.Contents(contents.steps[:-1], contents.tables)
    with pytest.raises(Conflict, match="another version"):
        await restores.open(backup.OpenRestore("r2", older), "open")


async def test_a_closed_database_refuses_whoever_does_not_say_that_they_may(
    make_database: MakeDatabase, folder: Path
) -> None:
    database = make_database(folder)
    await furnish(database)
    database.closed = "Closed for a moment."
    with pytest.raises(Unavailable, match="Closed for a moment"):
        await database.write(lambda tx: tx.run("DELETE FROM notes"))
    async with database.transaction():
        with pytest.raises(Unavailable, match="Closed for a moment"):
            await database.write(lambda tx: tx.run("DELETE FROM notes"))
    assert await database.read(lambda tx: tx.value("SELECT count(*) FROM notes")) == 3
    assert await database.write(lambda tx: tx.run("DELETE FROM notes"), while_closed=True) == 3
