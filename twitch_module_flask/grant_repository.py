"""Codes that somebody was shown, until Twitch has answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_core.contracts.twitch import GrantState
from flask_core.database import AsyncDAL, Tx
from flask_core.encryption import Sealer
from twitch_module_flask.models import PendingGrant

_CLAIM = timedelta(seconds=30)
_COLUMNS = (
    "id, kind, person_id, community_id, expected_user_id, device_code, user_code, verification_uri, scopes,"
    " expires_at, state, login, reason, pause, packs, state_hash, session_hash, verifier"
)


class GrantRepository:
    """The device code and PKCE's verifier are sealed: with them and our secret an account could be taken."""

    def __init__(self, database: AsyncDAL, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def add(self, grant: PendingGrant, now: datetime) -> None:
        """A new one; with a code it is asked about after its pause, else somebody comes back."""
        row = (
            grant.id, grant.kind, grant.person_id, grant.community_id, grant.expected_user_id,
            self._sealer.seal(grant.device_code) if grant.device_code else "", grant.user_code, grant.verification_uri, " ".join(grant.scopes),
            grant.expires_at, str(grant.state), grant.login, grant.reason, grant.pause,
            " ".join(grant.packs), grant.state_hash, grant.session_hash,
            self._sealer.seal(grant.verifier) if grant.verifier else "",
            now + timedelta(seconds=grant.pause),
        )  # fmt: skip
        await self._database.write(
            lambda tx: tx.run(f"INSERT INTO grants ({_COLUMNS}, ask_at) VALUES ({', '.join('?' * len(row))})", *row)
        )

    async def find(self, grant_id: str) -> PendingGrant | None:
        """One by its id."""
        row = await self._database.read(lambda tx: tx.row(f"SELECT {_COLUMNS} FROM grants WHERE id = ?", grant_id))
        return None if row is None else self._grant(row)

    async def take(self, state_hash: str) -> PendingGrant | None:
        """The one whose state somebody brought back; of several who bring it one gets it."""

        def unit(tx: Tx) -> tuple[Any, ...] | None:
            row = tx.row(f"SELECT {_COLUMNS} FROM grants WHERE state_hash = ?", state_hash)
            taken = row and tx.run("UPDATE grants SET state_hash = '' WHERE state_hash = ?", state_hash)
            return row if taken else None

        row = await self._database.write(unit)
        return None if row is None else self._grant(row)

    async def due(self, now: datetime) -> list[PendingGrant]:
        """Those to ask Twitch about; nobody else gets them for half a minute."""
        rows = await self._database.write(
            lambda tx: tx.rows(
                "UPDATE grants SET ask_at = ? WHERE id IN (SELECT id FROM grants WHERE state = 'pending' AND device_code <> ''"
                " AND ask_at <= ?"
                f" ORDER BY ask_at LIMIT 20{tx.skip_locked}) RETURNING {_COLUMNS}",
                now + _CLAIM, now,
            )
        )  # fmt: skip
        return [self._grant(row) for row in rows]

    async def ask_again(self, grant: PendingGrant, pause: int, now: datetime) -> None:
        """Ask again in `pause` seconds, and from now on as often."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE grants SET pause = ?, ask_at = ? WHERE id = ?", pause, now + timedelta(seconds=pause), grant.id
            )
        )

    async def ended(self, grant: PendingGrant, state: GrantState, *, login: str = "", reason: str = "") -> None:
        """How it ended; the code is of no more use."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE grants SET state = ?, login = ?, reason = ?, device_code = '', verifier = '' WHERE id = ?",
                str(state), login, reason, grant.id,
            )
        )  # fmt: skip

    async def forget(self, before: datetime) -> None:
        """Forget what ended long ago."""
        await self._database.write(lambda tx: tx.run("DELETE FROM grants WHERE expires_at < ?", before))

    def _grant(self, row: tuple[Any, ...]) -> PendingGrant:
        (grant_id, kind, person_id, community_id, expected, device, user_code, uri, scopes, expires_at, state,
         login, reason, pause, packs, state_hash, session_hash, verifier) = row  # fmt: skip
        opened = self._sealer.open(device).decode() if device else ""
        return PendingGrant(
            grant_id, kind, person_id, community_id, expected, opened, user_code, uri, tuple(scopes.split()),
            expires_at, GrantState(state), login, reason, pause, tuple(packs.split()), state_hash, session_hash,
            self._sealer.open(verifier).decode() if verifier else "",
        )  # fmt: skip
