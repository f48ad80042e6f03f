"""Members who turn out to be one person, and apart again; modules are told from an outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community_module_flask.merging import merge
from community_module_flask.parting import part
from flask_core.contracts.community import LinkPeople
from flask_core.contracts.module import MergeMembers
from flask_core.database import AsyncDAL


@dataclass(frozen=True, slots=True)
class Untold:
    """A merge, or its undoing, that modules have to be told of."""

    row: int
    kind: str
    request: MergeMembers
    attempts: int


class MergeRepository:
    """`merge` and `unmerge` do nothing the second time."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def merge(self, asked: LinkPeople, now: datetime) -> list[tuple[int, str]]:
        """Join the members of the accounts in every community; returns (community, surviving member)."""
        return await self._database.write(lambda tx: merge(tx, asked, now))

    async def unmerge(self, asked: LinkPeople, now: datetime) -> list[tuple[int, str]]:
        """The accounts named leave the person. Returns the members that changed."""
        return await self._database.write(lambda tx: part(tx, asked, now))

    async def due(self, now: datetime, until: datetime) -> list[Untold]:
        """Claim what modules have to be told, until `until`."""
        rows = await self._database.write(
            lambda tx: tx.rows(
                "UPDATE community_outbox SET due_at = ?, attempts = attempts + 1 WHERE id IN (SELECT id FROM"
                f" community_outbox WHERE due_at <= ? ORDER BY id LIMIT 50{tx.skip_locked})"
                " RETURNING id, kind, merge_id, community_id, source, target, attempts",
                until,
                now,
            )
        )
        return [Untold(row[0], row[1], MergeMembers(*row[2:6]), row[6]) for row in rows]

    async def told(self, row: int) -> None:
        """Every module has answered."""
        await self._database.write(lambda tx: tx.run("DELETE FROM community_outbox WHERE id = ?", row))
