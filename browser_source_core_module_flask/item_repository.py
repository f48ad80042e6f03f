"""Items of the overlay: waiting, on screen, and over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from browser_source_core_module_flask.drawing import Drawn
from flask_core.contracts.browser_source import Card, Item
from flask_core.database import AsyncDAL, Tx
from flask_core.errors import TooMany

PER_LANE = 100
MERGE = timedelta(seconds=10)
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


@dataclass(frozen=True, slots=True)
class New:
    """An item to keep."""

    community_id: int
    key: str
    drawn: Drawn
    source: str
    priority: int
    stage: str


class ItemRepository:
    """Numbers run per community; the same key is the same item."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def add(self, items: Sequence[New], now: datetime) -> list[tuple[int, int]]:
        """(number, place in line) per item. Raises TooMany when a lane is full of what is at least as important."""
        return await self._database.write(lambda tx: [_add(tx, item, now) for item in items])

    async def merge_follow(self, community_id: int, stage: str, name: str, make: Any, now: datetime) -> int | None:
        """Add a name to a follow that still waits; None when there is none young enough."""
        return await self._database.write(lambda tx: _merge_follow(tx, community_id, stage, name, make, now))

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
        return await self._database.write(lambda tx: _again(tx, community_id, number, now))

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


def _add(tx: Tx, item: New, now: datetime) -> tuple[int, int]:
    known = tx.value(
        "SELECT number FROM display_items WHERE community_id = ? AND idempotency_key = ?", item.community_id, item.key
    )
    if known is not None:
        return known, 0
    place = _make_room(tx, item)
    number = tx.value(
        "INSERT INTO number_sequences (community_id, kind, last) VALUES (?, 'item', 1) ON CONFLICT (community_id, kind)"
        " DO UPDATE SET last = number_sequences.last + 1 RETURNING last",
        item.community_id,
    )
    drawn = item.drawn
    tx.run(
        "INSERT INTO display_items (community_id, number, idempotency_key, lane, stage, priority, payload, said, source,"
        " seconds, state, reason, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', '', ?, ?)",
        item.community_id, number, item.key, drawn.lane, item.stage, item.priority,
        msgspec.json.encode(drawn.card).decode(), drawn.said, item.source, drawn.seconds, now,
        now + timedelta(seconds=drawn.expires),
    )  # fmt: skip
    return int(number), place


def _make_room(tx: Tx, item: New) -> int:
    """How many are before it; a full lane gives up its youngest least important item for a more important one."""
    where = "community_id = ? AND stage = ? AND lane = ? AND state = 'waiting'"
    values = (item.community_id, item.stage, item.drawn.lane)
    waiting = tx.value(f"SELECT count(*) FROM display_items WHERE {where}", *values)
    if waiting >= PER_LANE:
        last = tx.row(
            f"SELECT number, priority FROM display_items WHERE {where} ORDER BY priority DESC, number DESC LIMIT 1",
            *values,
        )
        if last is None or last[1] <= item.priority:
            raise TooMany(f"{PER_LANE} items wait for the {item.drawn.lane} already.", retry_after=10)
        tx.run(
            "UPDATE display_items SET state = 'pushed_out', reason = 'something more important came'"
            " WHERE community_id = ? AND number = ?",
            item.community_id, last[0],
        )  # fmt: skip
    before = tx.value(f"SELECT count(*) FROM display_items WHERE {where} AND priority <= ?", *values, item.priority)
    return int(before)


def _merge_follow(tx: Tx, community_id: int, stage: str, name: str, make: Any, now: datetime) -> int | None:
    row = tx.row(
        "SELECT number, payload FROM display_items WHERE community_id = ? AND stage = ? AND lane = 'alerts'"
        " AND state = 'waiting' AND created_at > ? AND source = 'follow' ORDER BY number DESC LIMIT 1",
        community_id, stage, now - MERGE,
    )  # fmt: skip
    if row is None:
        return None
    card = _card.decode(row[1])
    names = [*card.data.get("names", [card.data["title"].removesuffix(" follows")]), name]
    merged = make(names)
    tx.run(
        "UPDATE display_items SET payload = ?, said = ? WHERE community_id = ? AND number = ?",
        msgspec.json.encode(merged).decode(), merged.data["title"], community_id, row[0],
    )  # fmt: skip
    return int(row[0])


def _again(tx: Tx, community_id: int, number: int | None, now: datetime) -> tuple[int, str] | None:
    row = tx.row(
        "SELECT number, said, expires_at, created_at FROM display_items WHERE community_id = ? AND payload <> ''"
        " AND state NOT IN ('waiting', 'showing') AND created_at > ? AND (? = 0 AND lane = 'alerts' OR number = ?)"
        " ORDER BY number DESC LIMIT 1",
        community_id, now - timedelta(hours=24), number or 0, number or 0,
    )  # fmt: skip
    if row is None:
        return None
    lifetime = row[2] - row[3]
    tx.run(
        "UPDATE display_items SET state = 'waiting', reason = 'shown again', expires_at = ?, starts_at = NULL,"
        " ends_at = NULL WHERE community_id = ? AND number = ?",
        now + lifetime, community_id, row[0],
    )  # fmt: skip
    return int(row[0]), str(row[1])


def _row(row: tuple[Any, ...]) -> Row:
    number, lane, priority, payload, *rest = row
    said, seconds, state, created_at, expires_at, starts_at, ends_at = rest
    card = _card.decode(payload)
    return Row(number, lane, priority, card, said, seconds, state, created_at, expires_at, starts_at, ends_at)
