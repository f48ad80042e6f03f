"""What stands between a right password and the second factor: five minutes, in the same browser."""

from __future__ import annotations

from typing import Any

import msgspec

from flask_core.auth import hashed, new_secret
from flask_core.errors import Unauthenticated
from flask_core.shared_state import SharedState

SECONDS = 300.0
_OVER = "This sign-in took too long. Begin again."


class Challenge(msgspec.Struct, frozen=True):
    """Whose password was right, what Flask-Security remembers of it, and the browser it came from."""

    person_id: str
    account: str
    state: dict[str, Any]
    browser: str


class Challenges:
    """Kept in shared state, so that any replica can go on, and taken by whoever tries it."""

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared

    async def new(self, challenge: Challenge) -> str:
        """The secret of a new challenge."""
        secret = new_secret()
        await self.give_back(secret, challenge)
        return secret

    async def take(self, secret: str, browser: str) -> Challenge:
        """The challenge, which is nobody else's now. Raises Unauthenticated when it is over or another browser's."""
        kept = await self._shared.take(_key(secret))
        if kept is None:
            raise Unauthenticated(_OVER)
        challenge = msgspec.json.decode(kept, type=Challenge)
        if challenge.browser != browser:
            raise Unauthenticated(_OVER)
        return challenge

    async def give_back(self, secret: str, challenge: Challenge) -> None:
        """The code was wrong: another may be tried."""
        await self._shared.set(_key(secret), msgspec.json.encode(challenge), SECONDS)


def _key(secret: str) -> str:
    return f"identity:challenge:{hashed(secret)}"
