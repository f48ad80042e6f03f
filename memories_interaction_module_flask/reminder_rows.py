"""Reminders as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from flask_core.database import Tx
from flask_core.numbers import next_number
from flask_core.when import Recurring, When
from memories_interaction_module_flask.models import Reminder

TOO_LATE = timedelta(hours=24)
COLUMNS = (
    "id, community_id, number, owner, owner_name, platform, user_id, channel, target, text, private, rule, wall, zone,"
    " started_at, ends_at, occurrence, elsewhere, status, due_at, fired_at, last_error, created_at"
)
_PRIVATE = 10
_INSERT = (
    "INSERT INTO reminders (community_id, number, owner, owner_name, platform, user_id, channel, target, text, private,"
    " rule, wall, zone, started_at, ends_at, occurrence, elsewhere, created_at, status, due_at, expires_at, claimed_by,"
    " claimed_until, attempts, last_error, idempotency_key) VALUES"
    " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, '', ?, 'waiting', ?, ?, '', ?, 0, '', ?)"
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


@dataclass(frozen=True, slots=True)
class Timing:
    """When it fires: the first moment, and the rule with its wall time; `rule` is empty for a single time."""

    due_at: datetime
    zone: str
    rule: str = ""
    wall: str = ""


def timing(when: When) -> Timing:
    """A time that was read, as it is kept."""
    if isinstance(when, Recurring):
        return Timing(when.first, str(when.zone), when.rule, f"{when.wall:%H:%M}")
    return Timing(when.at, str(when.zone))


def key_of(community_id: int, number: int, occurrence: int) -> str:
    """The same for one occurrence, so that a second hand-over says nothing twice."""
    return f"mem-{community_id}-{number}-{occurrence}"


def add(
    tx: Tx, new: NewReminder, text: str, when: Timing, now: datetime, ends_at: datetime, *, at_most: int
) -> Reminder | None:
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
    tx.run(
        _INSERT,
        new.community_id, number, new.owner, new.owner_name, new.platform, new.user_id, new.channel, new.target, text,
        new.private, when.rule, when.wall, when.zone, now, ends_at, now, when.due_at, when.due_at + TOO_LATE,
        when.due_at, key_of(new.community_id, number, 1),
    )  # fmt: skip
    return one(tx, new.community_id, number)


def again_once(tx: Tx, like: Reminder, due_at: datetime, now: datetime) -> Reminder:
    """A single one that says the same as a recurring one, at `due_at`."""
    new = NewReminder(
        like.community_id, like.owner, like.owner_name, like.platform, like.user_id, like.channel, like.target,
        like.text, like.private,
    )  # fmt: skip
    # A companion is no new wish, so the limit does not count.
    made = add(tx, new, like.text, Timing(due_at, like.zone), now, like.ends_at, at_most=1_000_000)
    assert made is not None
    return made


def wait_for(tx: Tx, reminder: Reminder, due_at: datetime, error: str = "") -> None:
    """Let it wait for another moment, under the key of its next occurrence."""
    tx.run(
        "UPDATE reminders SET status = 'waiting', due_at = ?, expires_at = ?, claimed_by = '', claimed_until = ?,"
        " attempts = 0, last_error = ?, elsewhere = '', occurrence = ?, idempotency_key = ? WHERE id = ?",
        due_at, due_at + TOO_LATE, due_at, error, reminder.occurrence + 1,
        key_of(reminder.community_id, reminder.number, reminder.occurrence + 1), reminder.id,
    )  # fmt: skip


def one(tx: Tx, community_id: int, number: int) -> Reminder | None:
    """A reminder by its number."""
    row = tx.row(f"SELECT {COLUMNS} FROM reminders WHERE community_id = ? AND number = ?", community_id, number)
    return None if row is None else reminder_of(row)


def found(tx: Tx, reminder: Reminder) -> Reminder:
    """A reminder as it is now."""
    now = one(tx, reminder.community_id, reminder.number)
    assert now is not None
    return now


def reminder_of(row: tuple[Any, ...]) -> Reminder:
    """The reminder in a row of COLUMNS."""
    values = list(row)
    values[_PRIVATE] = bool(row[_PRIVATE])
    return Reminder(*values)
