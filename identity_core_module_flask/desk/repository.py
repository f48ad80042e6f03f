"""Requests of the desk, kept for three years without anything that names a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from flask_core.contracts.data_desk import SignedReceipt
from flask_core.database import AsyncDAL, Tx
from flask_core.due_rows import State
from flask_core.errors import Gone, NotFound, TooMany
from identity_core_module_flask.desk.models import KEPT, ONCE_IN, PLANNER, TRIED_FOR, Part, Request, Whole
from identity_core_module_flask.person_repository import lock_person
from identity_core_module_flask.session_repository import log_security

_REQUEST = "id, kind, state, person_hash, subject, asked_at, due_at, until, done_at"
_PART = "request_id, module, stage, status, body, counts, kept, done_at, attempts"
_COUNTS, _KEPT = msgspec.json.Decoder(dict[str, int]), msgspec.json.Decoder(dict[str, str])
NOT_THERE = "There is no such request."


class DeskRepository:
    """What people asked for, and what they are shown of it."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def whole(self, number: str) -> Whole:
        """A request with its parts. Raises NotFound."""
        return await self._database.read(lambda tx: whole(tx, number))

    async def of_person(self, person_hash: str, since: datetime) -> list[Whole]:
        """A person's requests, the newest first."""
        return await self._database.read(
            lambda tx: [
                whole(tx, row[0])
                for row in tx.rows(
                    "SELECT id FROM desk_requests WHERE person_hash = ? AND asked_at > ? ORDER BY asked_at DESC LIMIT 20",
                    person_hash, since,
                )
            ]
        )  # fmt: skip

    async def add_export(self, request: Request, person_id: str) -> None:
        """Keep a new export. Raises TooMany for a second one of a day."""

        def unit(tx: Tx) -> None:
            lock_person(tx, person_id)
            recent = tx.value(
                "SELECT max(asked_at) FROM desk_requests WHERE person_hash = ? AND kind = 'export' AND asked_at > ?",
                request.person_hash, request.asked_at - ONCE_IN,
            )  # fmt: skip
            if recent is not None:
                raise TooMany("You asked for your data already today. Ask again tomorrow.", retry_after=86_400)
            _add(tx, request, request.asked_at + TRIED_FOR)
            log_security(tx, person_id, "asked for all data", request.asked_at)

        await self._database.write(unit)

    async def add_erasure(self, request: Request, person_id: str, tell: Callable[[Tx], None]) -> tuple[str, bool]:
        """Keep a new erasure, stop signing in and tell of it; the number and True, or that of the one before."""

        def unit(tx: Tx) -> tuple[str, bool]:
            lock_person(tx, person_id)
            before = _erasure(tx, request.person_hash)
            if before is not None:
                return before, False
            _add(tx, request, request.due_at + KEPT)
            tx.run("UPDATE persons SET state = 'suspended' WHERE id = ?", person_id)
            tx.run("DELETE FROM sessions WHERE person_id = ?", person_id)
            log_security(tx, person_id, "asked to be erased", request.asked_at)
            tell(tx)
            return request.number, True

        return await self._database.write(unit)

    async def of_erasure(self, person_hash: str) -> bool:
        """Whether an erasure was asked for before, and not called off."""
        found = await self._database.read(lambda tx: _erasure(tx, person_hash))
        return found is not None

    async def call_off(self, number: str, person_id: str, now: datetime) -> None:
        """Forget an erasure that has not begun. Raises Gone when it has."""

        def unit(tx: Tx) -> None:
            if not tx.run(
                "UPDATE desk_requests SET state = 'called_off', subject = '', done_at = ? WHERE id = ? AND kind = 'erase'"
                " AND state = 'open'",
                now, number,
            ):  # fmt: skip
                raise Gone("It is too late: this has begun, or was called off before.")
            tx.run("DELETE FROM desk_parts WHERE request_id = ?", number)
            tx.run("UPDATE persons SET state = 'active' WHERE id = ? AND state = 'suspended'", person_id)
            log_security(tx, person_id, "called the erasure off", now)

        await self._database.write(unit)

    async def late(self, now: datetime) -> list[tuple[Whole, int]]:
        """Requests whose modules have not all answered, with how often the operator was alarmed."""
        return await self._database.read(
            lambda tx: [
                (whole(tx, row[0]), row[1])
                for row in tx.rows(
                    "SELECT id, alarmed FROM desk_requests WHERE state IN ('open', 'incomplete') AND due_at < ?"
                    " AND alarmed < 2 ORDER BY due_at LIMIT 100",
                    now,
                )
            ]
        )

    async def alarm(self, number: str, before: int) -> bool:
        """Whether the alarm is this replica's to give."""
        return bool(
            await self._database.write(
                lambda tx: tx.run(
                    "UPDATE desk_requests SET alarmed = ? WHERE id = ? AND alarmed = ?", before + 1, number, before
                )
            )
        )

    async def sweep(self, now: datetime) -> None:
        """Forget what was collected a week after it was, and everything after three years."""

        def unit(tx: Tx) -> None:
            tx.run(
                "UPDATE desk_parts SET body = '' WHERE body <> '' AND request_id IN"
                " (SELECT id FROM desk_requests WHERE kind = 'export' AND until < ?)",
                now,
            )
            tx.run(
                "UPDATE desk_requests SET subject = '', state = 'done', done_at = ? WHERE kind = 'export'"
                " AND subject <> '' AND until < ?",
                now, now,
            )  # fmt: skip
            tx.run("DELETE FROM desk_requests WHERE done_at < ?", now - KEPT)

        await self._database.write(unit)


