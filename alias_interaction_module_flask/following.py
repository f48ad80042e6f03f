"""Since when somebody follows a Twitch channel, whatever platform they are spoken of on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alias_interaction_module_flask.evaluator.world import LookupFailed, Person
from alias_interaction_module_flask.members import Members
from alias_interaction_module_flask.places import Place, Places
from flask_core.contracts import twitch, twitch_lookups
from flask_core.datamodels import Platform
from flask_core.errors import NotFound, NotReady
from flask_core.service_client import ServiceClient


@dataclass(frozen=True, slots=True)
class Following:
    """The trigger asks with the streamer's own rights; people of other platforms are known by linked accounts."""

    services: ServiceClient
    places: Places
    members: Members

    async def since(self, place: Place, person: Person) -> datetime | None:
        """None: they do not follow. Raises LookupFailed where that cannot be known."""
        channel_id = await self.places.stream_of(place)
        if not channel_id:
            raise LookupFailed("no Twitch channel here")
        asked = twitch_lookups.FollowQuery(channel_id, await self._id_of(place, person))
        try:
            return (await self.services.call("twitch", twitch_lookups.FOLLOW, asked)).since
        except NotFound:
            raise LookupFailed("no Twitch channel here") from None
        except NotReady:
            raise LookupFailed("followers may not be read") from None

    async def _id_of(self, place: Place, person: Person) -> str:
        if not person.user_id:
            return await self._named(person.login or person.name)
        if place.platform == Platform.TWITCH:
            return person.user_id
        # Who has the same name on Twitch may be somebody else.
        known = await self.members.account(place.community_id, place.platform, person.user_id)
        linked = next((one.user_id for one in known.accounts if one.platform == Platform.TWITCH), "")
        if not linked:
            raise LookupFailed("no Twitch account is linked")
        return linked

    async def _named(self, login: str) -> str:
        if not login:
            raise LookupFailed("name somebody")
        asked = twitch.UserQuery(login=login.removeprefix("@").lower())
        try:
            return (await self.services.call("twitch", twitch.USER, asked)).id
        except NotFound:
            raise LookupFailed("no such user") from None
