"""What people sign in with: password hashes, authenticators, recovery codes."""

from __future__ import annotations

from collections.abc import Callable

from flask_core.database import AsyncDAL, Tx
from identity_core_module_flask.models import StoredUser

_USER = (
    "u.person_id, p.name, u.email, u.password, u.fs_uniquifier, u.totp_method, u.totp_secret, u.totp_counter,"
    " u.passkey_handle, p.state"
)


class CredentialRepository:
    """`keyed_hash` is what recovery codes are kept as; the secrets of authenticators come sealed already."""

    def __init__(self, database: AsyncDAL, keyed_hash: Callable[[str], str]) -> None:
        self._database = database
        self._keyed_hash = keyed_hash

    async def find(self, *, address: str = "", uniquifier: str = "", person_id: str = "") -> StoredUser | None:
        """The user with that address (folded), uniquifier or person id."""
        if address:
            column, value = "lower(u.email)", address
        elif uniquifier:
            column, value = "u.fs_uniquifier", uniquifier
        else:
            column, value = "u.person_id", person_id
        row = await self._database.read(
            lambda tx: tx.row(
                f"SELECT {_USER} FROM users u JOIN persons p ON p.id = u.person_id WHERE {column} = ?", value
            )
        )
        return None if row is None else StoredUser(*row)

    async def save(self, person_id: str, columns: dict[str, str | None]) -> None:
        """Change columns of a user; their names are ours."""
        settings = ", ".join(f"{name} = ?" for name in columns)
        await self._database.write(
            lambda tx: tx.run(f"UPDATE users SET {settings} WHERE person_id = ?", *columns.values(), person_id)
        )

    async def use_counter(self, person_id: str, counter: int) -> bool:
        """Use a step of an authenticator up; False when it, or a later one, was used already."""
        used = await self._database.write(
            lambda tx: tx.run(
                "UPDATE users SET totp_counter = ? WHERE person_id = ? AND (totp_counter IS NULL OR totp_counter < ?)",
                counter, person_id, counter,
            )
        )  # fmt: skip
        return bool(used)

    async def replace_recovery_codes(self, person_id: str, codes: list[str]) -> None:
        """New codes in place of all old ones; none: there are no more."""

        def unit(tx: Tx) -> None:
            tx.run("DELETE FROM recovery_codes WHERE person_id = ?", person_id)
            tx.many(
                "INSERT INTO recovery_codes (person_id, code_hash) VALUES (?, ?)",
                [(person_id, self._hash(person_id, code)) for code in codes],
            )

        await self._database.write(unit)

    async def spend_recovery_code(self, person_id: str, code: str) -> bool:
        """Whether the code was good; it is not any more."""
        spent = await self._database.write(
            lambda tx: tx.run(
                "DELETE FROM recovery_codes WHERE person_id = ? AND code_hash = ?",
                person_id, self._hash(person_id, code),
            )
        )  # fmt: skip
        return bool(spent)

    async def recovery_codes_left(self, person_id: str) -> int:
        """How many are left."""
        left = await self._database.read(
            lambda tx: tx.value("SELECT count(*) FROM recovery_codes WHERE person_id = ?", person_id)
        )
        return int(left)

    def _hash(self, person_id: str, code: str) -> str:
        return self._keyed_hash(f"recovery {person_id} {code}")
