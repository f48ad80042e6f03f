"""Ways to platforms that were begun: each is good once, for ten minutes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from flask_core.auth import hashed
from flask_core.begun_elsewhere import Ways
from flask_core.contracts.oauth import Mode
from flask_core.database import AsyncDAL
from identity_core_module_flask.oauth_ways import Way

_COLUMNS = ("provider", "mode", "person_id", "binding_hash", "back", "verifier", "nonce")


@dataclass(frozen=True, slots=True)
class Begun:
    """Where somebody was sent and why; `person_id` is who links, "" for whoever signs in."""

    provider: str
    mode: Mode
    person_id: str
    binding_hash: str
    back: str
    way: Way = field(repr=False)


class OAuthStateRepository:
    """States and what binds them to a browser are kept as hashes."""

    def __init__(self, database: AsyncDAL) -> None:
        self._ways = Ways(database, "oauth_states", _COLUMNS)

    async def begin(self, begun: Begun, until: datetime, now: datetime) -> None:
        """Remember a way."""
        kept = (
            begun.provider, begun.mode, begun.person_id, begun.binding_hash, begun.back, begun.way.verifier,
            begun.way.nonce,
        )  # fmt: skip
        await self._ways.begin(hashed(begun.way.state), kept, until, now)

    async def end(self, state: str, now: datetime) -> Begun | None:
        """The way that a state leads back to; None for one that is unknown, used or over."""
        found = await self._ways.end(hashed(state), now)
        if found is None:
            return None
        provider, mode, person_id, binding_hash, back, verifier, nonce = found
        return Begun(provider, mode, person_id, binding_hash, back, Way(state, verifier, nonce))
