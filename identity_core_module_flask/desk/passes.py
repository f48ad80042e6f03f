"""The way to the desk for whoever has no sign-in: a one-time link, then a pass that opens nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from flask_core.auth import hashed, new_secret
from flask_core.contracts.data_desk import DeskPass
from flask_core.errors import NotFound, Unauthenticated
from flask_core.shared_state import SharedState
from identity_core_module_flask.account_repository import AccountRepository

MINUTES = 15
_OVER = "This link was used or is too old. Ask for a new one with !identity data."


class Holder(msgspec.Struct, frozen=True):
    """Whose a pass is."""

    person_id: str
    name: str
    entered_at: datetime


class DeskPasses:
    """Kept in shared state under their hash for a quarter of an hour."""

    def __init__(self, shared: SharedState, accounts: AccountRepository, now: Callable[[], datetime]) -> None:
        self._shared = shared
        self._accounts = accounts
        self._now = now

    async def link(self, person_id: str) -> str:
        """The secret of a one-time link."""
        token = new_secret()
        await self._shared.set(f"identity:desk-link:{hashed(token)}", person_id.encode(), MINUTES * 60)
        return token

    async def enter(self, token: str) -> DeskPass:
        """Use a link up. Raises NotFound when it is used or old."""
        kept = await self._shared.take(f"identity:desk-link:{hashed(token)}")
        if kept is None:
            raise NotFound(_OVER)
        person_id, secret = kept.decode(), new_secret()
        holder = Holder(person_id, await self._accounts.name_of(person_id), self._now())
        await self._shared.set(f"identity:desk-pass:{hashed(secret)}", msgspec.json.encode(holder), MINUTES * 60)
        return _pass(secret, holder)

    async def verify(self, secret: str) -> DeskPass:
        """Who a pass belongs to. Raises Unauthenticated when it is over."""
        kept = await self._shared.get(f"identity:desk-pass:{hashed(secret)}")
        if kept is None:
            raise Unauthenticated(_OVER)
        return _pass(secret, msgspec.json.decode(kept, type=Holder))


def _pass(secret: str, holder: Holder) -> DeskPass:
    return DeskPass(secret, holder.person_id, holder.name, holder.entered_at)
