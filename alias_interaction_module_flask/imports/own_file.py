"""Our own commands as a file: what alias exports, read again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from alias_interaction_module_flask.imports.entries import row_of
from alias_interaction_module_flask.imports.reading import listed, named, texted, whole
from alias_interaction_module_flask.imports.rows import Counter, Note, Row, Variable
from alias_interaction_module_flask.models import Wish
from flask_core.contracts.alias import CommandView


def is_ours(document: Any) -> bool:
    """Whether this is a file of ours: a command has a kind and a body."""
    if not isinstance(document, dict):
        return False
    commands = document.get("commands")
    some = [item for item in commands if isinstance(item, dict)] if isinstance(commands, list) else []
    if some:
        return all("kind" in item and "body" in item for item in some)
    return commands == [] and ("counters" in document or "variables" in document)


def rows(fetched: dict[str, Any]) -> Iterator[Row]:
    """A row per command, counter and variable; the name is its identity."""
    for item in listed(fetched.get("commands")):
        yield _command(item)
    for item in listed(fetched.get("counters")):
        name, notes = named(texted(item.get("name")))
        value = whole(item.get("value"))
        yield Row("counter", name, name, str(value), Counter(name, value, item.get("on_screen") is True), notes)
    for item in listed(fetched.get("variables")):
        called, text = texted(item.get("name")), texted(item.get("value"))
        yield Row("variable", called, called, text, Variable(called, text))


def _command(item: dict[str, Any]) -> Row:
    name, notes = named(texted(item.get("name")))
    try:
        view = msgspec.convert({"id": 0, **item, "name": name}, CommandView)
    except msgspec.ValidationError as error:
        return Row("command", name, name, texted(item.get("body")), None, (Note("unreadable", str(error)[:100]),))
    wish = Wish(**{field: getattr(view, field) for field in Wish.__struct_fields__})
    return row_of(name, f"!{name} {wish.body}", wish, notes)
