"""Persons, their accounts, their users and their sessions."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_core.database import AsyncDAL, Tx, UniqueViolation
from flask_core.errors import Conflict
from identity_core_module_flask.models import PersonRow, SessionRow

_SESSION = "s.id, s.person_id, s.browser, s.signed_in_at, s.last_used_at, s.expires_at"


class PersonRepository:
    """Secrets are looked up by their hash."""

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

    async def owners(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
        """(platform, user id) → (person id, name), for those that are linked."""

        def unit(tx: Tx) -> dict[tuple[str, str], tuple[str, str]]:
            found = {}
            for key in keys:
                row = tx.row(
                    "SELECT p.id, p.name FROM accounts a JOIN persons p ON p.id = a.person_id"
                    " WHERE a.platform = ? AND a.user_id = ?",
                    *key,
                )
                if row is not None:
                    found[key] = (row[0], row[1])
            return found

        return await self._database.read(unit)

    async def set_password(self, person_id: str, password: str, keep_session: str, now: datetime) -> None:
        """A new hash; all sessions but one end in the same transaction."""

        def unit(tx: Tx) -> None:
            tx.run(
                "UPDATE users SET password = ?, fs_uniquifier = ? WHERE person_id = ?",
                password, secrets.token_hex(32), person_id,
            )  # fmt: skip
            tx.run("DELETE FROM sessions WHERE person_id = ? AND id <> ?", person_id, keep_session)
            log_security(tx, person_id, "password changed", now)

        await self._database.write(unit)

    async def add_session(self, secret_hash: str, session: SessionRow) -> None:
        """Keep a session."""

        def unit(tx: Tx) -> None:
            tx.run(
                "INSERT INTO sessions (secret_hash, id, person_id, browser, signed_in_at, last_used_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                secret_hash, session.id, session.person_id, session.browser, session.signed_in_at,
                session.last_used_at, session.expires_at,
            )  # fmt: skip
            log_security(tx, session.person_id, "signed in", session.signed_in_at)

        await self._database.write(unit)

    async def session(self, secret_hash: str) -> tuple[SessionRow, PersonRow] | None:
        """The session and the person behind a secret."""
        row = await self._database.read(
            lambda tx: tx.row(
                f"SELECT {_SESSION}, p.id, p.name, p.operator, p.state, p.created_at FROM sessions s"
                " JOIN persons p ON p.id = s.person_id WHERE s.secret_hash = ?",
                secret_hash,
            )
        )
        return None if row is None else (SessionRow(*row[:6]), _person(row[6:]))

    async def touch(self, session_id: str, now: datetime) -> None:
        """The session was used."""
        await self._database.write(
            lambda tx: tx.run("UPDATE sessions SET last_used_at = ? WHERE id = ?", now, session_id)
        )

    async def sessions(self, person_id: str) -> list[SessionRow]:
        """A person's sessions, newest first."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_SESSION} FROM sessions s WHERE person_id = ? ORDER BY signed_in_at DESC LIMIT 100", person_id
            )
        )
        return [SessionRow(*row) for row in rows]

    async def end_session(self, *, secret_hash: str = "", session_id: str = "", person_id: str = "") -> bool:
        """End one session, by its secret or as its owner."""
        if secret_hash:
            sql, values = "DELETE FROM sessions WHERE secret_hash = ?", [secret_hash]
        else:
            sql, values = "DELETE FROM sessions WHERE id = ? AND person_id = ?", [session_id, person_id]
        return bool(await self._database.write(lambda tx: tx.run(sql, *values)))

    async def sweep(self, now: datetime, idle_before: datetime, log_before: datetime) -> None:
        """Forget sessions that are over, and an old security log."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM sessions WHERE expires_at < ? OR last_used_at < ?", now, idle_before)
            tx.run("DELETE FROM security_log WHERE at < ?", log_before)

        await self._database.write(unit)


def log_security(tx: Tx, person_id: str, action: str, now: datetime) -> None:
    """Write down what somebody did about their way in."""
    tx.run("INSERT INTO security_log (person_id, action, at) VALUES (?, ?, ?)", person_id, action, now)


def _has_operator(tx: Tx) -> bool:
    return tx.value("SELECT 1 FROM persons WHERE operator = ? LIMIT 1", True) is not None


def _person(row: Sequence[Any]) -> PersonRow:
    return PersonRow(row[0], row[1], bool(row[2]), row[3], row[4])
