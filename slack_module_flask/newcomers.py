"""Who is new in a workspace, and that its channels are others now."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask_core.contracts import community, community_servers
from flask_core.datamodels import ChannelKey, Event, MessageType
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState
from slack_module_flask.events import Told
from slack_module_flask.people import People, person_of

_SECONDS = 60.0
STALE = "slack:channels:stale:"


class Newcomers:
    """Slack names no channel when somebody joins a workspace: each community hears of it in its first channel there.

    Who has the whole workspace attaches one channel besides to hear of it.
    """

    def __init__(
        self,
        services: ServiceClient,
        people: People,
        shared: SharedState,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services = services
        self._people = people
        self._shared = shared
        self._clock = clock
        self._attached: tuple[float, tuple[community.Channel, ...]] = (0.0, ())
        self._whole: dict[str, int] = {}

    async def attached(self, *, now: bool = False) -> tuple[community.Channel, ...]:
        """All attached Slack channels, at most a minute old."""
        if now or self._attached[0] <= self._clock():
            asked = community.PlatformChannels("slack")
            answer = await self._services.call("community", community.TRIGGER_CHANNELS, asked, timeout=1.0)
            whole = await self._services.call(
                "community", community_servers.PLATFORM_SERVERS, community_servers.PlatformServers("slack"), timeout=1.0
            )
            self._whole = {one.server_id: one.community_id for one in whole.items}
            self._attached = (self._clock() + _SECONDS, answer.items)
        return self._attached[1]

    async def whole(self, team_id: str, *, now: bool = False) -> int:
        """The community that all of a workspace is attached to, but for channels with a home of their own; 0: none."""
        await self.attached(now=now)
        return self._whole.get(team_id, 0)

    async def joined(self, told: Told) -> list[Event]:
        """One event per community of the workspace."""
        user = told.event["user"]
        user_id = str(user["id"])
        await self._people.keep(told.team_id, user_id, told.people.setdefault(user_id, person_of(user)))
        first: dict[int, str] = {}
        for channel in sorted(await self.attached(), key=lambda one: one.key):
            key = ChannelKey.parse(channel.key)
            if key.server_id == told.team_id and not key.direct:
                first.setdefault(channel.community_id, key.channel_id)
        return [
            told.happened(MessageType.MEMBER_JOIN, channel_id, user_id, event_id=f"slack:{told.event_id}:{number}")
            for number, channel_id in first.items()
        ]

    async def channels_changed(self, team_id: str) -> None:
        """The list of channels is asked for again soon."""
        await self._shared.set(f"{STALE}{team_id}", b"1", 3_600)
