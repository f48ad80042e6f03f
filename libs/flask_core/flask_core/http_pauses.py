"""Credentials that foreign services asked to wait with, known to all replicas within a second."""

from __future__ import annotations

from collections.abc import Callable

from flask_core.remembered import RememberedBy
from flask_core.shared_state import SharedState

_KEPT_SECONDS = 1.0
_NONE = 0.0


class Pauses:
    """Until when nobody asks with a credential.

    That is looked up before every request and hardly ever there, so the answer is kept for a second; a pause that this
    replica was asked for holds at once.
    """

    def __init__(self, shared: SharedState, *, now: Callable[[], float], clock: Callable[[], float]) -> None:
        self._shared = shared
        self._now = now
        self._until: RememberedBy[str, float] = RememberedBy(self._read, _KEPT_SECONDS, clock)

    async def left(self, credential: str) -> float:
        """How many seconds are left; 0 when it may be used."""
        return max(0.0, await self._until.get(credential) - self._now())

    async def begin(self, credential: str, seconds: float) -> None:
        """Let all replicas wait with this credential."""
        until = self._now() + seconds
        self._until.put(credential, until)
        await self._shared.set(_key(credential), b"%f" % until, seconds)

    async def _read(self, credential: str) -> float:
        until = await self._shared.get(_key(credential))
        return _NONE if until is None else float(until)


def _key(credential: str) -> str:
    return f"http:pause:{credential}"
