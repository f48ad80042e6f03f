"""How items get into line: numbers, room in a full lane, merged follows, showing again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from browser_source_core_module_flask.drawing import Drawn
from flask_core.contracts.browser_source import Card
from flask_core.database import Tx
from flask_core.errors import TooMany

PER_LANE = 100
MERGE = timedelta(seconds=10)
_card = msgspec.json.Decoder(Card)

type Merge = Callable[[list[str]], Card]


@dataclass(frozen=True, slots=True)
class New:
    """An item to keep; `account` is whom it tells of, or who had it shown: platform and user id."""

    community_id: int
    key: str
    drawn: Drawn
    source: str
    priority: int
    stage: str
    account: tuple[str, str] | None = None


def add(tx: Tx, item: New, now: datetime) -> tuple[int, int]:
    """(number, place in line); the number alone of an item that is known. Raises TooMany."""
    known = _known(tx, item)
    if known is not None:
        return known, 0
    number = _next_number(tx, item)
    place = _make_room(tx, item)
    if not _keep(tx, item, number, now, ("waiting", "")):
        # The same came at the same moment, and was first; our number is nobody's.
        return _known(tx, item) or number, 0
    return number, place


def _known(tx: Tx, item: New) -> int | None:
    number: int | None = tx.value(
        "SELECT number FROM display_items WHERE community_id = ? AND idempotency_key = ?", item.community_id, item.key
    )
    return number


def _one_after_the_other(tx: Tx, item: New) -> None:
    # Two follows at once must both find the one that they are told with.
    tx.run(
        "INSERT INTO number_sequences (community_id, kind, last) VALUES (?, 'item', 0) ON CONFLICT (community_id, kind)"
        " DO UPDATE SET last = number_sequences.last",
        item.community_id,
    )


def _next_number(tx: Tx, item: New) -> int:
    # It makes those who come after us wait: two at once must not both find the last place free.
    return int(
        tx.value(
            "INSERT INTO number_sequences (community_id, kind, last) VALUES (?, 'item', 1)"
            " ON CONFLICT (community_id, kind) DO UPDATE SET last = number_sequences.last + 1 RETURNING last",
            item.community_id,
        )
    )


def _keep(tx: Tx, item: New, number: int, now: datetime, state: tuple[str, str]) -> bool:
    drawn = item.drawn
    kept = tx.run(
        "INSERT INTO display_items (community_id, number, idempotency_key, lane, stage, priority, payload, said, source,"
        " seconds, state, reason, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (community_id, idempotency_key) DO NOTHING",
        item.community_id, number, item.key, drawn.lane, item.stage, item.priority,
        msgspec.json.encode(drawn.card).decode(), drawn.said, item.source, drawn.seconds, *state, now,
        now + timedelta(seconds=drawn.expires),
    )  # fmt: skip
    if kept:
        _tells_of(tx, item, number)
    return bool(kept)


def _tells_of(tx: Tx, item: New, number: int) -> None:
    if item.account is not None:
        tx.run(
            "INSERT INTO display_people (community_id, number, platform, user_id) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            item.community_id, number, *item.account,
        )  # fmt: skip


def _make_room(tx: Tx, item: New) -> int:
    """How many are before it; a full lane gives up its youngest least important item for a more important one."""
    where = "community_id = ? AND stage = ? AND lane = ? AND state = 'waiting'"
    values = (item.community_id, item.stage, item.drawn.lane)
    waiting, before = tx.row(
        f"SELECT count(*), count(*) FILTER (WHERE priority <= ?) FROM display_items WHERE {where}",
        item.priority, *values,
    ) or (0, 0)  # fmt: skip
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
    return int(before)


def merge(tx: Tx, item: New, name: str, make: Merge, now: datetime) -> int | None:
    """The number of the young follow that tells of this one too; None when there is none."""
    _one_after_the_other(tx, item)
    known = _known(tx, item)
    if known is not None:
        return known
    row = tx.row(
        "SELECT number, payload FROM display_items WHERE community_id = ? AND stage = ? AND lane = 'alerts'"
        " AND state = 'waiting' AND created_at > ? AND source = 'follow' ORDER BY number DESC LIMIT 1",
        item.community_id, item.stage, now - MERGE,
    )  # fmt: skip
    if row is None:
        return None
    card = _card.decode(row[1])
    merged = make([*card.data.get("names", [card.data["title"].removesuffix(" follows")]), name])
    tx.run(
        "UPDATE display_items SET payload = ?, said = ? WHERE community_id = ? AND number = ?",
        msgspec.json.encode(merged).decode(), merged.data["title"], item.community_id, row[0],
    )  # fmt: skip
    _tells_of(tx, item, row[0])
    _keep(tx, item, _next_number(tx, item), now, ("done", f"told with #{row[0]}"))
    return int(row[0])


def again(tx: Tx, community_id: int, number: int | None, now: datetime) -> tuple[int, str] | None:
    """Queue an item of the last day once more: its number and words."""
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
