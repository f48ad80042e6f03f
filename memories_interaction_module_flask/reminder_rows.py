"""Reminders as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flask_core.database import Tx
from flask_core.numbers import next_number
from flask_core.when import Recurring, When
from memories_interaction_module_flask.models import Reminder

COLUMNS = (
    "id, community_id, number, owner, owner_name, platform, user_id, channel, target, text, private, rule, wall, zone,"
    " started_at, occurrence, status, due_at, fired_at, attempts, last_error, created_at"
)


@dataclass(frozen=True, slots=True)
class NewReminder:
    """What somebody wants to be reminded of."""

    community_id: int
    owner: str
    owner_name: str
    platform: str
    user_id: str
    channel: str
    target: Literal["me", "channel"]
    text: str
    private: bool = False


def timing(when: When) -> tuple[str, str, str, datetime]:
    """The columns of a time: rule, wall time, zone and the first moment."""
    if isinstance(when, Recurring):
        return when.rule, f"{when.wall:%H:%M}", str(when.zone), when.first
    return "", "", str(when.zone), when.at


def add(tx: Tx, new: NewReminder, text: str, when: When, now: datetime, *, at_most: int) -> Reminder | None:
    """Insert one, or None when `at_most` wait already."""
    number = next_number(tx, new.community_id, "reminder")
    # The sequence's row is locked by now, so two adds at once cannot both be the last one allowed.
    waiting = tx.value(
        "SELECT count(*) FROM reminders WHERE community_id = ? AND target = ? AND status = 'waiting'"
        " AND (target = 'me' AND owner = ? OR target = 'channel' AND channel = ?)",
        new.community_id, new.target, new.owner, new.channel,
    )  # fmt: skip
    if waiting >= at_most:
        return None
    rule, wall, zone, due = timing(when)
    tx.run(
        "INSERT INTO reminders (community_id, number, owner, owner_name, platform, user_id, channel, target, text,"
        " private, rule, wall, zone, started_at, occurrence, status, due_at, claimed_by, claimed_until, attempts,"
        " last_error, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 'waiting', ?, '', ?, 0, '', ?)",
        new.community_id, number, new.owner, new.owner_name, new.platform, new.user_id, new.channel, new.target, text,
        new.private, rule, wall, zone, now, due, now, now,
    )  # fmt: skip
    return one(tx, new.community_id, number)


def insert_like(tx: Tx, like: Reminder, number: int, due: datetime, now: datetime) -> None:
    """Insert a single one that says the same at another time."""
    tx.run(
        "INSERT INTO reminders (community_id, number, owner, owner_name, platform, user_id, channel, target, text,"
        " private, rule, wall, zone, started_at, occurrence, status, due_at, claimed_by, claimed_until, attempts,"
        " last_error, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', ?, ?, 1, 'waiting', ?, '', ?, 0, '', ?)",
        like.community_id, number, like.owner, like.owner_name, like.platform, like.user_id, like.channel, like.target,
        like.text, like.private, like.zone, now, due, now, now,
    )  # fmt: skip


def found(tx: Tx, community_id: int, number: int) -> Reminder:
    """A reminder that is there."""
    reminder = one(tx, community_id, number)
    assert reminder is not None
    return reminder


def one(tx: Tx, community_id: int, number: int) -> Reminder | None:
    """A reminder by its number."""
    row = tx.row(f"SELECT {COLUMNS} FROM reminders WHERE community_id = ? AND number = ?", community_id, number)
    return None if row is None else reminder_of(row)


def reminder_of(row: tuple[Any, ...]) -> Reminder:
    """The reminder in a row of COLUMNS."""
    values = list(row)
    values[10] = bool(row[10])
    return Reminder(*values)
