"""Beginning all sessions anew at a click: after an intent or the token was changed at Discord, without a restart."""

from __future__ import annotations

import logging

from discord_module_flask.gateway.intents import Intents
from discord_module_flask.gateway.shards import Shards
from flask_core.shared_state import SharedState

log = logging.getLogger(__name__)

TOPIC = "discord.reconnect"


class Reconnecting:
    """Every replica hears of it, the one that was asked like the others."""

    def __init__(self, shards: Shards, intents: Intents, shared: SharedState) -> None:
        self._shards = shards
        self._intents = intents
        self._shared = shared

    async def everywhere(self, who: str) -> None:
        """Let all replicas do it."""
        log.info("sessions with Discord begin anew", extra={"event_type": "AUDIT", "user": who})
        await self._shared.publish(TOPIC, b"again")

    async def listen(self) -> None:
        """For ever: ask for every intent again, in new sessions."""
        async with self._shared.subscribe(TOPIC) as messages:
            async for _ in messages:
                self._intents.ask_again()
                await self._shards.begin_anew()
