"""Passkeys: found by the id that the authenticator gave them."""

from __future__ import annotations

from datetime import datetime

from flask_core.database import AsyncDAL, Tx
from flask_core.errors import LimitReached, NotFound
from identity_core_module_flask.models import PasskeyRow
from identity_core_module_flask.person_repository import lock_person

MOST = 10
_PASSKEY = "credential_id, id, person_id, name, public_key, sign_count, transports, created_at, last_used_at"


class PasskeyRepository:
    """The public halves; what signs never leaves the authenticator."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def of_person(self, person_id: str) -> list[PasskeyRow]:
        """A person's passkeys, oldest first."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {_PASSKEY} FROM passkeys WHERE person_id = ? ORDER BY created_at, id", person_id
            )
        )
        return [PasskeyRow(*row) for row in rows]

    async def find(self, credential_id: str) -> PasskeyRow | None:
        """The passkey with that id of its authenticator."""
        row = await self._database.read(
            lambda tx: tx.row(f"SELECT {_PASSKEY} FROM passkeys WHERE credential_id = ?", credential_id)
        )
        return None if row is None else PasskeyRow(*row)

    async def add(self, passkey: PasskeyRow) -> None:
        """Keep a passkey; raises LimitReached when the person has ten."""

        def unit(tx: Tx) -> None:
            # Whoever else adds one for this person waits here, so the count holds.
            lock_person(tx, passkey.person_id)
            if tx.value("SELECT count(*) FROM passkeys WHERE person_id = ?", passkey.person_id) >= MOST:
                raise LimitReached(f"{MOST} passkeys are enough. Remove one first.", most=MOST)
            tx.run(
                "INSERT INTO passkeys (credential_id, id, person_id, name, public_key, sign_count, transports,"
                " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                passkey.credential_id, passkey.id, passkey.person_id, passkey.name, passkey.public_key,
                passkey.sign_count, passkey.transports, passkey.created_at,
            )  # fmt: skip

        await self._database.write(unit)

    async def used(self, credential_id: str, sign_count: int, now: datetime) -> None:
        """It signed just now; its counter stands at `sign_count`."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE passkeys SET sign_count = ?, last_used_at = ? WHERE credential_id = ?",
                sign_count, now, credential_id,
            )
        )  # fmt: skip

    async def remove(self, person_id: str, passkey_id: str) -> None:
        """Forget one of a person's passkeys; raises NotFound for any other."""
        removed = await self._database.write(
            lambda tx: tx.run("DELETE FROM passkeys WHERE id = ? AND person_id = ?", passkey_id, person_id)
        )
        if not removed:
            raise NotFound("No such passkey.")
