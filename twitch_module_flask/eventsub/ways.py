"""The transports over which Twitch can tell us: what a subscription names, and which subscriptions are ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from twitch_module_flask.config import Way
from twitch_module_flask.eventsub.api import EventSubApi
from twitch_module_flask.eventsub.models import Told, Wanted
from twitch_module_flask.eventsub.repository import ConduitRepository
from twitch_module_flask.helix import APPLICATION


@dataclass(frozen=True, slots=True)
class Place:
    """Where a subscription shall be told, and whose token opens it."""

    transport: dict[str, str]
    by: str = APPLICATION


class Transport(Protocol):
    """One of the three."""

    @property
    def name(self) -> Way:
        """As settings and tables call it."""
        ...

    async def ready(self) -> bool:
        """Get ready for a round; False when there is nowhere to be told yet, or another replica sees to it."""
        ...

    async def told(self) -> list[Told]:
        """Everything that Twitch lists and that could be ours."""
        ...

    def current(self, told: Told) -> bool:
        """Whether it is told over this transport, to us, now."""
        ...

    def ours(self, told: Told) -> bool:
        """Whether we may have asked for it and so may end it."""
        ...

    async def place(self, wanted: Wanted) -> Place:
        """Where it goes. Raises Full when there is no place left, and what connecting raises."""
        ...

    async def drop(self, told: Told) -> None:
        """Be told no more."""
        ...

    async def done(self, wanted: Collection[Wanted]) -> None:
        """A round is over; what it was about."""
        ...


class _OfTheApplication:
    """What webhook and conduit have in common: the application asks, and sees both."""

    def __init__(self, api: EventSubApi, conduits: ConduitRepository, callback: str) -> None:
        self._api = api
        self._conduits = conduits
        self._callback = callback
        self._conduit_id = ""

    async def told(self) -> list[Told]:
        return await self._api.subscriptions()

    def ours(self, told: Told) -> bool:
        way = told.transport
        if way.method == "webhook":
            return bool(self._callback) and way.callback == self._callback
        return way.method == "conduit" and way.conduit_id == self._conduit_id

    async def drop(self, told: Told) -> None:
        await self._api.unsubscribe(told.id)

    async def done(self, wanted: Collection[Wanted]) -> None:
        return None

    async def _know_conduit(self) -> str:
        conduit = await self._conduits.conduit()
        self._conduit_id = conduit.id if conduit else ""
        return self._conduit_id


class Webhook(_OfTheApplication):
    """Twitch posts to our public address."""

    name: Way = "webhook"

    def __init__(
        self, api: EventSubApi, conduits: ConduitRepository, callback: str, secret: Callable[[], Awaitable[str]]
    ) -> None:
        super().__init__(api, conduits, callback)
        self._secret = secret

    async def ready(self) -> bool:
        await self._know_conduit()
        return True

    def current(self, told: Told) -> bool:
        return told.transport.method == "webhook" and told.transport.callback == self._callback

    async def place(self, wanted: Wanted) -> Place:
        return Place({"method": "webhook", "callback": self._callback, "secret": await self._secret()})


class OverConduit(_OfTheApplication):
    """Twitch hands everything to a conduit, whose shards are read over WebSockets."""

    name: Way = "conduit"

    async def ready(self) -> bool:
        return bool(await self._know_conduit())

    def current(self, told: Told) -> bool:
        return told.transport.method == "conduit" and told.transport.conduit_id == self._conduit_id

    async def place(self, wanted: Wanted) -> Place:
        return Place({"method": "conduit", "conduit_id": self._conduit_id})
