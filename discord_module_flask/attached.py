"""Which channels belong to communities, as community says; at most half a minute old."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from flask_core.contracts import community
from flask_core.datamodels import ChannelKey, Platform
from flask_core.errors import ServiceError
from flask_core.service_client import ServiceClient

log = logging.getLogger(__name__)

_SECONDS = 30.0


class Attached:
    """Read in the background of whoever asks: an older answer is better than waiting for a new one."""

    def __init__(self, services: ServiceClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        self._until = 0.0
        self._communities: dict[str, dict[str, int]] = {}

    async def refresh(self, *, now: bool = False) -> None:
        """Ask community when it is time, or `now`. What it said before holds while it is away."""
        if not now and self._until > self._clock():
            return
        self._until = self._clock() + _SECONDS
        try:
            asked = community.PlatformChannels(str(Platform.DISCORD))
            answer = await self._services.call("community", community.TRIGGER_CHANNELS, asked)
        except ServiceError as error:
            log.info("which channels are attached is not known anew: %s", error.code)
            return
        found: dict[str, dict[str, int]] = {}
        for channel in answer.items:
            key = ChannelKey.parse(channel.key)
            if channel.enabled:
                found.setdefault(key.server_id, {})[key.channel_id] = channel.community_id
        self._communities = found

    def home(self, guild_id: str) -> str:
        """The channel that stands for a guild: the first attached one, "" for none."""
        return next(iter(self._communities.get(guild_id, ())), "")

    def channels(self, guild_id: str) -> dict[str, int]:
        """The community of each attached channel of a guild."""
        return self._communities.get(guild_id, {})

    def community_of(self, guild_id: str) -> int:
        """The community of a guild's first attached channel; 0 for none."""
        return next(iter(self._communities.get(guild_id, {}).values()), 0)

    def guilds(self, community_id: int = 0) -> dict[str, list[str]]:
        """Attached channels by guild: those of a community, or all."""
        found = {
            guild: [channel for channel, owner in channels.items() if community_id in {0, owner}]
            for guild, channels in self._communities.items()
        }  # fmt: skip
        return {guild: channels for guild, channels in found.items() if channels}
