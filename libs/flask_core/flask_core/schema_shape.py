"""What a database looks like, as lines of text that can be compared."""

from __future__ import annotations

from flask_core.database_connections import Connection

_SQLITE_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite@_%' ESCAPE '@'"
_SQLITE_INDEXES = "SELECT sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql <> ''"
_SQLITE_KEYS = (
    "SELECT l.origin, group_concat(i.name) FROM pragma_index_list(?) l JOIN pragma_index_info(l.name) i"
    " WHERE l.\"unique\" AND l.origin <> 'c' GROUP BY l.name"
)
_COLUMNS = (
    "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = ?"
)
_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = ?"


def shape(connection: Connection, schema: str) -> set[str]:
    """A line per column with type and nullability, and per index and unique key."""
    if connection.dialect == "sqlite":
        return _sqlite_shape(connection)
    columns = {
        f"{table}.{column} {kind}{'' if empty == 'YES' else ' NOT NULL'}"
        for table, column, kind, empty in connection.execute(_COLUMNS, (schema,)).fetchall()
    }
    indexes = [row[0] for row in connection.execute(_INDEXES, (schema,)).fetchall()]
    return columns | {index.replace(f" {schema}.", " ").replace(f' "{schema}".', " ") for index in indexes}


def _sqlite_shape(connection: Connection) -> set[str]:
    lines = {" ".join(sql.split()) for (sql,) in connection.execute(_SQLITE_INDEXES, ()).fetchall()}
    for (table,) in connection.execute(_SQLITE_TABLES, ()).fetchall():
        for _, name, kind, required, *_ in connection.execute("SELECT * FROM pragma_table_info(?)", (table,)):
            lines.add(f"{table}.{name} {kind}{' NOT NULL' if required else ''}")
        for origin, columns in connection.execute(_SQLITE_KEYS, (table,)):
            lines.add(f"{table} {'PRIMARY KEY' if origin == 'pk' else 'UNIQUE'} ({columns})")
    return lines
