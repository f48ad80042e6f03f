"""Parts of requests as due work: claimed one by one, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from flask_core.contracts.data_desk import SignedReceipt
from flask_core.database import AsyncDAL, Tx
from flask_core.due_rows import Due, Result, State, claim_due, record_due
from identity_core_module_flask.desk.models import (
    COMMUNITY,
    FETCHED_WITHIN,
    KEPT,
    PLANNER,
    TRIED_FOR,
    Part,
    Whole,
    Work,
)
from identity_core_module_flask.desk.repository import add_part, whole

_OVER = (State.DELIVERED, State.FAILED, State.MISSED)
type Sign = Callable[[Whole], SignedReceipt]


class PartRepository:
    """Rows for DueWork; the last part of an erasure writes the receipt in the same transaction."""

    def __init__(self, database: AsyncDAL, sign: Sign, now: Callable[[], datetime]) -> None:
        self._database = database
        self._sign = sign
        self._now = now

    async def claim(self, owner: str, now: datetime, limit: int) -> list[Due[Work]]:
        """What is due."""
        return await self._database.write(
            lambda tx: claim_due(tx, "desk_parts", "request_id, module, stage", Work, owner=owner, now=now, limit=limit)
        )

    async def record(self, due: Due[Work], result: Result) -> None:
        """What became of a part; the last one ends the request."""

        def unit(tx: Tx) -> None:
            _lock(tx, due.row.request_id)
            if record_due(tx, "desk_parts", due, result) and result.state in _OVER:
                tx.run("UPDATE desk_parts SET done_at = ? WHERE id = ?", self._now(), due.id)
                self._end(tx, due.row.request_id)

        await self._database.write(unit)

    async def plan(self, number: str, person_id: str, subject: str, parts: Sequence[Part], now: datetime) -> None:
        """The modules that are asked from now on; whoever is erased is found by nobody any more."""

        def unit(tx: Tx) -> None:
            _lock(tx, number)
            request = whole(tx, number).request
            if request.state != "open":
                return
            tx.run("UPDATE desk_requests SET subject = ?, state = 'incomplete' WHERE id = ?", subject, number)
            if request.kind == "erase":
                tx.run("UPDATE persons SET state = 'erased' WHERE id = ?", person_id)
            for part in parts:
                add_part(tx, part, now, now + (TRIED_FOR if request.kind == "export" else KEPT))

        await self._database.write(unit)

    async def keep(self, work: Work, body: str, counts: dict[str, int], kept: dict[str, str]) -> None:
        """What a module answered; what it erased when it was asked before is added."""

        def unit(tx: Tx) -> None:
            before = next(one for one in whole(tx, work.request_id).parts if one.module == work.module)
            added = {name: before.counts.get(name, 0) + count for name, count in counts.items()}
            tx.run(
                "UPDATE desk_parts SET body = ?, counts = ?, kept = ? WHERE request_id = ? AND module = ?",
                body, _text(before.counts | added), _text(before.kept | kept), work.request_id, work.module,
            )  # fmt: skip
            tx.run("UPDATE desk_requests SET until = ? WHERE id = ?", self._now() + FETCHED_WITHIN, work.request_id)

        await self._database.write(unit)

    async def ask_again(self, work: Work, answered_before: datetime) -> bool:
        """Ask modules once more that answered long ago: the account may have been used since. Whether there are any."""
        again = await self._database.write(
            lambda tx: tx.run(
                "UPDATE desk_parts SET status = 'waiting', done_at = NULL, claimed_until = ? WHERE request_id = ?"
                " AND module <> ? AND stage < ? AND status = 'delivered' AND done_at < ?",
                self._now(), work.request_id, PLANNER, COMMUNITY, answered_before,
            )
        )  # fmt: skip
        return bool(again)

    def _end(self, tx: Tx, number: str) -> None:
        found = whole(tx, number)
        if not found.parts or any(part.status not in _OVER for part in found.parts):
            return
        now = self._now()
        tx.run("UPDATE desk_requests SET state = 'done', done_at = ? WHERE id = ?", now, number)
        if found.request.kind == "erase":
            tx.run("UPDATE desk_requests SET subject = '' WHERE id = ?", number)
            signed = self._sign(whole(tx, number))
            tx.run(
                "INSERT INTO receipts (request_id, text, signature, public_key) VALUES (?, ?, ?, ?)",
                number, signed.text, signed.signature, signed.key,
            )  # fmt: skip


def _lock(tx: Tx, number: str) -> None:
    """Of two parts that end at once the second sees the first; SQLite has one writer anyway."""
    if tx.dialect == "postgres":
        tx.row("SELECT id FROM desk_requests WHERE id = ? FOR UPDATE", number)


def _text(document: dict[str, int] | dict[str, str]) -> str:
    return msgspec.json.encode(document).decode()
