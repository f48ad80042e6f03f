"""How often somebody may try: per account and per address, over all replicas; without shared state nobody may."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.errors import TooMany
from flask_core.shared_state import SharedState

ACCOUNT_FAILURES, ACCOUNT_SECONDS = 5, 86_400.0
ADDRESS_FAILURES, ADDRESS_SECONDS = 20, 600.0
SETTING_OUT, SETTING_OUT_SECONDS = 120, 600.0
LONGEST_LOCK_MINUTES = 60


class Throttle:
    """A try counts before its outcome is known, so that many at once gain nothing; success takes it back."""

    def __init__(self, shared: SharedState, now: Callable[[], datetime] = utc_now) -> None:
        self._shared = shared
        self._now = now

    async def admit(self, account: str, address: str) -> None:
        """Raise TooMany when the account is locked or the address failed too often; else count a failure.

        The fifth failure of an account locks it for 1 minute, each further one for 2, 4, … 60.
        """
        await self._count_address(address)
        locked, counted = _keys(account)
        until = await self._shared.get(locked)
        if until is not None:
            self._refuse(float(until))
        failures = await self._shared.increment(counted, ACCOUNT_SECONDS)
        if failures >= ACCOUNT_FAILURES:
            await self._lock(account, 60.0 * min(LONGEST_LOCK_MINUTES, 2 ** min(failures - ACCOUNT_FAILURES, 10)))

    async def _count_address(self, address: str) -> None:
        if not address:
            return
        if await self._shared.increment(_address(address), ADDRESS_SECONDS) > ADDRESS_FAILURES:
            raise TooMany("Too many tries from here. Wait ten minutes.", retry_after=ADDRESS_SECONDS)

    async def _lock(self, account: str, seconds: float) -> None:
        locked, counted = _keys(account)
        now = self._now().timestamp()
        if not await self._shared.claim_once(f"{locked}:turn", seconds):
            # Somebody else tries at this very moment, and holds the lock that this try would need.
            await self._shared.increment(counted, ACCOUNT_SECONDS, by=-1)
            self._refuse(now + seconds)
        await self._shared.set(locked, str(now + seconds).encode(), seconds)

    def _refuse(self, until: float) -> None:
        wait = max(1.0, until - self._now().timestamp())
        raise TooMany("Too many wrong passwords. Wait a while, then try again.", retry_after=wait)

    async def setting_out(self, address: str) -> None:
        """Raise TooMany for an address from which too many set out for a platform."""
        key = f"{_address(address)}:out"
        if await self._shared.increment(key, SETTING_OUT_SECONDS) > SETTING_OUT:
            raise TooMany("Too many sign-ins begin from here. Wait ten minutes.", retry_after=SETTING_OUT_SECONDS)

    async def succeeded(self, account: str, address: str) -> None:
        """The right password ends the counting."""
        locked, counted = _keys(account)
        await self._shared.delete(locked, f"{locked}:turn", counted)
        if address:
            await self._shared.increment(_address(address), ADDRESS_SECONDS, by=-1)


def _keys(account: str) -> tuple[str, str]:
    # Hashed, because addresses do not belong into the names of shared keys.
    mark = hashlib.sha256(account.encode("utf-8", "replace")).hexdigest()[:32]
    return f"identity:locked:{mark}", f"identity:failures:{mark}"


def _address(address: str) -> str:
    return f"identity:address:{hashlib.sha256(address.encode('utf-8', 'replace')).hexdigest()[:32]}"
