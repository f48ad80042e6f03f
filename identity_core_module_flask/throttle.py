"""How often somebody may try: per account and per address, over all replicas; without shared state nobody may."""

from __future__ import annotations

from flask_core.errors import TooMany
from flask_core.shared_state import SharedState

ACCOUNT_FAILURES, ACCOUNT_SECONDS = 5, 900.0
ADDRESS_TRIES, ADDRESS_SECONDS = 20, 600.0


class Throttle:
    """Counts failures of an account and all tries of an address."""

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared

    async def admit(self, email: str, address: str) -> None:
        """Raise TooMany when the account is locked or the address tried too often."""
        if address:
            tries = await self._shared.increment(f"identity:address:{address}", ADDRESS_SECONDS)
            if tries > ADDRESS_TRIES:
                raise TooMany("Too many tries from here. Wait ten minutes.", retry_after=ADDRESS_SECONDS)
        failures = await self._shared.get(_locked(email))
        if failures is not None:
            raise TooMany("Too many wrong passwords. Wait a while, then try again.", retry_after=60)

    async def failed(self, email: str) -> None:
        """A wrong password: every one beyond the fifth locks the account for longer."""
        failures = await self._shared.increment(f"identity:failures:{email.lower()}", ACCOUNT_SECONDS)
        if failures >= ACCOUNT_FAILURES:
            minutes = min(60, 2 ** (failures - ACCOUNT_FAILURES))
            await self._shared.set(_locked(email), b"1", minutes * 60)

    async def succeeded(self, email: str) -> None:
        """The right password ends the counting."""
        await self._shared.delete(f"identity:failures:{email.lower()}")


def _locked(email: str) -> str:
    return f"identity:locked:{email.lower()}"
