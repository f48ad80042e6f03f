"""Timers as rows: reading and writing them inside a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from flask_core.contracts.timers import TimerPlace, TimerSettings
from flask_core.database import Tx
from flask_core.datamodels import Role
from router_module_flask.timers.models import LATEST, Author, Timer

_SETTINGS = (
    "every_seconds, texts, command, text_order, offline_seconds, min_lines, within_seconds, stream, channels, category,"
    " title, style, color"
)
_AUTHOR = "author, author_is_person, author_name, author_role, author_assigned"
_TIMER = f"id, community_id, name, enabled, version, {_AUTHOR}, {_SETTINGS}"
_texts = msgspec.json.Decoder(tuple[str, ...])


def one(tx: Tx, community_id: int, name: str) -> Timer | None:
    """A timer by its name."""
    row = tx.row(f"SELECT {_TIMER} FROM timers WHERE community_id = ? AND name = ?", community_id, name)
    return None if row is None else _timer(row)


def by_id(tx: Tx, timer_id: int) -> Timer | None:
    """A timer by its id."""
    row = tx.row(f"SELECT {_TIMER} FROM timers WHERE id = ?", timer_id)
    return None if row is None else _timer(row)


def all_of(tx: Tx, community_id: int) -> list[Timer]:
    """All of a community, by name."""
    rows = tx.rows(f"SELECT {_TIMER} FROM timers WHERE community_id = ? ORDER BY name", community_id)
    return [_timer(row) for row in rows]


def add(
    tx: Tx, community_id: int, name: str, settings: TimerSettings, author: Author, now: datetime, *, enabled: bool
) -> Timer:
    """A new one; its name must be free."""
    values = (community_id, name, enabled, 1, *_author(author), *_values(settings), now)
    columns = f"community_id, name, enabled, version, {_AUTHOR}, {_SETTINGS}, changed_at"
    (row,) = tx.rows(
        f"INSERT INTO timers ({columns}) VALUES ({', '.join('?' * len(values))}) RETURNING {_TIMER}", *values
    )
    return _timer(row)


def change(tx: Tx, timer: Timer, settings: TimerSettings, author: Author, now: datetime, *, enabled: bool) -> Timer:
    """Other settings for one; raises nothing when it is gone, but changes nothing either."""
    assignments = ", ".join(f"{name} = ?" for name in f"{_AUTHOR}, {_SETTINGS}".split(", "))
    (row,) = tx.rows(
        f"UPDATE timers SET enabled = ?, version = version + 1, changed_at = ?, {assignments} WHERE id = ?"
        f" RETURNING {_TIMER}",
        enabled, now, *_author(author), *_values(settings), timer.id,
    )  # fmt: skip
    return _timer(row)


def remove(tx: Tx, timer: Timer) -> bool:
    """Forget one and its places; False when it was gone."""
    tx.run("DELETE FROM timer_places WHERE timer_id = ?", timer.id)
    return bool(tx.run("DELETE FROM timers WHERE id = ?", timer.id))


def settle(tx: Tx, timer: Timer, channels: Iterable[str], waits: Sequence[timedelta], now: datetime) -> None:
    """Let the timer run in exactly these channels, each for the first time after its wait."""
    wanted = list(channels)
    for (channel,) in tx.rows("SELECT channel FROM timer_places WHERE timer_id = ?", timer.id):
        if channel not in wanted:
            tx.run("DELETE FROM timer_places WHERE timer_id = ? AND channel = ?", timer.id, channel)
    for channel, wait in zip(wanted, waits, strict=True):
        _place(tx, timer, channel, now + wait, now)


def join(tx: Tx, timer: Timer, channels: Iterable[str], wait: timedelta, now: datetime) -> None:
    """Let the timer run in these channels too, where it does not yet."""
    known = {row[0] for row in tx.rows("SELECT channel FROM timer_places WHERE timer_id = ?", timer.id)}
    for channel in channels:
        if channel not in known:
            _place(tx, timer, channel, now + wait, now)


def _place(tx: Tx, timer: Timer, channel: str, due: datetime, now: datetime) -> None:
    status = "waiting" if timer.enabled else "off"
    tx.run(
        "INSERT INTO timer_places (timer_id, community_id, channel, turn, lines_from, said, status, due_at, expires_at,"
        " claimed_by, claimed_until, attempts, last_error, idempotency_key)"
        " VALUES (?, ?, ?, 0, ?, '', ?, ?, ?, '', ?, 0, '', ?) ON CONFLICT (timer_id, channel) DO UPDATE SET"
        " status = excluded.status, due_at = excluded.due_at, expires_at = excluded.expires_at, claimed_by = '',"
        " claimed_until = excluded.claimed_until, attempts = 0, last_error = '',"
        " lines_from = CASE WHEN timer_places.status = 'off' THEN excluded.lines_from ELSE timer_places.lines_from END",
        timer.id, timer.community_id, channel, now, status, due, due + LATEST, due, f"{timer.id}:{channel}",
    )  # fmt: skip


def places(tx: Tx, community_id: int, timer_id: int = 0) -> dict[int, list[TimerPlace]]:
    """Where the timers of a community, or one of them, run; by timer."""
    found: dict[int, list[TimerPlace]] = {}
    for number, channel, status, due_at, ran_at, posted_at, said in tx.rows(
        "SELECT timer_id, channel, status, due_at, ran_at, posted_at, said FROM timer_places"
        " WHERE community_id = ? AND (? = 0 OR timer_id = ?) ORDER BY channel",
        community_id, timer_id, timer_id,
    ):  # fmt: skip
        next_at = None if status == "off" else due_at
        found.setdefault(number, []).append(TimerPlace(channel, next_at, ran_at, posted_at, said))
    return found


def _values(settings: TimerSettings) -> tuple[object, ...]:
    texts, channels = (msgspec.json.encode(words).decode() for words in (settings.texts, settings.channels))
    return (
        settings.every, texts, settings.command, settings.order, settings.offline_every, settings.lines,
        settings.lines_within, settings.stream, channels, settings.category, settings.title, settings.style,
        settings.color,
    )  # fmt: skip


def _author(author: Author) -> tuple[object, ...]:
    return author.id, author.person, author.name, int(author.role), int(author.assigned)


def _timer(row: tuple[Any, ...]) -> Timer:
    number, community_id, name, enabled, version, author, person, author_name, role, assigned, *told = row
    every, texts, command, order, offline, lines, within, stream, channels, category, title, style, color = told
    settings = TimerSettings(
        every, _texts.decode(texts), command, order, offline, lines, within, stream, _texts.decode(channels), category,
        title, style, color,
    )  # fmt: skip
    whose = Author(author, bool(person), author_name, Role(role), Role(assigned))
    return Timer(number, community_id, name, bool(enabled), settings, whose, version)
