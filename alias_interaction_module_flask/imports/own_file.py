"""Our own commands as a file: what is exported, and read again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from alias_interaction_module_flask.imports.entries import row_of
from alias_interaction_module_flask.imports.reading import listed, named, texted, whole
from alias_interaction_module_flask.imports.rows import Counter, Note, Row, Variable
from alias_interaction_module_flask.models import Counter as KeptCounter
from alias_interaction_module_flask.models import Variable as KeptVariable
from alias_interaction_module_flask.models import Wish

FORMAT = "waddlebot-commands-1"


class Exported(msgspec.Struct, frozen=True, omit_defaults=True):
    """The file."""

    format: str
    commands: tuple[Wish, ...] = ()
    counters: tuple[KeptCounter, ...] = ()
    variables: tuple[KeptVariable, ...] = ()


def written(commands: Sequence[Wish], counters: Sequence[KeptCounter], variables: Sequence[KeptVariable]) -> str:
    """Everything, as people can read it."""
    document = Exported(FORMAT, tuple(commands), tuple(counters), tuple(variables))
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode()


def is_ours(fetched: Any) -> bool:
    """Whether this is a file of ours."""
    return isinstance(fetched, dict) and fetched.get("format") == FORMAT


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
        wish = msgspec.convert({**item, "name": name}, Wish)
    except msgspec.ValidationError as error:
        return Row("command", name, name, texted(item.get("body")), None, (Note("unreadable", str(error)[:100]),))
    return row_of(name, f"!{name} {wish.body}", wish, notes)
