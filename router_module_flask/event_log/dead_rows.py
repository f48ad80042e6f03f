"""Events that were given up, in the table of the embedded deployment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from flask_core.database import Tx
from flask_core.datamodels import Event
from router_module_flask.delivering.rows import escaped_like

_event = msgspec.json.Decoder(Event)
_DEAD = "SELECT seq, body FROM event_log WHERE status = 'dead'"


def late(event: Event) -> Event:
    """The event as it is read again: long after it happened, so it counts and nobody is answered."""
    return msgspec.structs.replace(event, data={**event.data, "late": True})


def concerns(event: Event, accounts: Sequence[tuple[str, str]], channels: Sequence[str]) -> bool:
    """Whether one of the accounts wrote it, or is quoted in it, or it happened in one of the channels."""
    quoted = event.reply_to.account if event.reply_to is not None else None
    people = {(event.platform, account.user_id) for account in (event.account, quoted) if account is not None}
    return event.channel in channels or not people.isdisjoint(accounts)


def letters(tx: Tx, limit: int) -> list[tuple[str, Event]]:
    """Numbers and events, newest first."""
    return [(str(seq), _event.decode(body)) for seq, body in tx.rows(f"{_DEAD} ORDER BY seq DESC LIMIT ?", limit)]


def revive(tx: Tx, seq: int, free_since: datetime) -> str | None:
    """Make it free to be taken over; its event id, or None when it is not dead."""
    row = tx.row(f"{_DEAD} AND seq = ?", seq)
    if row is None:
        return None
    event = late(_event.decode(row[1]))
    revived = tx.run(
        "UPDATE event_log SET status = 'taken', attempts = 0, leased_until = ?, body = ? WHERE seq = ?"
        " AND status = 'dead'",
        free_since, msgspec.json.encode(event).decode(), seq,
    )  # fmt: skip
    return event.event_id if revived else None


def forget(tx: Tx, accounts: Sequence[tuple[str, str]], channels: Sequence[str]) -> int:
    """Delete those that concern these accounts or channels; events that still wait reach their traces first."""
    found = {
        seq
        for _, user_id in accounts
        for seq, body in tx.rows(f"{_DEAD} AND body LIKE ? ESCAPE '!'", _naming(user_id))
        if concerns(_event.decode(body), accounts, ())
    }
    gone = sum(tx.run("DELETE FROM event_log WHERE seq = ?", seq) for seq in found)
    for channel in channels:
        gone += tx.run("DELETE FROM event_log WHERE status = 'dead' AND channel = ?", channel)
    return gone


def _naming(user_id: str) -> str:
    """A pattern for JSON that may name the account."""
    return f'%"user_id":{escaped_like(msgspec.json.encode(user_id).decode())}%'
