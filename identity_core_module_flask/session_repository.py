"""Sessions, found by the hash of their secret, and the security log beside them."""

from __future__ import annotations

from datetime import datetime

from flask_core.database import AsyncDAL, Tx
from identity_core_module_flask.models import PersonRow, SessionRow

_SESSION = "s.id, s.person_id, s.browser, s.signed_in_at, s.last_used_at, s.expires_at, s.second_factor"
_COLUMNS = 7


class SessionRepository:
    """Every beginning and end is in the security log."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def add(self, secret_hash: str, session: SessionRow, *, instead_of: str = "") -> None:
        """Keep a session, in place of the one with the id `instead_of`."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM sessions WHERE id = ? AND person_id = ?", instead_of, session.person_id)
            tx.run(
                "INSERT INTO sessions (secret_hash, id, person_id, browser, signed_in_at, last_used_at, expires_at,"
                " second_factor) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                secret_hash, session.id, session.person_id, session.browser, session.signed_in_at,
                session.last_used_at, session.expires_at, session.second_factor,
            )  # fmt: skip
            log_security(tx, session.person_id, "signed in", session.signed_in_at)

        await self._database.write(unit)

    async def find(self, secret_hash: str) -> tuple[SessionRow, PersonRow] | None:
        """The session and the person behind a secret."""
        row = await self._database.read(
            lambda tx: tx.row(
                f"SELECT {_SESSION}, p.id, p.name, p.operator, p.state, p.created_at FROM sessions s"
                " JOIN persons p ON p.id = s.person_id WHERE s.secret_hash = ?",
                secret_hash,
            )
        )
        return None if row is None else (SessionRow(*row[:_COLUMNS]), PersonRow(*row[_COLUMNS:]))

    async def of_person(self, person_id: str) -> list[SessionRow]:
        """A person's sessions, newest first."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_SESSION} FROM sessions s WHERE person_id = ? ORDER BY signed_in_at DESC LIMIT 100", person_id
            )
        )
        return [SessionRow(*row) for row in rows]

    async def touch(self, session_id: str, now: datetime) -> None:
        """The session was used."""
        await self._database.write(
            lambda tx: tx.run("UPDATE sessions SET last_used_at = ? WHERE id = ?", now, session_id)
        )

    async def prove(self, session_id: str, person_id: str) -> None:
        """A second factor was given in this session."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE sessions SET second_factor = ? WHERE id = ? AND person_id = ?", True, session_id, person_id
            )
        )

    async def end(self, secret_hash: str) -> None:
        """End the session of a secret."""
        await self._database.write(lambda tx: tx.run("DELETE FROM sessions WHERE secret_hash = ?", secret_hash))

    async def end_one(self, person_id: str, session_id: str) -> bool:
        """End one of a person's sessions."""
        ended = await self._database.write(
            lambda tx: tx.run("DELETE FROM sessions WHERE id = ? AND person_id = ?", session_id, person_id)
        )
        return bool(ended)

    async def end_others(self, person_id: str, keep: str, why: str, now: datetime) -> None:
        """End a person's sessions but that with the id `keep`."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM sessions WHERE person_id = ? AND id <> ?", person_id, keep)
            log_security(tx, person_id, why, now)

        await self._database.write(unit)

    async def note(self, person_id: str, action: str, now: datetime) -> None:
        """A line of the security log."""
        await self._database.write(lambda tx: log_security(tx, person_id, action, now))

    async def sweep(self, now: datetime, idle_before: datetime, log_before: datetime) -> None:
        """Forget sessions that are over, and an old security log."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM sessions WHERE expires_at < ? OR last_used_at < ?", now, idle_before)
            tx.run("DELETE FROM security_log WHERE at < ?", log_before)

        await self._database.write(unit)


def log_security(tx: Tx, person_id: str, action: str, now: datetime) -> None:
    """Write down what somebody did about their way in."""
    tx.run("INSERT INTO security_log (person_id, action, at) VALUES (?, ?, ?)", person_id, action, now)
