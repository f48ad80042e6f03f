"""Migrated databases for tests: a fresh file or a fresh schema each."""

from __future__ import annotations

from pathlib import Path

from flask_core.database import AsyncDAL
from flask_core.database_connections import open_connection
from flask_core.migrations import SHARED_FOLDER, migrate


def migrated(module_folder: Path, url: str, schema: str) -> AsyncDAL:
    """The database of the module in `module_folder`, with all its tables; close it at the end."""
    migrate(url, schema, [SHARED_FOLDER, module_folder / "schema"])
    return AsyncDAL(url, schema=schema)


def forget_schema(url: str, schema: str) -> None:
    """Drop a PostgreSQL schema with everything in it; on SQLite the file goes with its folder."""
    if url.startswith("sqlite"):
        return
    connection = open_connection(url, "")
    try:
        connection.script(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
    finally:
        connection.close()
