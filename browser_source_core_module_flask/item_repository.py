"""Items of the overlay: waiting, on screen, and over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from browser_source_core_module_flask.queue_repository import Merge, New, add, again, merge
from flask_core.contracts.browser_source import Card, Item
from flask_core.database import AsyncDAL, Tx

_ROW = "number, lane, priority, payload, said, seconds, state, created_at, expires_at, starts_at, ends_at"
_card = msgspec.json.Decoder(Card)


@dataclass(frozen=True, slots=True)
class Row:
    """An item as the lanes need it."""

    number: int
    lane: str
    priority: int
    card: Card
    said: str
    seconds: float
    state: str
    created_at: datetime
    expires_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None


class ItemRepository:
    """Numbers run per community; the same key is the same item."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def add(self, items: Sequence[New], now: datetime) -> list[tuple[int, int]]:
        """(number, place in line) per item. Raises TooMany when a lane is full of what is at least as important."""
        return await self._database.write(lambda tx: [add(tx, item, now) for item in items])

    async def merge_follow(self, item: New, name: str, make: Merge, now: datetime) -> int | None:
        """Add a name to a follow that still waits; None when there is none young enough."""
        return await self._database.write(lambda tx: merge(tx, item, name, make, now))

    async def open_rows(self, community_id: int, stage: str) -> list[Row]:
        """What is on screen or waits, most important and oldest first."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_ROW} FROM display_items WHERE community_id = ? AND stage = ?"
                " AND state IN ('waiting', 'showing') ORDER BY priority, number LIMIT 1000",
                community_id,
                stage,
            )
        )
        return [_row(row) for row in rows]

    async def change(
        self, community_id: int, changes: Sequence[tuple[int, str, str, datetime | None, datetime | None]]
    ) -> None:
        """(number, state, reason, starts_at, ends_at) for several items in one transaction."""
        await self._database.write(
            lambda tx: tx.many(
                "UPDATE display_items SET state = ?, reason = ?, starts_at = ?, ends_at = ?"
                " WHERE community_id = ? AND number = ?",
                [
                    (state, reason, starts, ends, community_id, number)
                    for number, state, reason, starts, ends in changes
                ],
            )
        )

    async def listed(self, community_id: int, stage: str, lane: str, state: str) -> list[Item]:
        """Items of the last day, newest first."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT number, lane, state, said, source, priority, reason, created_at FROM display_items"
                " WHERE community_id = ? AND stage = ? AND (? = '' OR lane = ?) AND (? = '' OR state = ?)"
                " ORDER BY number DESC LIMIT 100",
                community_id,
                stage,
                lane,
                lane,
                state,
                state,
            )
        )
        return [Item(*row) for row in rows]

    async def again(self, community_id: int, number: int | None, now: datetime) -> tuple[int, str] | None:
        """Queue an item of the last day once more (the newest alert without number): its number and words."""
        return await self._database.write(lambda tx: again(tx, community_id, number, now))

    async def sweep(self, payload_before: datetime, row_before: datetime) -> None:
        """Forget payloads after a day and rows after a week."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM display_items WHERE created_at < ?", row_before)
            tx.run(
                "UPDATE display_items SET payload = '', said = '' WHERE created_at < ? AND payload <> ''"
                " AND state NOT IN ('waiting', 'showing')",
                payload_before,
            )

        await self._database.write(unit)


def _row(row: tuple[Any, ...]) -> Row:
    number, lane, priority, payload, *rest = row
    said, seconds, state, created_at, expires_at, starts_at, ends_at = rest
    card = _card.decode(payload)
    return Row(number, lane, priority, card, said, seconds, state, created_at, expires_at, starts_at, ends_at)
