"""Codes that link accounts: how they are made and read, and how often they may be tried."""

from __future__ import annotations

import secrets

from flask_core.errors import TooMany
from flask_core.shared_state import SharedState

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 6
TRIES, TRIES_SECONDS, LOCK_SECONDS = 5, 600.0, 900.0
WRONG_PER_REQUEST, CHANNEL_PER_MINUTE = 5, 30
NEW_AFTER_SECONDS, PER_HOUR, PER_TARGET_AND_HOUR = 60.0, 5, 3
_HOUR, _REQUEST_SECONDS = 3_600.0, 3_600.0


def new_code() -> str:
    """Six characters that nobody confuses: 30 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def as_typed(text: str) -> str:
    """The code in what somebody typed; case does not matter."""
    return text.strip().upper()[: 2 * LENGTH]


class CodeLimits:
    """Counted in shared state alone: without it no code is made and none is accepted."""

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared

    async def trying(self, account: str, channel: str) -> None:
        """Count a try; the sixth wrong one in ten minutes locks the account for a quarter of an hour."""
        if await self._shared.get(f"identity:code-lock:{account}") is not None:
            raise TooMany("Locked for 15 min.", retry_after=LOCK_SECONDS)
        if await self._shared.increment(f"identity:code-channel:{channel}", 60) > CHANNEL_PER_MINUTE:
            raise TooMany("Too many codes are tried here. Wait a minute.", retry_after=60)
        if await self._shared.increment(f"identity:code-tries:{account}", TRIES_SECONDS) > TRIES:
            await self._shared.set(f"identity:code-lock:{account}", b"1", LOCK_SECONDS)
            raise TooMany("Locked for 15 min.", retry_after=LOCK_SECONDS)

    async def was_right(self, account: str) -> None:
        """A right code ends the counting."""
        await self._shared.delete(f"identity:code-tries:{account}")

    async def was_wrong_for(self, request_id: str) -> None:
        """Somebody tried this request wrongly."""
        await self._shared.increment(f"identity:code-wrong:{request_id}", _REQUEST_SECONDS)

    async def used_up(self, request_id: str) -> bool:
        """Whether five wrong tries have ended this request."""
        wrong = await self._shared.get(f"identity:code-wrong:{request_id}")
        return wrong is not None and int(wrong) >= WRONG_PER_REQUEST

    async def making(self, source: str, target: str) -> None:
        """Count a new code of `source`, and for `target` where it is known."""
        wait = await self._shared.cooldown([(f"identity:code-new:{source}", NEW_AFTER_SECONDS)])
        if wait:
            raise TooMany(f"Again in {max(1, round(wait))} s.", retry_after=wait)
        await self._at_most(f"identity:code-source:{source}", PER_HOUR)
        if target:
            await self._at_most(f"identity:code-target:{target}", PER_TARGET_AND_HOUR)

    async def _at_most(self, key: str, most: int) -> None:
        if await self._shared.increment(key, _HOUR) > most:
            raise TooMany("That is enough codes for an hour.", retry_after=_HOUR)
