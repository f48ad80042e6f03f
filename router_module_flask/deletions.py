"""Marks kept messages that were deleted on their platform."""

from __future__ import annotations

from collections.abc import Iterable

from flask_core.database import Tx
from flask_core.datamodels import Event

_ONE = "UPDATE messages SET deleted = ? WHERE community_id = ? AND channel = ? AND message_id = ?"
_ALL = "UPDATE messages SET deleted = ? WHERE community_id = ? AND channel = ? AND user_id = ? AND occurred_at <= ?"


def mark_deleted(tx: Tx, told: Iterable[tuple[Event, int]]) -> None:
    """Mark what these events with their communities name: one message, or all of somebody's in the channel."""
    for event, community_id in told:
        message_id, account = event.data.get("message_id"), event.account
        if isinstance(message_id, str) and message_id:
            tx.run(_ONE, True, community_id, event.channel, message_id)
        elif event.data.get("all") is True and account is not None:
            tx.run(_ALL, True, community_id, event.channel, account.user_id, event.occurred_at)
