"""Takes the text of a schema step apart into the statements for one database."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

_ONLY = re.compile(r"--\s*only:\s*(sqlite|postgres)\s*")
_BODY_QUOTE = "$$"


def statements(text: str, dialect: str) -> Iterator[str]:
    """The statements for `dialect`, without comment lines.

    A statement ends with `;` at the end of a line; inside of a trigger's or a function's body that does not count.
    A line `-- only: sqlite` or `-- only: postgres` makes the next statement one for that database alone.
    """
    lines: list[str] = []
    only = ""
    for line in text.splitlines():
        if line.lstrip().startswith("--"):
            if not lines and (found := _ONLY.fullmatch(line.strip())):
                only = found[1]
            continue
        if lines or line.strip():
            lines.append(line)
        if _complete(lines, only):
            yield from _for_dialect("\n".join(lines), only, dialect)
            lines, only = [], ""
    yield from _for_dialect("\n".join(lines), only, dialect)


def _complete(lines: list[str], only: str) -> bool:
    if not lines or not lines[-1].rstrip().endswith(";"):
        return False
    text = "\n".join(lines)
    # SQLite knows its triggers end with END; on PostgreSQL bodies are quoted.
    return text.count(_BODY_QUOTE) % 2 == 0 if only == "postgres" else sqlite3.complete_statement(text)


def _for_dialect(text: str, only: str, dialect: str) -> Iterator[str]:
    statement = text.strip().removesuffix(";").rstrip()
    if not statement or only not in {"", dialect}:
        return
    if dialect == "sqlite":
        # AUTOINCREMENT: as on PostgreSQL, a number is never given twice, not even after its row is gone.
        statement = statement.replace("BIGSERIAL PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT")
        yield f"{statement};" if _is_trigger(statement) else statement
    else:
        yield statement


def _is_trigger(statement: str) -> bool:
    return statement.upper().startswith("CREATE TRIGGER")
