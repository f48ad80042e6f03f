"""What platforms told about streams, and how much people write: what a timer looks at before it speaks."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from flask_core.contracts.timers import TimerSettings
from flask_core.database import Tx
from flask_core.datamodels import LIVE_AFTER, Event, MessageType
from router_module_flask.timers.models import LATEST, Stream, interval

TOLD = frozenset({*LIVE_AFTER, MessageType.STREAM_UPDATE})
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_WORDS = 200
_chance = random.Random()


def hear(tx: Tx, told: Iterable[tuple[Event, int]], now: datetime) -> None:
    """Remember events of streams with their communities; they may come twice and out of order."""
    for event, community_id in told:
        known = tx.row(
            "SELECT live, live_at, category, title, words_at FROM stream_states WHERE channel = ?", event.channel
        )
        before = known or (None, _LONG_AGO, "", "", _LONG_AGO)
        live, live_at, category, title, words_at = before
        if event.message_type in LIVE_AFTER and event.occurred_at > live_at:
            live, live_at = LIVE_AFTER[event.message_type], event.occurred_at
        if {"category", "title"} & event.data.keys() and event.occurred_at > words_at:
            category, title = _word(event, "category", category), _word(event, "title", title)
            words_at = event.occurred_at
        tx.run(
            "INSERT INTO stream_states (channel, community_id, live, live_at, category, title, words_at, heard_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (channel) DO UPDATE SET community_id = excluded.community_id,"
            " live = excluded.live, live_at = excluded.live_at, category = excluded.category, title = excluded.title,"
            " words_at = excluded.words_at, heard_at = excluded.heard_at",
            event.channel, community_id, live, live_at, category, title, words_at, now,
        )  # fmt: skip
        if live is not None and live != before[0]:
            _reschedule(tx, event.channel, live, now)


def _word(event: Event, name: str, otherwise: str) -> str:
    told = event.data.get(name, otherwise)
    return told[:_WORDS] if isinstance(told, str) else otherwise


def _reschedule(tx: Tx, channel: str, live: bool, now: datetime) -> None:
    """Timers with two intervals go over to the other one; going live never makes anybody wait longer."""
    for place_id, due_at, every, offline in tx.rows(
        "SELECT p.id, p.due_at, t.every_seconds, t.offline_seconds FROM timer_places p"
        " JOIN timers t ON t.id = p.timer_id WHERE p.channel = ? AND p.status = 'waiting' AND t.offline_seconds <> 0",
        channel,
    ):
        due = now + interval(TimerSettings(every, offline_every=offline), live, _chance)
        if live:
            due = min(due, due_at)
        tx.run(
            "UPDATE timer_places SET due_at = ?, expires_at = ?, claimed_until = ? WHERE id = ? AND claimed_by = ''",
            due, due + LATEST, due, place_id,
        )  # fmt: skip


def stream_of(tx: Tx, channel: str) -> Stream:
    """What is known about the stream of a channel."""
    row = tx.row("SELECT live, category, title FROM stream_states WHERE channel = ?", channel)
    return Stream() if row is None else Stream(None if row[0] is None else bool(row[0]), row[1], row[2])


def lines(tx: Tx, community_id: int, channel: str, since: datetime, enough: int) -> int:
    """How many lines people wrote there that were no commands; counting stops at `enough`."""
    return int(
        tx.value(
            "SELECT count(*) FROM (SELECT 1 FROM traces WHERE community_id = ? AND channel = ? AND occurred_at > ?"
            " AND message_type = ? AND outcome IN ('plain', 'heard') AND bot = ? LIMIT ?) AS counted",
            community_id, channel, since, MessageType.CHAT, False, enough,
        )
    )  # fmt: skip


def counted_since(settings: TimerSettings, lines_from: datetime, now: datetime) -> datetime:
    """From when on lines count: since the last post, and within the window if there is one."""
    if not settings.lines_within:
        return lines_from
    return max(lines_from, now - timedelta(seconds=settings.lines_within))
