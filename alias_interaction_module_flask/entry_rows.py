"""Rows of commands as entries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from alias_interaction_module_flask.models import Entry, Origin, Wish
from flask_core.database import Tx
from flask_core.datamodels import Platform, Role

WISH = (
    "kind, name, body, dialect, role, cooldown_channel, cooldown_member, live, platforms, channels, style, cost,"
    " send_caller, hidden, enabled"
)
_REST = (
    "source, external_id, original, version, created_by, created_name, created_at, updated_by, updated_name,"
    " updated_at, deleted_at"
)
COLUMNS = f"id, community_id, {WISH}, {_REST}"
NEVER = datetime(9000, 1, 1, tzinfo=UTC)
_WISH_ENDS = 2 + WISH.count(",") + 1


def entry_of(row: tuple[Any, ...]) -> Entry:
    """The entry in a row of COLUMNS."""
    number, community_id, rest = row[0], row[1], row[_WISH_ENDS:]
    return Entry(number, community_id, wish_of(row[2:_WISH_ENDS]), Origin(*rest[:3]), *rest[3:])


def wish_of(row: tuple[Any, ...]) -> Wish:
    """What was wanted, in the columns of WISH."""
    kind, name, body, dialect, role, channel, member, live, platforms, channels, style, cost, *switches = row
    send_caller, hidden, enabled = map(bool, switches)
    return Wish(
        kind, name, body, dialect, Role(role), channel, member, live, tuple(map(Platform, platforms.split())),
        tuple(channels.split()), style, cost, send_caller, hidden, enabled,
    )  # fmt: skip


def columns_of(wish: Wish) -> tuple[Any, ...]:
    """The values of WISH."""
    return (
        wish.kind, wish.name, wish.body, wish.dialect, int(wish.role), float(wish.cooldown_channel),
        float(wish.cooldown_member), wish.when, " ".join(wish.platforms), " ".join(wish.channels), wish.style,
        wish.cost, wish.send_caller, wish.hidden, wish.enabled,
    )  # fmt: skip


def named(tx: Tx, community_id: int, key: str) -> Entry | None:
    """The command of that name that is not in the bin."""
    row = tx.row(
        f"SELECT {COLUMNS} FROM commands WHERE community_id = ? AND name_key = ? AND deleted_at IS NULL",
        community_id, key,
    )  # fmt: skip
    return None if row is None else entry_of(row)


def one(tx: Tx, community_id: int, entry_id: int) -> Entry | None:
    """The command with that id, also from the bin."""
    row = tx.row(f"SELECT {COLUMNS} FROM commands WHERE community_id = ? AND id = ?", community_id, entry_id)
    return None if row is None else entry_of(row)


def mark_changed(tx: Tx, community_id: int, now: datetime) -> int:
    """What the router knows is old: push it, at once; the version that the router shall have."""
    return int(
        tx.value(
            "INSERT INTO index_pushes (community_id, version, acknowledged, status, due_at, expires_at, claimed_by,"
            " claimed_until, attempts, last_error, idempotency_key)"
            " VALUES (?, 1, 0, 'waiting', ?, ?, '', ?, 0, '', ?) ON CONFLICT (community_id) DO UPDATE SET"
            " version = index_pushes.version + 1, status = 'waiting', due_at = excluded.due_at, claimed_by = '',"
            " claimed_until = excluded.claimed_until, attempts = 0 RETURNING version",
            community_id, now, NEVER, now, f"index {community_id}",
        )
    )  # fmt: skip
