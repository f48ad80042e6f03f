"""Credentials that have to wait: kept where all replicas look."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from flask_core.shared_state import SharedState


class Pause(msgspec.Struct, frozen=True):
    """Until when (seconds since 1970) nobody asks there, and why."""

    until: float
    reason: str


@dataclass(frozen=True, slots=True)
class Pauses:
    """A pause ends by itself."""

    shared: SharedState
    now: Callable[[], float] = time.time

    async def of(self, credential: str) -> Pause | None:
        """The pause of a credential, if it has to wait."""
        kept = await self.shared.get(_key(credential))
        pause = None if kept is None else msgspec.json.decode(kept, type=Pause)
        return pause if pause is not None and pause.until > self.now() else None

    async def begin(self, credential: str, seconds: float, reason: str) -> None:
        """Let everybody wait with this credential."""
        pause = Pause(self.now() + seconds, reason)
        await self.shared.set(_key(credential), msgspec.json.encode(pause), max(1.0, seconds))

    async def end(self, credential: str) -> None:
        """It may be used again, for example because the key is another."""
        await self.shared.delete(_key(credential))


def _key(credential: str) -> str:
    return f"ai:pause:{credential}"
