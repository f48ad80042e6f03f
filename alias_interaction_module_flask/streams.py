"""What Twitch shows of channels, asked of its trigger, which keeps the answers."""

from __future__ import annotations

from alias_interaction_module_flask.evaluator.world import Stream
from alias_interaction_module_flask.places import Place, Places
from flask_core.contracts import twitch, twitch_lookups
from flask_core.errors import NotFound
from flask_core.service_client import ServiceClient


class Streams:
    """The trigger owns credentials, budget and caches."""

    def __init__(self, services: ServiceClient, places: Places) -> None:
        self._services = services
        self._places = places

    async def of(self, place: Place, login: str) -> Stream | None:
        """A channel by its login, "" for the one that belongs to `place`; None for none. Raises Unavailable."""
        try:
            if login:
                asked = twitch.UserQuery(login=login.removeprefix("@").lower())
                user = await self._services.call("twitch", twitch.USER, asked)
                return await self._shown(user.id, user)
            channel_id = await self._places.stream_of(place)
            if not channel_id:
                return None
            return await self._shown(channel_id)
        except NotFound:
            return None

    async def _shown(self, channel_id: str, user: twitch.UserFacts | None = None) -> Stream:
        found = await self._services.call("twitch", twitch_lookups.CHANNEL, twitch_lookups.ChannelId(channel_id))
        return Stream(
            login=found.login,
            display_name=found.display_name,
            user_id=found.id,
            live=found.live,
            title=found.title,
            game=found.category,
            tags=found.tags,
            created_at=user.created_at if user else None,
            started_at=found.started_at,
            viewers=found.viewers if found.live else None,
            followers=found.followers,
        )
