"""The forms in which entries come and go: our own JSON, CSV, and StreamElements' list of quotes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from flask_core.contracts.memories import Kind
from flask_core.errors import InvalidInput
from memories_interaction_module_flask.models import LETTERS, Memory

_STREAMELEMENTS = re.compile(r"#?(\d{1,15})[.:)]?\s+(.+)", re.ASCII)
_NUMBER = re.compile(r"#?(\d{0,15})", re.ASCII)
_FIELDS = ("kind", "number", "title", "content", "url", "author", "tags", "private", "context", "category")


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry as it is exported."""

    kind: Kind = "quote"
    number: int = 0
    title: str = ""
    content: str = ""
    url: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    private: bool = False
    context: str = ""
    category: str = ""


def row_of(memory: Memory) -> Row:
    """What is taken along of an entry."""
    return Row(
        memory.kind,
        memory.number,
        memory.title,
        memory.content,
        memory.url,
        memory.author,
        memory.tags,
        memory.private,
        memory.context,
        memory.category,
    )


def written(rows: Sequence[Row], form: str) -> str:
    """The rows as JSON or CSV."""
    if form == "json":
        return msgspec.json.encode(rows).decode()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_FIELDS)
    for row in rows:
        private = "yes" if row.private else ""
        writer.writerow(
            (
                row.kind, row.number, row.title, row.content, row.url, row.author, " ".join(row.tags), private,
                row.context, row.category,
            )
        )  # fmt: skip
    return text.getvalue()


def _json_rows(text: str) -> Iterator[Row | str]:
    try:
        raw = msgspec.json.decode(text, type=list[msgspec.Raw])
    except msgspec.MsgspecError:
        raise InvalidInput("This is no list of entries.") from None
    for item in raw:
        try:
            yield msgspec.json.decode(item, type=Row)
        except msgspec.MsgspecError as error:
            yield str(error)


def _csv_rows(text: str) -> Iterator[Row | str]:
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    try:
        for fields in reader:
            yield _csv_row(fields)
    except csv.Error as error:
        yield f"Here the text stops being CSV: {error}."


def _csv_row(fields: dict[str, str]) -> Row | str:
    number, kind = _NUMBER.fullmatch(fields.get("number", "")), fields.get("kind") or "quote"
    if kind not in LETTERS or number is None:
        return "Each row needs a kind (quote, link, note) and a number."
    return Row(
        kind, int(number[1] or 0), fields.get("title", ""), fields.get("content", ""), fields.get("url", ""),
        fields.get("author", ""), tuple(fields.get("tags", "").split()), fields.get("private", "") == "yes",
        fields.get("context", ""), fields.get("category", ""),
    )  # fmt: skip


def _streamelements_rows(text: str) -> Iterator[Row | str]:
    """`#12. the text` a line, as the list of quotes is shown there."""
    for line in text.splitlines():
        if not line.strip():
            continue
        found = _STREAMELEMENTS.fullmatch(line.strip())
        yield Row("quote", int(found[1]), content=found[2].strip('"')) if found else "No number at the start."


READERS: dict[str, Callable[[str], Iterator[Row | str]]] = {
    "json": _json_rows,
    "csv": _csv_rows,
    "streamelements": _streamelements_rows,
}
