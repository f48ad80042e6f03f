"""Steps are applied once, in order, by whoever comes first; edited ones and drifted tables are told."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path
from types import SimpleNamespace

import pytest

from flask_core.database import AsyncDAL
from flask_core.errors import Unavailable
from flask_core.migrations import SHARED_FOLDER, MigrationError, drift, migrate, migrate_module
from flask_core.schema_text import statements
from flask_core.testing.servers import free_port

type Write = Callable[[str, str], Path]

FIRST = """-- Who is here.
CREATE TABLE guests (
    id BIGSERIAL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    seen_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX guests_seen ON guests (seen_at) WHERE seen_at IS NOT NULL;
"""
SECOND = "ALTER TABLE guests ADD COLUMN score DOUBLE PRECISION;\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "guestbook" / "schema"
    found.mkdir(parents=True)
    return found


@pytest.fixture
def write(folder: Path) -> Write:
    def write(name: str, text: str) -> Path:
        (folder / name).write_text(text)
        return folder

    return write


async def rows(url: str, schema: str, sql: str) -> list[tuple[object, ...]]:
    async with AsyncDAL(url, schema=schema).connected() as database:
        return await database.read(lambda tx: tx.rows(sql))


async def test_missing_steps_are_applied_in_order_and_written_down(
    database_url: str, schema_name: str, write: Write
) -> None:
    folder = write("0001_first.sql", FIRST)
    assert migrate(database_url, schema_name, [SHARED_FOLDER, folder]) == [
        "flask_core 0001",
        "flask_core 0002",
        "guestbook 0001",
    ]
    write("0002_scores.sql", SECOND)
    assert migrate(database_url, schema_name, [SHARED_FOLDER, folder]) == ["guestbook 0002"]
    assert migrate(database_url, schema_name, [SHARED_FOLDER, folder]) == []
    assert await rows(database_url, schema_name, "SELECT name, score FROM guests") == []
    ledger = await rows(
        database_url, schema_name, "SELECT origin, version, applied_at FROM schema_ledger ORDER BY 1, 2"
    )
    assert [row[:2] for row in ledger] == [
        ("flask_core", 1), ("flask_core", 2), ("guestbook", 1), ("guestbook", 2),
    ]  # fmt: skip


async def test_a_module_is_migrated_by_what_its_info_says(database_url: str, schema_name: str, write: Write) -> None:
    info = SimpleNamespace(name="unused", schema_folder=write("0001_first.sql", FIRST))
    assert migrate_module(info, database_url, schema=schema_name) == [
        "flask_core 0001",
        "flask_core 0002",
        "guestbook 0001",
    ]  # type: ignore[arg-type]


async def test_an_edited_step_is_named_and_nothing_is_applied(
    database_url: str, schema_name: str, write: Write
) -> None:
    folder = write("0001_first.sql", FIRST)
    migrate(database_url, schema_name, [folder])
    write("0001_first.sql", FIRST + "-- a word\n")
    write("0002_scores.sql", SECOND)
    with pytest.raises(MigrationError, match="guestbook 0001 was edited"):
        migrate(database_url, schema_name, [folder])
    assert await rows(database_url, schema_name, "SELECT version FROM schema_ledger") == [(1,)]


async def test_a_bad_statement_undoes_all_steps_of_the_run(database_url: str, schema_name: str, write: Write) -> None:
    folder = write("0001_first.sql", FIRST)
    write("0002_bad.sql", SECOND + "ALTER TABLE nowhere ADD COLUMN x TEXT;\n")
    with pytest.raises(Exception, match="nowhere"):
        migrate(database_url, schema_name, [folder])
    write("0002_bad.sql", SECOND)
    assert migrate(database_url, schema_name, [folder]) == ["guestbook 0001", "guestbook 0002"]


def test_files_must_be_named_so_that_their_order_is_clear(write: Write) -> None:
    folder = write("0001_first.sql", FIRST)
    write("0001_other.sql", SECOND)
    with pytest.raises(MigrationError, match="another step 0001"):
        migrate("sqlite:///nowhere/at/all.db", "", [folder])
    (folder / "0001_other.sql").rename(folder / "second.sql")
    with pytest.raises(MigrationError, match="must be called like"):
        migrate("sqlite:///nowhere/at/all.db", "", [folder])


def test_a_database_that_is_away_is_an_outage(write: Write) -> None:
    folder = write("0001_first.sql", FIRST)
    with pytest.raises(Unavailable, match="not answering"):
        migrate(f"postgres://nobody@127.0.0.1:{free_port()}/none", "guests", [folder])


def _migrate_together(
    url: str, schema: str, folders: list[Path], barrier: Barrier, applied: multiprocessing.Queue[list[str]]
) -> None:
    barrier.wait()
    try:
        applied.put(migrate(url, schema, folders))
    except Exception as error:
        applied.put([repr(error)])


async def test_of_four_processes_at_once_one_applies_and_the_others_find_it_done(
    database_url: str, schema_name: str, write: Write
) -> None:
    write("0002_scores.sql", SECOND)
    folders = [SHARED_FOLDER, write("0001_first.sql", FIRST)]
    context = multiprocessing.get_context("spawn")
    barrier, applied = context.Barrier(4), context.Queue()
    processes = [
        context.Process(target=_migrate_together, args=(database_url, schema_name, folders, barrier, applied))
        for _ in range(4)
    ]
    for process in processes:
        process.start()
    answers = sorted(applied.get(timeout=60) for _ in processes)
    for process in processes:
        process.join(30)
    assert answers == [[], [], [], ["flask_core 0001", "flask_core 0002", "guestbook 0001", "guestbook 0002"]]
    assert drift(database_url, schema_name, folders) == []


async def test_tables_that_are_as_they_should_be_do_not_drift(
    database_url: str, schema_name: str, write: Write
) -> None:
    folder = write("0001_first.sql", FIRST)
    migrate(database_url, schema_name, [SHARED_FOLDER, folder])
    assert drift(database_url, schema_name, [SHARED_FOLDER, folder]) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("ALTER TABLE guests ADD COLUMN extra TEXT", "unknown: guests.extra"),
        ("ALTER TABLE guests DROP COLUMN score", "missing: guests.score"),
        ("DROP INDEX guests_seen", "missing: CREATE UNIQUE INDEX guests_seen"),
        ("CREATE INDEX guests_more ON guests (score)", "unknown: CREATE INDEX guests_more"),
        ("CREATE TABLE others (id BIGINT NOT NULL, name TEXT, UNIQUE (name))", "unknown: others.id"),
        ("DROP TABLE executions", "missing: executions.answer"),
    ],
)
async def test_a_change_by_hand_is_told(
    database_url: str, schema_name: str, write: Write, change: str, told: str
) -> None:
    write("0002_scores.sql", SECOND)
    folders = [SHARED_FOLDER, write("0001_first.sql", FIRST)]
    migrate(database_url, schema_name, folders)
    async with AsyncDAL(database_url, schema=schema_name).connected() as database:
        await database.write(lambda tx: tx.run(change))
    assert any(line.startswith(told) for line in drift(database_url, schema_name, folders))


async def test_looking_for_drift_leaves_no_scratch_schema_behind(postgres_url: str, write: Write) -> None:
    folder = write("0001_bad.sql", "CREATE TABLE nothing (;\n")
    with pytest.raises(Exception, match="syntax"):
        drift(postgres_url, "scratched", [folder])
    left = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'scratched')"
    assert await rows(postgres_url, "", left) == []


async def test_a_unique_key_that_is_gone_is_told(database_url: str, schema_name: str, write: Write) -> None:
    folder = write("0001_first.sql", FIRST.replace(" UNIQUE,", ","))
    migrate(database_url, schema_name, [folder])
    write("0001_first.sql", FIRST)
    assert any("UNIQUE" in line and line.startswith("missing") for line in drift(database_url, schema_name, [folder]))


TRIGGER = """
-- only: sqlite
CREATE TRIGGER guests_gone AFTER DELETE ON guests BEGIN
    DELETE FROM notes WHERE guest = old.id;
    UPDATE sums SET total = total - 1;
END;
-- only: postgres
CREATE FUNCTION gone() RETURNS trigger AS $$
BEGIN
    DELETE FROM notes WHERE guest = OLD.id;
    RETURN OLD;
END;
$$ LANGUAGE plpgsql;
-- only: postgres
CREATE TRIGGER guests_gone AFTER DELETE ON guests EXECUTE FUNCTION gone();
CREATE TABLE last_one (text TEXT DEFAULT 'a;b')
"""


def test_bodies_and_dialects_are_told_apart() -> None:
    sqlite, postgres = list(statements(TRIGGER, "sqlite")), list(statements(TRIGGER, "postgres"))
    assert [statement.split("(")[0].split()[:3] for statement in sqlite] == [
        ["CREATE", "TRIGGER", "guests_gone"],
        ["CREATE", "TABLE", "last_one"],
    ]
    assert sqlite[0].endswith("END;")
    assert [statement.split()[1] for statement in postgres] == ["FUNCTION", "TRIGGER", "TABLE"]
    assert postgres[0].endswith("LANGUAGE plpgsql")


def test_a_line_of_its_own_may_end_a_statement_and_comments_are_left_out() -> None:
    text = "-- one; two;\nCREATE TABLE a (\n  -- its number;\n  id BIGSERIAL PRIMARY KEY\n)\n;\n\n-- nothing follows\n"
    assert list(statements(text, "sqlite")) == ["CREATE TABLE a (\n  id INTEGER PRIMARY KEY AUTOINCREMENT\n)"]
    assert list(statements(text, "postgres")) == ["CREATE TABLE a (\n  id BIGSERIAL PRIMARY KEY\n)"]


async def test_statements_may_hold_question_marks_and_percents(
    database_url: str, schema_name: str, write: Write
) -> None:
    folder = write("0001_first.sql", "CREATE TABLE odd (text TEXT NOT NULL DEFAULT '100% sure?');\n")
    migrate(database_url, schema_name, [folder])
    async with AsyncDAL(database_url, schema=schema_name).connected() as database:
        assert (
            await database.write(lambda tx: tx.value("INSERT INTO odd DEFAULT VALUES RETURNING text")) == "100% sure?"
        )
