"""Nukes and what they did: kept for ninety days, lifted within one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from flask_core.contracts.nukes import Nuke
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Moderate
from flask_core.numbers import next_number
from router_module_flask.audit import Change, write_down
from router_module_flask.delivering.repository import insert_outgoing
from router_module_flask.delivering.rows import kept_delivery
from router_module_flask.models import Outgoing

AT_ONCE = 1_000
_ROWS = 200
_PUNISHES = ("timeout", "ban")
_COLUMNS = "number, kind, words, act, seconds, messages, accounts, channel, actor, made_at, undone_at"

type Place = tuple[str, str]
"""An account where it wrote: channel key and user id."""


class Line(msgspec.Struct, frozen=True):
    """A retained message with what has to be known of its author."""

    event_id: str
    channel: str
    user_id: str
    member_id: str
    message_id: str
    text: str
    platform_role: int
    bot: bool
    occurred_at: datetime
    speaker: str


class Act(msgspec.Struct, frozen=True):
    """A time-out or ban of a nuke; `state` is what became of its delivery, "" when that is no longer known."""

    channel: str
    user_id: str
    delivery_key: str
    state: str


class Blow(msgspec.Struct, frozen=True):
    """Everything that a nuke is about to do."""

    nuke: Nuke
    community_id: int
    asked_as: str
    lines: Sequence[Line]
    punished: Sequence[tuple[Place, str]]
    """Accounts to time out or ban, with their member ids."""


class NukeRepository:
    """Reads retained messages; writes a nuke, its acts and their deliveries in one transaction."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def lines(self, community_id: int, channel: str, since: datetime, before: Line | None) -> list[Line]:
        """The next page of lines written since then, newest first; without those that ask for a nuke."""
        sql, values = "", list[object]([community_id, since])
        if channel:
            sql, values = " AND m.channel = ?", [*values, channel]
        if before is not None:
            at = before.occurred_at
            sql += " AND (m.occurred_at < ? OR (m.occurred_at = ? AND m.event_id < ?))"
            values += [at, at, before.event_id]
        rows = await self._database.read(
            lambda tx: tx.rows(
                "SELECT m.event_id, m.channel, m.user_id, m.member_id, m.message_id, m.text, m.platform_role, m.bot,"
                " m.occurred_at, coalesce(t.speaker, '') FROM messages m LEFT JOIN traces t ON t.event_id = m.event_id"
                " WHERE m.community_id = ? AND m.occurred_at > ? AND m.user_id <> ''"
                f" AND coalesce(t.command, '') <> 'nuke'{sql} ORDER BY m.occurred_at DESC, m.event_id DESC LIMIT ?",
                *values,
                AT_ONCE,
            )
        )
        return [Line(*row) for row in rows]

    async def punished_since(self, community_id: int, since: datetime) -> dict[Place, list[tuple[datetime, str]]]:
        """Time-outs and bans of accounts since then, by people and by our own filters and rules."""
        return await self._database.read(lambda tx: punished_since(tx, community_id, since, but=""))

    async def known(self, community_id: int, asked_as: str) -> Nuke | None:
        """The nuke that was made for this question before."""
        row = await self._database.read(
            lambda tx: tx.row(
                f"SELECT {_COLUMNS} FROM nukes WHERE community_id = ? AND asked_as = ?", community_id, asked_as
            )
        )
        return None if row is None else _nuke(row)

    async def newest(self, community_id: int) -> list[Nuke]:
        """Up to 50."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_COLUMNS} FROM nukes WHERE community_id = ? ORDER BY number DESC LIMIT 50", community_id
            )
        )
        return [_nuke(row) for row in rows]

    async def one(self, community_id: int, number: int) -> Nuke | None:
        """A nuke by its number."""
        row = await self._database.read(
            lambda tx: tx.row(
                f"SELECT {_COLUMNS} FROM nukes WHERE community_id = ? AND number = ?", community_id, number
            )
        )
        return None if row is None else _nuke(row)

    async def make(
        self, blow: Blow, act_on: Callable[[int], Sequence[Outgoing]], now: datetime
    ) -> tuple[int, list[Outgoing]]:
        """Number and keep it; returns the number and the deliveries to start. The punishments come first in them."""
        return await self._database.write(lambda tx: _make(tx, blow, act_on, now))

    async def undo(
        self, nuke: Nuke, change: Change, lift: Callable[[list[Act]], Sequence[Outgoing]], now: datetime
    ) -> tuple[int, int, list[Outgoing]] | None:
        """How many acts are lifted and how many are left, with the deliveries; None when somebody was faster."""
        return await self._database.write(lambda tx: _undo(tx, nuke, change, lift, now))


def _make(tx: Tx, blow: Blow, act_on: Callable[[int], Sequence[Outgoing]], now: datetime) -> tuple[int, list[Outgoing]]:
    nuke, community_id = blow.nuke, blow.community_id
    number = next_number(tx, community_id, "nuke")
    tx.run(
        "INSERT INTO nukes (community_id, number, asked_as, kind, words, channel, act, seconds, actor, messages,"
        " accounts, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        community_id, number, blow.asked_as or f"#{number}", nuke.kind, nuke.words, nuke.channel, nuke.act,
        nuke.seconds, nuke.actor, nuke.messages, nuke.accounts, now,
    )  # fmt: skip
    outgoing = act_on(number)
    tx.many(
        "INSERT INTO nuke_acts (community_id, number, channel, user_id, member_id, delivery_key, made_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (community_id, number, *place, member_id, out.key, now)
            for (place, member_id), out in zip(blow.punished, outgoing, strict=False)
        ],
    )
    done = {"act": nuke.act, "seconds": nuke.seconds, "messages": nuke.messages, "accounts": nuke.accounts}
    write_down(tx, Change(community_id, nuke.actor, "nuke.make", f"#{number}", became=done), now)
    return number, _insert(tx, outgoing, now)


def _undo(
    tx: Tx, nuke: Nuke, change: Change, lift: Callable[[list[Act]], Sequence[Outgoing]], now: datetime
) -> tuple[int, int, list[Outgoing]] | None:
    community_id, number = change.community_id, nuke.number
    if not tx.run(
        "UPDATE nukes SET undone_at = ? WHERE community_id = ? AND number = ? AND undone_at IS NULL",
        now, community_id, number,
    ):  # fmt: skip
        return None
    acts = [
        Act(*row)
        for row in tx.rows(
            "SELECT a.channel, a.user_id, a.delivery_key, coalesce(d.state, '') FROM nuke_acts a LEFT JOIN deliveries d"
            " ON d.source = 'router' AND d.idempotency_key = a.delivery_key WHERE a.community_id = ? AND a.number = ?"
            " ORDER BY a.channel, a.user_id",
            community_id, number,
        )
    ]  # fmt: skip
    # What is not done yet must not be tried again behind its own undoing.
    tx.run(
        "UPDATE deliveries SET state = 'cancelled' WHERE source = 'router' AND state = 'waiting' AND idempotency_key"
        " IN (SELECT delivery_key FROM nuke_acts WHERE community_id = ? AND number = ?)",
        community_id, number,
    )  # fmt: skip
    done = [act for act in acts if act.state in {"done", "waiting", "unknown", "unconfirmed", ""}]
    assert nuke.made_at is not None
    later = punished_since(tx, community_id, nuke.made_at, but=f"nuke:{community_id}:{number}:")
    own = [act for act in done if (act.channel, act.user_id) not in later]
    write_down(tx, change, now)
    return len(own), len(done) - len(own), _insert(tx, lift(own), now)


def _insert(tx: Tx, outgoing: Sequence[Outgoing], now: datetime) -> list[Outgoing]:
    """In pieces: a statement has only so many places."""
    return [
        out
        for start in range(0, len(outgoing), _ROWS)
        for out in insert_outgoing(tx, outgoing[start : start + _ROWS], now)
    ]


def punished_since(tx: Tx, community_id: int, since: datetime, *, but: str) -> dict[Place, list[tuple[datetime, str]]]:
    """Who was timed out or banned where since then: by people, or by ourselves under keys that do not begin `but`."""
    found: dict[Place, list[tuple[datetime, str]]] = {}
    for channel, user_id, kind, at in tx.rows(
        "SELECT channel, user_id, message_type, occurred_at FROM traces WHERE community_id = ? AND occurred_at >= ?"
        " AND message_type IN ('timeout', 'ban') AND own_act = ?",
        community_id, since, False,
    ):  # fmt: skip
        found.setdefault((channel, user_id), []).append((at, kind))
    for channel, key, body, at in tx.rows(
        "SELECT channel, idempotency_key, body, created_at FROM deliveries WHERE community_id = ? AND created_at >= ?"
        " AND kind = 'moderate' AND state IN ('done', 'waiting', 'unknown', 'unconfirmed')",
        community_id, since,
    ):  # fmt: skip
        action = kept_delivery(body).action
        if isinstance(action, Moderate) and action.operation in _PUNISHES and not (but and key.startswith(but)):
            found.setdefault((channel, action.target), []).append((at, action.operation))
    return found


def _nuke(row: tuple[object, ...]) -> Nuke:
    names = [name.strip() for name in _COLUMNS.split(",")]
    return Nuke(**dict(zip(names, row, strict=True)))  # type: ignore[arg-type]
