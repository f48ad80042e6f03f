"""The pytest plugin: real servers, a database of one's own, and the mark for promises."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from flask_core.database import AsyncDAL, Tx
from flask_core.migrations import SHARED_FOLDER, migrate
from flask_core.testing.installation import prepare_environment
from flask_core.testing.servers import PostgresServer, RedisServer, running

prepare_environment()

type MakeDatabase = Callable[[Path], AsyncDAL]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL: that of TEST_POSTGRES_URL, else one of our own."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield url
        return
    with running(PostgresServer()) as server:
        yield server.url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis: that of TEST_REDIS_URL, else one of our own."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
        return
    with running(RedisServer()) as server:
        yield server.url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database, for tests that hold for both kinds."""
    if request.param == "sqlite":
        return f"sqlite://{tmp_path}/test.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest_asyncio.fixture
async def make_database(database_url: str) -> AsyncIterator[MakeDatabase]:
    """`make_database(module_folder)`: an empty migrated database of that module, on both kinds."""
    opened: list[AsyncDAL] = []

    def make(folder: Path) -> AsyncDAL:
        schema = f"test_{secrets.token_hex(6)}"
        migrate(database_url, schema, [SHARED_FOLDER, folder / "schema"])
        opened.append(AsyncDAL(database_url, schema=schema))
        return opened[-1]

    yield make
    for database in opened:
        if database.dialect == "postgres":
            await database.write(partial(_drop_schema, database.schema))
        await database.close()


def _drop_schema(schema: str, tx: Tx) -> None:
    tx.run(f'DROP SCHEMA "{schema}" CASCADE')
