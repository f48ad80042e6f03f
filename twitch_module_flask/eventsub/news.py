"""Tells all replicas at once that accounts, shards or their readers changed: nobody waits for the next round."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import Literal

from flask_core.errors import ServiceError
from flask_core.shared_state import SharedState

_TOPIC = "twitch:changed"
About = Literal["accounts", "shards", "bindings", "sign-ins"]


_ABOUT: tuple[About, ...] = ("accounts", "shards", "bindings", "sign-ins")
_FOLLOWS = frozenset({("accounts", "shards"), ("accounts", "sign-ins")})
"""How many shards there are follows from how many channels; who has to be told, from how accounts stand."""


class News:
    """Each subject may be waited for by one loop per replica."""

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared
        self._me = secrets.token_hex(8)
        self._changed: dict[str, asyncio.Event] = {about: asyncio.Event() for about in _ABOUT}

    async def tell(self, about: About) -> None:
        """Something changed; without shared state only this replica hears it at once."""
        self._hear(about)
        with suppress(ServiceError):
            await self._shared.publish(_TOPIC, f"{self._me} {about}".encode())

    async def wait(self, about: About, seconds: float) -> None:
        """Until something changed, at most that long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed[about].wait()
        self._changed[about].clear()

    async def listen(self) -> None:
        """For ever."""
        async with self._shared.subscribe(_TOPIC) as messages:
            async for _, message in messages:
                teller, _, about = message.decode().partition(" ")
                # Our own was heard when it was told. What may have been missed is taken for news of everything.
                if teller != self._me:
                    self._hear(about)

    def _hear(self, about: str) -> None:
        for subject, changed in self._changed.items():
            if about in {subject, ""} or (about, subject) in _FOLLOWS:
                changed.set()
