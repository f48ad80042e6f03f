"""Which channels belong to communities, as community says; at most half a minute old."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Container

from flask_core.contracts import community, community_servers
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
        self._whole: dict[str, int] = {}

    async def refresh(self, *, now: bool = False) -> None:
        """Ask community when it is time, or `now`. What it said before holds while it is away."""
        if not now and self._until > self._clock():
            return
        self._until = self._clock() + _SECONDS
        try:
            asked = community.PlatformChannels(str(Platform.DISCORD))
            answer = await self._services.call("community", community.TRIGGER_CHANNELS, asked)
            whole = await self._services.call(
                "community", community_servers.PLATFORM_SERVERS, community_servers.PlatformServers("discord")
            )
        except ServiceError as error:
            log.info("which channels are attached is not known anew: %s", error.code)
            return
        found: dict[str, dict[str, int]] = {}
        for channel in answer.items:
            key = ChannelKey.parse(channel.key)
            if channel.enabled:
                found.setdefault(key.server_id, {})[key.channel_id] = channel.community_id
        self._communities = found
        self._whole = {one.server_id: one.community_id for one in whole.items}

    def home(self, guild_id: str) -> str:
        """The channel that stands for a guild: the first attached one, "" for none."""
        return next(iter(self._communities.get(guild_id, ())), "")

    def channels(self, guild_id: str) -> dict[str, int]:
        """The community of each attached channel of a guild."""
        return self._communities.get(guild_id, {})

    def whole(self, guild_id: str) -> int:
        """The community that all of a guild is attached to, but for channels with a home of their own; 0 for none."""
        return self._whole.get(guild_id, 0)

    def owner(self, guild_id: str, channel_id: str) -> int:
        """The community of a channel; 0 for none."""
        return self.channels(guild_id).get(channel_id) or self.whole(guild_id)

    def places(self, guild_id: str) -> Container[str]:
        """The channels of a guild that belong to a community."""
        return _Everywhere() if self.whole(guild_id) else self.channels(guild_id)

    def community_of(self, guild_id: str) -> int:
        """The community of a guild, or of its first attached channel; 0 for none."""
        return self.whole(guild_id) or next(iter(self._communities.get(guild_id, {}).values()), 0)

    def guilds(self, community_id: int = 0) -> dict[str, list[str]]:
        """Attached channels by guild: those of a community, or all. A whole guild is there without channels, too."""
        found = {
            guild: [channel for channel, owner in self.channels(guild).items() if community_id in {0, owner}]
            for guild in {**self._communities, **self._whole}
        }
        return {
            guild: channels
            for guild, channels in found.items()
            if channels or (guild in self._whole and community_id in {0, self._whole[guild]})
        }


class _Everywhere(Container[str]):
    """Every channel there is."""

    def __contains__(self, channel_id: object) -> bool:
        return True
