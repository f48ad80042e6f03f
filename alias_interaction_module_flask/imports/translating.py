"""What was fetched of a source, as rows: pure, so that a newer translator reads an old fetch again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from alias_interaction_module_flask.imports import nightbot, own_file, pasted, streamelements
from alias_interaction_module_flask.imports.rows import Row
from flask_core.errors import InvalidInput

MOST_FILE, MOST_ROWS = 2 * 1024 * 1024, 5_000

_READERS: dict[str, Callable[[dict[str, Any]], Iterator[Row]]] = {
    "nightbot": nightbot.rows,
    "streamelements": streamelements.rows,
    "file": own_file.rows,
}


def translated(origin: str, fetched: dict[str, Any]) -> list[Row]:
    """All rows, at most MOST_ROWS; what has an identity already is not taken twice."""
    found: dict[tuple[str, str], Row] = {}
    for row in _READERS[origin](fetched):
        found.setdefault((row.kind, row.external_id), row)
        if len(found) == MOST_ROWS:
            break
    return list(found.values())


def opened(text: str) -> tuple[str, dict[str, Any]]:
    """Whose file this is, and what is in it. Raises InvalidInput for one that holds nothing."""
    if len(text.encode()) > MOST_FILE:
        raise InvalidInput("A file has at most 2 MiB.", field="file")
    origin, fetched = _json(text) if text.lstrip()[:1] in ("{", "[") else pasted.read(text)
    if not any(fetched.values()):
        raise InvalidInput(
            "This holds no commands. Give our own export, a JSON file of Nightbot or StreamElements,"
            " or lines such as !commands add !hug text.",
            field="file",
        )
    return origin, fetched


def _json(text: str) -> tuple[str, dict[str, Any]]:
    try:
        document = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidInput(f"This is no JSON: {error}", field="file") from None
    if own_file.is_ours(document):
        return "file", document
    fetched: dict[str, Any] = document if isinstance(document, dict) else {"commands": document}
    return ("streamelements" if _looks_like_streamelements(fetched) else "nightbot"), fetched


def _looks_like_streamelements(fetched: dict[str, Any]) -> bool:
    commands = fetched.get("commands")
    if isinstance(commands, list):
        return any(isinstance(item, dict) and ("reply" in item or "accessLevel" in item) for item in commands)
    return isinstance(fetched.get("filters"), dict) or "counters" in fetched
