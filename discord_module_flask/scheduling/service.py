"""Puts events of a community into its server's list of events, changes them, and takes them out again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from discord_module_flask.rest import Rest
from discord_module_flask.scheduling.repository import ScheduledRepository
from flask_core.contracts.module import Delivery
from flask_core.datamodels import ChannelKey, PlatformRequest
from flask_core.delivering import Done, Unsupported
from flask_core.errors import InvalidInput, NotFound

OPERATION = "scheduled_event"
_EVENTS, _EVENT = "/guilds/{guild_id}/scheduled-events", "/guilds/{guild_id}/scheduled-events/{event_id}"
_GUILD_ONLY, _ELSEWHERE = 2, 3
_NAME, _DESCRIPTION, _PLACE = 100, 1_000, 100
_AN_HOUR = timedelta(hours=1)


class Wanted(msgspec.Struct, frozen=True):
    """What a module asks for: `key` is its own name of the event, always the same; times carry their zone."""

    act: Literal["upsert", "cancel"]
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    title: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    place: str = ""
    description: str = ""


class Scheduling:
    """Whoever took an event out of the list by hand finds it there again once it changes."""

    def __init__(self, rest: Rest, repository: ScheduledRepository) -> None:
        self._rest = rest
        self._repository = repository

    async def request(self, delivery: Delivery, action: PlatformRequest) -> Done:
        """Do it. The answer's message id is Discord's id of the event. Raises Unsupported, InvalidInput."""
        key = ChannelKey.parse(delivery.channel)
        if action.operation != OPERATION or key.direct:
            raise Unsupported(f"On Discord the bot cannot do this: {action.operation[:40]}.")
        try:
            wanted = msgspec.convert(action.arguments, Wanted)
        except msgspec.ValidationError as wrong:
            raise InvalidInput(f"This event cannot be read: {wrong}.") from wrong
        # Communities that share a server do not share keys.
        wanted = msgspec.structs.replace(wanted, key=f"{delivery.community_id}:{wanted.key}")
        event_id = await self._repository.find(key.server_id, wanted.key)
        if wanted.act == "cancel":
            return await self._cancel(key.server_id, wanted.key, event_id)
        return await self._upsert(delivery, key.server_id, wanted, event_id)

    async def _upsert(self, delivery: Delivery, guild_id: str, wanted: Wanted, event_id: str) -> Done:
        body, ends_at = _body(wanted)
        asked: dict[str, Any] = {"json": body, "guild_id": guild_id, "reason": _reason(delivery)}
        made: Any = None
        if event_id:
            try:
                made = await self._rest.call("PATCH", _EVENT, event_id=event_id, **asked)
            except NotFound:
                made = None
        if made is None:
            made = await self._rest.call("POST", _EVENTS, **asked)
        await self._repository.keep(guild_id, wanted.key, str(made["id"]), ends_at)
        return Done((str(made["id"]),))

    async def _cancel(self, guild_id: str, key: str, event_id: str) -> Done:
        if not event_id:
            return Done(reason="It was not there.")
        try:
            await self._rest.call("DELETE", _EVENT, guild_id=guild_id, event_id=event_id)
        except NotFound:
            await self._repository.drop(guild_id, key)
            return Done(reason="It was gone already.")
        await self._repository.drop(guild_id, key)
        return Done()


def _body(wanted: Wanted) -> tuple[dict[str, Any], datetime]:
    """As Discord takes it, and when it ends: after an hour where nobody says."""
    title, starts_at = wanted.title.strip(), wanted.starts_at
    if not title or starts_at is None or starts_at.tzinfo is None:
        raise InvalidInput("An event has a title, and a beginning with its time zone.")
    ends_at = wanted.ends_at or starts_at + _AN_HOUR
    if ends_at.tzinfo is None or ends_at <= starts_at:
        raise InvalidInput("An event ends after it began.")
    body = {
        "name": title[:_NAME], "description": wanted.description[:_DESCRIPTION], "privacy_level": _GUILD_ONLY,
        "entity_type": _ELSEWHERE, "entity_metadata": {"location": (wanted.place.strip() or "–")[:_PLACE]},
        "channel_id": None, "scheduled_start_time": starts_at.isoformat(), "scheduled_end_time": ends_at.isoformat(),
    }  # fmt: skip
    return body, ends_at


def _reason(delivery: Delivery) -> str:
    return f"asked by {delivery.account.name}" if delivery.account else "by the community's calendar"
