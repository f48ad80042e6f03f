"""What identity does by itself: print the set-up link of the first start, forget what is over."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from identity_core_module_flask.people import People
from identity_core_module_flask.person_repository import PersonRepository

LOG_KEPT = timedelta(days=180)
_SWEEP_SECONDS = 60.0


def to_console(line: str) -> None:
    """A link is a secret: it goes to whoever started us, never into a log."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Jobs:
    """Both are safe with many replicas: the newest link counts, and deleting twice does no harm."""

    def __init__(
        self,
        people: People,
        repository: PersonRepository,
        portal_url: str,
        *,
        say: Callable[[str], None] = to_console,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._people = people
        self._repository = repository
        self._portal_url = portal_url
        self._say = say
        self._now = now

    async def print_set_up_link(self) -> None:
        """Once at the start, while nobody is operator."""
        token = await self._people.new_set_up_link()
        if token is not None:
            self._say(f"Open {self._portal_url}/auth/set-up?token={token}")

    async def sweep(self) -> None:
        """For ever, once a minute."""
        while True:
            now = self._now()
            await self._repository.sweep(now, now - self._people.idle, now - LOG_KEPT)
            await asyncio.sleep(_SWEEP_SECONDS)
