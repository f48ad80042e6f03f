"""The channels of a community, asked once a minute."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from flask_core.contracts import community
from flask_core.service_client import ServiceClient

_FRESH_SECONDS = 60.0
_REMEMBERED = 1_000


class Channels:
    """Keys of attached channels."""

    def __init__(self, client: ServiceClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._kept: OrderedDict[int, tuple[float, list[str]]] = OrderedDict()

    async def of(self, community_id: int, *, fresh: bool = False) -> list[str]:
        """All of a community's; `fresh` ones are asked for now. Raises Unavailable while community is away."""
        kept = self._kept.get(community_id)
        if kept is not None and kept[0] > self._clock() and not fresh:
            return kept[1]
        answer = await self._client.call("community", community.CHANNELS, community.CommunityId(community_id))
        keys = [channel.key for channel in answer.items]
        self._kept[community_id] = (self._clock() + _FRESH_SECONDS, keys)
        self._kept.move_to_end(community_id)
        if len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)
        return keys
