"""What identity does by itself: print the set-up link of the first start, forget what is over."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import timedelta

from identity_core_module_flask.keys import Keys
from identity_core_module_flask.linking import Linking
from identity_core_module_flask.sessions import Sessions
from identity_core_module_flask.sign_in import SignIn

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
        ways_in: SignIn,
        sessions: Sessions,
        keys: Keys,
        linking: Linking,
        portal_url: str,
        *,
        say: Callable[[str], None] = to_console,
    ) -> None:
        self._ways_in = ways_in
        self._sessions = sessions
        self._keys = keys
        self._linking = linking
        self._portal_url = portal_url
        self._say = say

    async def print_set_up_link(self) -> None:
        """Once at the start, while nobody is operator."""
        token = await self._ways_in.new_set_up_link()
        if token is not None:
            self._say(f"Open {self._portal_url}/auth/set-up?token={token}")

    async def sweep(self) -> None:
        """For ever, once a minute."""
        while True:
            await self._sessions.sweep(LOG_KEPT)
            await self._keys.sweep()
            await self._linking.sweep()
            await asyncio.sleep(_SWEEP_SECONDS)
