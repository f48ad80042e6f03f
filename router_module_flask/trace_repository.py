"""Reads the ways of events: steps and speakers for a week, texts while the community keeps them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from flask_core.contracts.router import TraceDelivery, TraceStep, TraceView
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Action, Chat, GivenMember
from router_module_flask.delivering.rows import escaped_like, kept_action, words_of

_SELECT = (
    "SELECT t.event_id, t.message_type, t.channel, t.occurred_at, t.steps, t.command, t.outcome, t.total_ms,"
    " t.speaker, t.had_text, m.text, m.deleted FROM traces t LEFT JOIN messages m ON m.event_id = t.event_id"
    " WHERE t.community_id = ?"
)
_steps = msgspec.json.Decoder(list[tuple[str, bool, str, float]])


class TraceRepository:
    """Traces of one community at a time; those of another are not found."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def one(self, community_id: int, event_id: str) -> TraceView | None:
        """The way of one event with its deliveries."""
        return await self._database.read(lambda tx: _one(tx, community_id, event_id))

    async def by_message(self, community_id: int, message_id: str) -> TraceView | None:
        """The way of the event behind a platform's message, or behind the bot's own answer."""
        return await self._database.read(lambda tx: _by_message(tx, community_id, message_id))

    async def newest(
        self, community_id: int, *, channel: str = "", q: str = "", limit: int = 50, before: str = ""
    ) -> list[TraceView]:
        """Newest first; `q` is a command or an outcome, `before` the event id that ended the last page."""
        return await self._database.read(
            lambda tx: _newest(tx, community_id, channel=channel, q=q, limit=min(max(limit, 1), 100), before=before)
        )

    async def newest_decision(
        self, community_id: int, channel: str, member: GivenMember | None, since: datetime
    ) -> TraceView | None:
        """The last event in a channel that was more than a plain line; of one speaker when named or mentioned."""
        return await self._database.read(lambda tx: _newest_decision(tx, community_id, channel, member, since))


def _one(tx: Tx, community_id: int, event_id: str) -> TraceView | None:
    row = tx.row(f"{_SELECT} AND t.event_id = ?", community_id, event_id)
    return None if row is None else _view(tx, row)


def _by_message(tx: Tx, community_id: int, message_id: str) -> TraceView | None:
    event_id = tx.value(
        "SELECT event_id FROM messages WHERE community_id = ? AND message_id = ?", community_id, message_id
    ) or tx.value(
        # A long answer is several messages on the platform; each leads here.
        "SELECT event_id FROM deliveries WHERE community_id = ? AND message_ids LIKE ? ESCAPE '!'",
        community_id, f"%{escaped_like(msgspec.json.encode(message_id).decode())}%",
    )  # fmt: skip
    return _one(tx, community_id, event_id) if event_id else None


def _newest(tx: Tx, community_id: int, *, channel: str, q: str, limit: int, before: str) -> list[TraceView]:
    sql, values = _SELECT, [community_id]
    for condition, value in (
        (" AND t.channel = ?", channel),
        (" AND (t.command = ? OR t.outcome = ?)", q),
        (" AND t.occurred_at < (SELECT occurred_at FROM traces WHERE event_id = ?)", before),
    ):
        if value:
            sql += condition
            values += [value] * condition.count("?")  # type: ignore[list-item]
    rows = tx.rows(f"{sql} ORDER BY t.occurred_at DESC, t.event_id DESC LIMIT ?", *values, limit)
    return [_view(tx, row) for row in rows]


def _newest_decision(
    tx: Tx, community_id: int, channel: str, member: GivenMember | None, since: datetime
) -> TraceView | None:
    sql = f"{_SELECT} AND t.channel = ? AND t.occurred_at > ? AND t.outcome <> 'plain' AND t.command <> 'why'"
    values: list[object] = [community_id, channel, since]
    if member is not None and member.user_id:
        sql, values = f"{sql} AND t.user_id = ?", [*values, member.user_id]
    elif member is not None:
        sql, values = f"{sql} AND lower(t.speaker) = ?", [*values, member.name.lower()]
    row = tx.row(f"{sql} ORDER BY t.occurred_at DESC, t.event_id DESC LIMIT 1", *values)
    return None if row is None else _view(tx, row)


def _view(tx: Tx, row: tuple[object, ...]) -> TraceView:
    event_id, message_type, channel, occurred_at, steps, command, outcome, total_ms, speaker, had_text, *kept = row
    text, deleted = kept
    assert isinstance(occurred_at, datetime)
    return TraceView(
        event_id=str(event_id),
        message_type=str(message_type),
        channel=str(channel),
        occurred_at=occurred_at,
        steps=tuple(
            TraceStep(name, ok, said, round(seconds * 1000, 1)) for name, ok, said, seconds in _steps.decode(str(steps))
        ),
        text=str(text or ""),
        had_text=bool(had_text),
        deleted=bool(deleted),
        speaker=str(speaker),
        command=str(command),
        outcome=str(outcome),
        total_ms=round(float(str(total_ms)), 1),
        deliveries=_deliveries(tx, str(event_id), with_text=text is not None),
    )


def _deliveries(tx: Tx, event_id: str, *, with_text: bool) -> tuple[TraceDelivery, ...]:
    rows = tx.rows(
        "SELECT kind, body, state, reason, channel FROM deliveries WHERE event_id = ? ORDER BY id", event_id
    )  # fmt: skip
    return tuple(
        TraceDelivery(kind, _text_of(kept_action(body)) if with_text else "", state, reason, channel)
        for kind, body, state, reason, channel in rows
    )


def _text_of(action: Action | None) -> str:
    """What the action says; a private line stays private here too."""
    return "(private)" if isinstance(action, Chat) and action.private else words_of(action)
