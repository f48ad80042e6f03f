"""The pytest plugin: real servers, and databases of one's own on both kinds."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from flask_core.database import AsyncDAL
from flask_core.testing.databases import forget_schema, migrated
from flask_core.testing.installation import prepare_environment
from flask_core.testing.servers import postgres_server, redis_server

prepare_environment()

type MakeDatabase = Callable[[Path], AsyncDAL]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL: that of TEST_POSTGRES_URL, else one of our own."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis: that of TEST_REDIS_URL, else one of our own."""
    with redis_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database, for tests that hold for both kinds; use it with a `schema_name`."""
    if request.param == "sqlite":
        return f"sqlite://{tmp_path}/test.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def schema_name(database_url: str) -> Iterator[str]:
    """A name that no other test uses for its PostgreSQL schema; dropped at the end."""
    name = f"test_{secrets.token_hex(6)}"
    yield name
    forget_schema(database_url, name)


@pytest_asyncio.fixture
async def make_database(database_url: str) -> AsyncIterator[MakeDatabase]:
    """`make_database(module_folder)`: an empty migrated database of that module, on both kinds."""
    opened: list[AsyncDAL] = []

    def make(folder: Path) -> AsyncDAL:
        opened.append(migrated(folder, database_url, f"test_{secrets.token_hex(6)}"))
        return opened[-1]

    yield make
    for database in opened:
        await database.close()
        await asyncio.to_thread(forget_schema, database_url, database.schema)
