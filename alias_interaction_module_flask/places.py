"""Where a command is used: the channel's name, and which stream belongs to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from flask_core.contracts import community
from flask_core.datamodels import Platform
from flask_core.errors import ServiceError
from flask_core.remembered import RememberedBy
from flask_core.service_client import ServiceClient

_FRESH_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Place:
    """A channel of a community, by the parts of its key."""

    community_id: int
    key: str

    @property
    def platform(self) -> str:
        """The first part of the key."""
        return self.key.partition(":")[0]

    @property
    def server_id(self) -> str:
        """The second part."""
        return self.key.split(":", 2)[1]

    @property
    def channel_id(self) -> str:
        """The rest."""
        return self.key.split(":", 2)[2]


class Places:
    """The names of a community's channels, as community has them; "" for what nobody named or while it is away."""

    def __init__(self, client: ServiceClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._kept = RememberedBy(self._read, _FRESH_SECONDS, clock)

    async def name(self, place: Place) -> str:
        """How the channel is called."""
        return (await self._names(place.community_id)).get(place.key, "")

    async def stream_of(self, place: Place) -> str:
        """The id of the Twitch channel that is meant here: this one, else the first of the community's."""
        if place.platform == Platform.TWITCH:
            return place.channel_id
        keys = await self._names(place.community_id)
        return next((key.split(":")[2] for key in keys if key.startswith(f"{Platform.TWITCH}:")), "")

    async def on(self, community_id: int, platform: str) -> Place:
        """The community's first channel on a platform, or one that there might be."""
        keys = await self._names(community_id)
        return Place(community_id, next((k for k in keys if k.startswith(f"{platform}:")), f"{platform}:0:0"))

    async def _names(self, community_id: int) -> dict[str, str]:
        try:
            return await self._kept.get(community_id)
        except ServiceError:
            return self._kept.latest(community_id) or {}

    async def _read(self, community_id: int) -> dict[str, str]:
        found = await self._client.call("community", community.CHANNELS, community.CommunityId(community_id))
        return {channel.key: channel.name.removeprefix("#") for channel in found.items}
