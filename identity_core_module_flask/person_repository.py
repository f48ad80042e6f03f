"""Persons, their accounts, and the link that makes the first of them."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.errors import Conflict, NotFound
from identity_core_module_flask.models import Owner, PersonRow
from identity_core_module_flask.session_repository import log_security


class PersonRepository:
    """The token of the set-up link is kept as its hash."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def renew_set_up(self, token_hash: str) -> bool:
        """Keep the present set-up link; False (and nothing kept) when there is an operator already."""

        def unit(tx: Tx) -> bool:
            if _has_operator(tx):
                tx.run("DELETE FROM set_up")
                return False
            tx.run(
                "INSERT INTO set_up (id, token_hash) VALUES (1, ?) ON CONFLICT (id)"
                " DO UPDATE SET token_hash = excluded.token_hash",
                token_hash,
            )
            return True

        return await self._database.write(unit)

    async def set_up_state(self, token_hash: str) -> tuple[bool, bool]:
        """Whether the token is the present one, and whether an operator is needed at all."""
        return await self._database.read(
            lambda tx: (
                tx.value("SELECT 1 FROM set_up WHERE token_hash = ?", token_hash) is not None,
                not _has_operator(tx),
            )
        )

    async def first_operator(
        self, token_hash: str, name: str, email: str, password: str, now: datetime
    ) -> PersonRow | None:
        """Use the set-up link up; None when it is not the present one."""

        def unit(tx: Tx) -> PersonRow | None:
            if not tx.run("DELETE FROM set_up WHERE token_hash = ?", token_hash):
                return None
            person = PersonRow(str(uuid.uuid4()), name, True, "active", now)
            tx.run(
                "INSERT INTO persons (id, name, operator, state, created_at) VALUES (?, ?, ?, 'active', ?)",
                person.id, name, True, now,
            )  # fmt: skip
            tx.run(
                "INSERT INTO users (person_id, email, password, active, fs_uniquifier) VALUES (?, ?, ?, ?, ?)",
                person.id, email, password, True, secrets.token_hex(32),
            )  # fmt: skip
            log_security(tx, person.id, "set up as operator", now)
            return person

        try:
            return await self._database.write(unit)
        except UniqueViolation:
            raise Conflict("This address is in use.") from None

    async def person(self, person_id: str) -> PersonRow | None:
        """A person."""
        row = await self._database.read(
            lambda tx: tx.row("SELECT id, name, operator, state, created_at FROM persons WHERE id = ?", person_id)
        )
        return None if row is None else _person(row)

    async def rename(self, person_id: str, name: str) -> None:
        """Another display name."""
        await self._database.write(lambda tx: tx.run("UPDATE persons SET name = ? WHERE id = ?", name, person_id))

    async def accounts(self, person_id: str) -> list[tuple[str, str]]:
        """(platform, user id) of a person's accounts."""
        return [
            (row[0], row[1])
            for row in await self._database.read(
                lambda tx: tx.rows(
                    "SELECT platform, user_id FROM accounts WHERE person_id = ? ORDER BY platform", person_id
                )
            )
        ]

    async def email(self, person_id: str) -> str:
        """The address with which a person signs in, or nothing."""
        found = await self._database.read(lambda tx: tx.value("SELECT email FROM users WHERE person_id = ?", person_id))
        return str(found or "")

    async def has_email(self, folded_address: str) -> bool:
        """Whether somebody signs in with this address."""
        found = await self._database.read(
            lambda tx: tx.value("SELECT 1 FROM users WHERE lower(email) = ?", folded_address)
        )
        return found is not None

    async def owners(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Owner]:
        """(platform, user id) → owner, for those that are linked."""

        def unit(tx: Tx) -> dict[tuple[str, str], Owner]:
            found = {}
            for key in keys:
                row = tx.row(
                    "SELECT p.id, p.name, a.verified_at, a.founding FROM accounts a JOIN persons p ON p.id = a.person_id"
                    " WHERE a.platform = ? AND a.user_id = ? AND p.state <> 'erased'",
                    *key,
                )
                if row is not None:
                    found[key] = Owner(row[0], row[1], None if row[3] else row[2])
            return found

        return await self._database.read(unit)


def lock_person(tx: Tx, person_id: str) -> None:
    """Let nobody else change what belongs to this person before we are done; SQLite has one writer anyway.

    Raises NotFound for somebody who was erased while a token still spoke for them.
    """
    lock = " FOR UPDATE" if tx.dialect == "postgres" else ""
    if tx.row(f"SELECT id FROM persons WHERE id = ?{lock}", person_id) is None:
        raise NotFound("There is no such person.")


def _has_operator(tx: Tx) -> bool:
    return tx.value("SELECT 1 FROM persons WHERE operator = ? LIMIT 1", True) is not None


def _person(row: Sequence[Any]) -> PersonRow:
    return PersonRow(row[0], row[1], bool(row[2]), row[3], row[4])
