"""Entries from elsewhere and to elsewhere: our own JSON, CSV, and StreamElements' list of quotes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts.memories import ImportedRow, ImportEntries, ImportReport, Kind
from flask_core.errors import Conflict, InvalidInput, LimitReached
from memories_interaction_module_flask.limits import checked
from memories_interaction_module_flask.memory_listing import MemoryListing, Wanted
from memories_interaction_module_flask.memory_repository import MemoryRepository
from memories_interaction_module_flask.models import By, Memory, NewMemory

MOST_ROWS, MOST_CHARACTERS = 5_000, 1_000_000
_PER_PAGE = 500
_STREAMELEMENTS = re.compile(r"#?(\d{1,15})[.:)]?\s+(.+)")
_FIELDS = ("kind", "number", "title", "content", "url", "author", "tags")


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry as it is exported."""

    kind: Kind = "quote"
    number: int = 0
    title: str = ""
    content: str = ""
    url: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Importing:
    """Numbers are kept where they are free; the same text again is no error."""

    repository: MemoryRepository
    listing: MemoryListing
    max_entries: int
    now: Callable[[], datetime] = utc_now

    async def bring(self, asked: ImportEntries, by: By) -> ImportReport:
        """Look at every row and, unless it is a dry run, keep the new ones."""
        if len(asked.text) > MOST_CHARACTERS:
            raise InvalidInput(f"Bring at most {MOST_CHARACTERS} characters at once.")
        rows: list[ImportedRow] = []
        for index, row in enumerate(_READERS[asked.format](asked.text), start=1):
            if index > MOST_ROWS:
                raise InvalidInput(f"Bring at most {MOST_ROWS} rows at once.")
            rows.append(await self._one(asked, index, row, by))
        return ImportReport(tuple(rows), sum(row.outcome == "new" for row in rows) if not asked.dry_run else 0)

    async def _one(self, asked: ImportEntries, index: int, row: Row | str, by: By) -> ImportedRow:
        if isinstance(row, str):
            return ImportedRow(index, "invalid", row)
        new = NewMemory(asked.community_id, row.kind, row.content, row.title, row.url, row.author, tags=row.tags)
        try:
            new = checked(new, in_chat=False)
            if asked.dry_run:
                return await self._would(index, row, new)
            await self.repository.add(new, by, self.now(), at_most=self.max_entries, number=row.number)
        except (InvalidInput, LimitReached) as error:
            return ImportedRow(index, "invalid", error.message)
        except Conflict as error:
            taken = error.details.get("number") == row.number and "taken" in error.message
            return ImportedRow(index, "taken" if taken else "same", error.message)
        return ImportedRow(index, "new")

    async def _would(self, index: int, row: Row, new: NewMemory) -> ImportedRow:
        there = await self.repository.one(new.community_id, new.kind, row.number) if row.number else None
        if there is None:
            return ImportedRow(index, "new")
        same = (there.title, there.content, there.url) == (new.title, new.content, new.url)
        return ImportedRow(index, "same" if same else "taken", f"{there.label} is taken." if not same else "")

    async def export(self, community_id: int, form: str) -> str:
        """All approved, public entries."""
        rows = [_row(memory) for memory in await self._everything(community_id)]
        if form == "json":
            return msgspec.json.encode(rows).decode()
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(_FIELDS)
        writer.writerows([*msgspec.structs.astuple(row)[:-1], " ".join(row.tags)] for row in rows)
        return text.getvalue()

    async def _everything(self, community_id: int) -> list[Memory]:
        found: list[Memory] = []
        for kind in ("quote", "link", "note"):
            page = 1
            while True:
                some, total = await self.listing.page(community_id, Wanted(kind, page=page, per_page=_PER_PAGE))
                found += some
                if page * _PER_PAGE >= total:
                    break
                page += 1
        return found


def _row(memory: Memory) -> Row:
    return Row(
        memory.kind, memory.number, memory.title, memory.content, memory.url, memory.author, memory.tags
    )  # fmt: skip


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
    for fields in csv.DictReader(io.StringIO(text)):
        number = (fields.get("number") or "0").lstrip("#")
        kind = fields.get("kind") or "quote"
        if kind not in {"quote", "link", "note"} or not number.isdecimal():
            yield "Each row needs a kind (quote, link, note) and a number."
            continue
        yield Row(
            cast(Kind, kind), int(number), fields.get("title") or "", fields.get("content") or "",
            fields.get("url") or "", fields.get("author") or "", tuple((fields.get("tags") or "").split()),
        )  # fmt: skip


def _streamelements_rows(text: str) -> Iterator[Row | str]:
    """`#12. the text` a line, as the list of quotes is shown there."""
    for line in text.splitlines():
        if not line.strip():
            continue
        found = _STREAMELEMENTS.fullmatch(line.strip())
        yield Row("quote", int(found[1]), content=found[2].strip('"')) if found else "No number at the start."


_READERS: dict[str, Callable[[str], Iterator[Row | str]]] = {
    "json": _json_rows,
    "csv": _csv_rows,
    "streamelements": _streamelements_rows,
}
