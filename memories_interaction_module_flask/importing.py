"""Entries from elsewhere and to elsewhere: what is kept of them, and what became of every row."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from flask_core.auth import utc_now
from flask_core.contracts.memories import ImportedRow, ImportEntries, ImportReport
from flask_core.database import AsyncDAL
from flask_core.errors import Conflict, InvalidInput, LimitReached
from memories_interaction_module_flask.categories import Categories
from memories_interaction_module_flask.import_forms import READERS, Row, row_of, written
from memories_interaction_module_flask.limits import checked
from memories_interaction_module_flask.memory_listing import MemoryListing, Wanted
from memories_interaction_module_flask.memory_repository import MemoryRepository
from memories_interaction_module_flask.models import LETTERS, By, Memory, NewMemory

MOST_ROWS, MOST_CHARACTERS = 5_000, 1_000_000
_PER_PAGE = 500


class _OnlyTried(Exception):
    """Undoes a dry run."""


@dataclass(frozen=True, slots=True)
class Importing:
    """Numbers are kept where they are free; the same text again is no error."""

    database: AsyncDAL
    repository: MemoryRepository
    listing: MemoryListing
    categories: Categories
    max_entries: int
    now: Callable[[], datetime] = utc_now

    async def bring(self, asked: ImportEntries, by: By) -> ImportReport:
        """Keep the rows that are new. A dry run does the same and undoes it, so that it tells the truth."""
        if len(asked.text) > MOST_CHARACTERS:
            raise InvalidInput(f"Bring at most {MOST_CHARACTERS} characters at once.")
        found = list(islice(READERS[asked.format](asked.text), MOST_ROWS + 1))
        if len(found) > MOST_ROWS:
            raise InvalidInput(f"Bring at most {MOST_ROWS} rows at once.")
        rows: list[ImportedRow] = []
        try:
            async with self.database.transaction():
                for index, row in enumerate(found, start=1):
                    rows.append(await self._one(asked.community_id, index, row, by))
                if asked.dry_run:
                    raise _OnlyTried
        except _OnlyTried:
            return ImportReport(tuple(rows), 0)
        return ImportReport(tuple(rows), sum(row.outcome == "new" for row in rows))

    async def _one(self, community_id: int, index: int, row: Row | str, by: By) -> ImportedRow:
        if isinstance(row, str):
            return ImportedRow(index, "invalid", row)
        new = NewMemory(
            community_id,
            row.kind,
            row.content,
            row.title,
            row.url,
            row.author,
            tags=row.tags,
            private=row.private,
            context=row.context,
            category=row.category,
        )
        try:
            if row.category:
                await self.categories.ensure(community_id, row.category)
            await self.repository.add(
                checked(new, in_chat=False), by, self.now(), at_most=self.max_entries, number=row.number
            )
        except (InvalidInput, LimitReached) as error:
            return ImportedRow(index, "invalid", error.message)
        except Conflict as error:
            return ImportedRow(index, "taken" if error.details.get("taken") else "same", error.message)
        return ImportedRow(index, "new")

    async def export(self, community_id: int, form: str) -> str:
        """All approved entries, private notes included: an admin takes them along."""
        return written([row_of(memory) async for memory in self._everything(community_id)], form)

    async def _everything(self, community_id: int) -> AsyncIterator[Memory]:
        for kind in LETTERS:
            page, total = 0, 1
            while page * _PER_PAGE < total:
                page += 1
                some, total = await self.listing.page(
                    community_id, Wanted(kind, private=True, page=page, per_page=_PER_PAGE)
                )
                for memory in some:
                    yield memory
