"""What Twitch shows of channels, and which emotes they have, asked of its trigger, which keeps the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal, cast, get_args

from alias_interaction_module_flask.evaluator.world import Stream
from alias_interaction_module_flask.places import Place, Places
from flask_core.contracts import twitch, twitch_lookups
from flask_core.errors import NotFound, ServiceError
from flask_core.service_client import ServiceClient

type _Source = Literal["twitch", "7tv", "bttv", "ffz"]
_ALL = "channel"
_EMOTE_SECONDS = 6.0


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

    async def emotes(self, place: Place, source: str) -> Sequence[str]:
        """Names of the emotes of the channel that belongs to `place`, from one source, or from all of them.

        Raises Unavailable; of all sources, those that are away are left out, unless none answers.
        """
        channel_id = await self._places.stream_of(place)
        if not channel_id:
            return ()
        if source != _ALL:
            return await self._emotes(channel_id, cast(_Source, source))
        asked = [self._emotes(channel_id, one) for one in get_args(_Source.__value__)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        told = [answer for answer in answers if not isinstance(answer, BaseException)]
        for failed in (answer for answer in answers if isinstance(answer, BaseException)):
            if not told or not isinstance(failed, ServiceError):
                raise failed
        return tuple(dict.fromkeys(name for names in told for name in names))

    async def _emotes(self, channel_id: str, source: _Source) -> Sequence[str]:
        asked = twitch_lookups.ChannelEmoteQuery(channel_id, source)
        try:
            found = await self._services.call("twitch", twitch_lookups.CHANNEL_EMOTES, asked, timeout=_EMOTE_SECONDS)
        except NotFound:
            return ()
        return [one.name for one in found.items]

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