def whole(tx: Tx, number: str) -> Whole:
    """A request with its parts. Raises NotFound."""
    row = tx.row(f"SELECT {_REQUEST} FROM desk_requests WHERE id = ?", number)
    if row is None:
        raise NotFound(NOT_THERE)
    parts = tx.rows(
        f"SELECT {_PART} FROM desk_parts WHERE request_id = ? AND module <> ? ORDER BY stage, module", number, PLANNER
    )
    signed = tx.row("SELECT text, signature, public_key FROM receipts WHERE request_id = ?", number)
    return Whole(Request(*row), tuple(map(_part, parts)), SignedReceipt(*signed) if signed else None)


def add_part(tx: Tx, part: Part, due_at: datetime, expires_at: datetime) -> None:
    """Keep a part that is to be done; the second time nothing happens."""
    tx.run(
        "INSERT INTO desk_parts (request_id, module, stage, body, counts, kept, status, due_at, expires_at, claimed_by,"
        " claimed_until, attempts, last_error, idempotency_key) VALUES (?, ?, ?, '', '{}', '{}', ?, ?, ?, '', ?, 0, '', ?)"
        " ON CONFLICT DO NOTHING",
        part.request_id, part.module, part.stage, State.WAITING.value, due_at, expires_at, due_at,
        f"{part.request_id}:{part.module}",
    )  # fmt: skip


def _erasure(tx: Tx, person_hash: str) -> str | None:
    found: str | None = tx.value(
        "SELECT id FROM desk_requests WHERE person_hash = ? AND kind = 'erase' AND state <> 'called_off'", person_hash
    )
    return found


def _add(tx: Tx, request: Request, expires_at: datetime) -> None:
    tx.run(
        f"INSERT INTO desk_requests ({_REQUEST}, alarmed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        request.number, request.kind, request.state, request.person_hash, request.subject, request.asked_at,
        request.due_at, request.until, request.done_at,
    )  # fmt: skip
    add_part(tx, Part(request.number, PLANNER, 0), request.due_at, expires_at)


def _part(row: Sequence[Any]) -> Part:
    request_id, module, stage, status, body, counts, kept, done_at, attempts = row
    return Part(
        request_id, module, stage, status, body, _COUNTS.decode(counts), _KEPT.decode(kept), done_at, attempts
    )  # fmt: skip
