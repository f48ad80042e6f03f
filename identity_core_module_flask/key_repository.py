"""API keys, found by the hash of their secret."""

from __future__ import annotations

from datetime import datetime

from flask_core.database import AsyncDAL, Tx
from flask_core.errors import LimitReached, NotFound
from identity_core_module_flask.models import KeyRow, PersonRow
from identity_core_module_flask.person_repository import lock_person
from identity_core_module_flask.session_repository import log_security

_KEY = "k.id, k.person_id, k.name, k.start, k.scopes, k.days, k.created_at, k.expires_at, k.last_used_at"
_COLUMNS = 9
_WORKS = "k.revoked_at IS NULL AND k.expires_at > ?"


class KeyRepository:
    """What works is neither revoked nor past its end."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def add(self, key: KeyRow, secret_hash: str, most: int) -> None:
        """Keep a key; raises LimitReached when the person has `most` that work."""

        def unit(tx: Tx) -> None:
            # Whoever else makes a key for this person waits here, so the count holds.
            lock_person(tx, key.person_id)
            sql = f"SELECT count(*) FROM api_keys k WHERE k.person_id = ? AND {_WORKS}"
            if tx.value(sql, key.person_id, key.created_at) >= most:
                raise LimitReached(f"{most} keys work already. Revoke one first.", most=most)
            tx.run(
                "INSERT INTO api_keys (id, person_id, name, secret_hash, start, scopes, days, created_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                key.id, key.person_id, key.name, secret_hash, key.start, key.scopes, key.days, key.created_at,
                key.expires_at,
            )  # fmt: skip
            log_security(tx, key.person_id, "key made", key.created_at)

        await self._database.write(unit)

    async def of_person(self, person_id: str, now: datetime) -> list[KeyRow]:
        """A person's keys that work, newest first."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_KEY} FROM api_keys k WHERE k.person_id = ? AND {_WORKS} ORDER BY k.created_at DESC",
                person_id, now,
            )
        )  # fmt: skip
        return [KeyRow(*row) for row in rows]

    async def find(self, secret_hash: str, now: datetime) -> tuple[KeyRow, PersonRow] | None:
        """The working key of a secret, and whose it is."""
        row = await self._database.read(
            lambda tx: tx.row(
                f"SELECT {_KEY}, p.id, p.name, p.operator, p.state, p.created_at FROM api_keys k"
                f" JOIN persons p ON p.id = k.person_id WHERE k.secret_hash = ? AND {_WORKS}",
                secret_hash, now,
            )
        )  # fmt: skip
        return None if row is None else (KeyRow(*row[:_COLUMNS]), PersonRow(*row[_COLUMNS:]))

    async def touch(self, key_id: str, now: datetime) -> None:
        """The key was used."""
        await self._database.write(
            lambda tx: tx.run("UPDATE api_keys SET last_used_at = ? WHERE id = ?", now, key_id)
        )  # fmt: skip

    async def replace_secret(self, key: KeyRow, secret_hash: str, now: datetime) -> None:
        """A new secret, start, length and end; the old secret is dead. Raises NotFound for a key that ended."""

        def unit(tx: Tx) -> None:
            changed = tx.run(
                "UPDATE api_keys AS k SET secret_hash = ?, start = ?, days = ?, expires_at = ?, last_used_at = NULL"
                f" WHERE k.id = ? AND k.person_id = ? AND {_WORKS}",
                secret_hash, key.start, key.days, key.expires_at, key.id, key.person_id, now,
            )  # fmt: skip
            if not changed:
                raise NotFound("No such key.")
            log_security(tx, key.person_id, "key regenerated", now)

        await self._database.write(unit)

    async def revoke(self, person_id: str, key_id: str, now: datetime) -> None:
        """End a key; raises NotFound for one that is not the person's or ended already."""

        def unit(tx: Tx) -> None:
            changed = tx.run(
                f"UPDATE api_keys AS k SET revoked_at = ? WHERE k.id = ? AND k.person_id = ? AND {_WORKS}",
                now, key_id, person_id, now,
            )  # fmt: skip
            if not changed:
                raise NotFound("No such key.")
            log_security(tx, person_id, "key revoked", now)

        await self._database.write(unit)

    async def sweep(self, ended_before: datetime) -> None:
        """Forget keys that ended long ago."""
        await self._database.write(
            lambda tx: tx.run(
                "DELETE FROM api_keys WHERE expires_at < ? OR revoked_at < ?", ended_before, ended_before
            )
        )  # fmt: skip
