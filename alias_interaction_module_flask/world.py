"""The world as a command's text asks about it: what other modules, the counters and the kept texts answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from alias_interaction_module_flask.config import CommunityChoices
from alias_interaction_module_flask.counters import Counters, Variables
from alias_interaction_module_flask.evaluator.world import (
    Activity,
    Facts,
    LookupFailed,
    Person,
    Song,
    Standing,
    Stream,
)
from alias_interaction_module_flask.fetching.fetching import Errand, Fetching
from alias_interaction_module_flask.following import Following
from alias_interaction_module_flask.members import Members
from alias_interaction_module_flask.model import NOBODYS, Model, Use
from alias_interaction_module_flask.places import Place, Places
from alias_interaction_module_flask.scripts.pool import Scripts
from alias_interaction_module_flask.sources.sources import Sources
from alias_interaction_module_flask.streams import Streams
from flask_core.community_settings import CommunitySettings
from flask_core.contracts import desk, identity, memories, twitch
from flask_core.datamodels import Platform, Role
from flask_core.errors import Conflict, InvalidInput, NotFound, ServiceError
from flask_core.service_client import ServiceClient

_DISCORD_EPOCH = 1_420_070_400.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the world is made of, the same for all commands.

    Once a command changed something, the transaction is open: whoever it asks outside then has `held_seconds`.
    """

    services: ServiceClient
    counters: Counters
    variables: Variables
    places: Places
    streams: Streams
    scripts: Scripts
    fetching: Fetching
    settings: CommunitySettings[CommunityChoices]
    members: Members
    following: Following
    sources: Sources
    model: Model
    held_seconds: float = 1.0

    def at(self, place: Place, use: Use = NOBODYS, *, imported: bool = False) -> World:
        """The world as this use of a command sees it; one that was imported may run scripts more easily."""
        return World(self, place, use, imported=imported)

    async def scripts_off(self, community_id: int, *, imported: bool) -> bool:
        """Whether the community does not want such a command to run scripts."""
        choices, _ = await self.settings.read(community_id)
        return choices.eval == "off" or (choices.eval == "imported" and not imported)


class World:
    """One channel's; the evaluator turns refusals into what a variable prints."""

    def __init__(self, around: Surroundings, place: Place, use: Use = NOBODYS, *, imported: bool = False) -> None:
        self._around = around
        self._place = place
        self._use = use
        self._services = around.services
        self._imported = imported
        self._wrote = False
        self.changed: dict[str, bool] = {}

    async def person(self, name: str) -> Person | None:
        """The account that a name, login or mention means here; None for nobody, and for several."""
        asked = identity.ResolveName(self._place.platform, name)
        try:
            found = await self._services.call("identity", identity.RESOLVE, asked)
        except (NotFound, Conflict, InvalidInput):
            return None
        return Person(found.display_name or found.login or name, found.login, found.user_id)

    async def role(self, person: Person) -> Role:
        """What somebody may do here, as community knows it."""
        here = self._place
        return (await self._around.members.account(here.community_id, here.platform, person.user_id)).role

    async def standing(self, person: Person) -> Standing:
        """Nobody keeps points yet."""
        return Standing()

    async def activity(self, person: Person) -> Activity:
        """When somebody was here."""
        if not person.user_id:
            return Activity()
        account = f"{self._place.platform}:{person.user_id}"
        asked = desk.ActivityOf(self._place.community_id, account)
        found = await self._services.call("router", desk.MEMBER_ACTIVITY, asked)
        return Activity(found.last_seen, found.last_active)

    async def followed_since(self, person: Person) -> datetime | None:
        """Since when somebody follows the community's Twitch channel."""
        return await self._around.following.since(self._place, person)

    async def created_at(self, person: Person) -> datetime | None:
        """How old an account is: Twitch tells, and Discord's ids carry it."""
        if self._place.platform == Platform.TWITCH and person.user_id:
            found = await self._services.call("twitch", twitch.USER, twitch.UserQuery(id=person.user_id))
            return found.created_at
        if self._place.platform == Platform.DISCORD and person.user_id.isdecimal():
            return datetime.fromtimestamp((int(person.user_id) >> 22) / 1_000 + _DISCORD_EPOCH, UTC)
        return None

    async def stream(self, login: str) -> Stream | None:
        """A Twitch channel."""
        return await self._around.streams.of(self._place, login)

    async def chatters(self) -> Sequence[Person]:
        """Who wrote in the last ten minutes."""
        asked = desk.WhoIsHere(self._place.community_id, self._place.key)
        found = await self._services.call("router", desk.CHATTERS, asked)
        return [Person(one.name, one.name.lower(), one.user_id, one.member_id) for one in found.items]

    async def emotes(self, source: str) -> Sequence[str]:
        """Those of the community's Twitch channel."""
        return await self._patiently(self._around.streams.emotes(self._place, source))

    async def points_name(self) -> str:
        """What the community calls its points."""
        return "points"

    async def quote(self, number: int | None) -> tuple[int, str] | None:
        """A saved quote, or one by chance."""
        here = self._place.community_id
        try:
            if number is None:
                found = await self._services.call("memories", memories.RANDOM, memories.RandomQuote(here))
            else:
                found = await self._services.call("memories", memories.QUOTE, memories.QuoteOf(here, number))
        except NotFound:
            return None
        return found.number, found.content

    async def song(self) -> Song | None:
        """Nothing plays yet."""
        return None

    async def queue_length(self) -> int:
        """Nothing waits yet."""
        return 0

    async def next_event(self) -> tuple[str, datetime] | None:
        """Nothing is planned yet."""
        return None

    async def counter(self, name: str) -> int | None:
        """The value of a counter; None: there is none."""
        try:
            found = await self._around.counters.find(self._place.community_id, name)
        except InvalidInput:
            return None
        return None if found is None else found.value

    async def change_counter(self, name: str, *, add: int = 0, set_to: int | None = None) -> int:
        """Add or set in one statement, making the counter when it is new."""
        here, self._wrote = self._place.community_id, True
        try:
            if set_to is None:
                after = await self._around.counters.add(here, name, add)
            else:
                after = await self._around.counters.set(here, name, set_to)
        except (InvalidInput, Conflict) as refused:
            raise LookupFailed(refused.message.rstrip(".")) from refused
        self.changed[after.name] = after.on_screen
        return after.value

    async def kept(self, name: str) -> str | None:
        """A text of the community."""
        try:
            found = await self._around.variables.find(self._place.community_id, name)
        except InvalidInput:
            return None
        return None if found is None else found.value

    async def keep(self, name: str, text: str) -> None:
        """Keep a text."""
        self._wrote = True
        try:
            await self._around.variables.set(self._place.community_id, name, text)
        except (InvalidInput, Conflict) as refused:
            raise LookupFailed(refused.message.rstrip(".")) from refused

    async def fetch(self, url: str, headers: Mapping[str, str]) -> str:
        """GET through the guard, as text."""
        here = self._place.community_id
        choices, _ = await self._around.settings.read(here)
        errand = Errand(url, here, headers, choices.http_hosts)
        try:
            return await self._patiently(self._around.fetching.text(errand))
        except TimeoutError:
            raise LookupFailed("timeout") from None
        except ServiceError as refused:
            raise LookupFailed(str(refused.details.get("reason", "not answering"))) from refused

    async def script(self, code: str, seed: str) -> str:
        """The value of a script as text."""
        if await self._around.scripts_off(self._place.community_id, imported=self._imported):
            raise LookupFailed("switched off here")
        try:
            return await self._around.scripts.run(code, seed=seed)
        except ServiceError as refused:
            raise LookupFailed(str(refused.details.get("reason", "busy"))) from refused

    async def answer(self, prompt: str) -> str:
        """What the model says."""
        return await self._patiently(self._around.model.answer(self._place, self._use, prompt))

    async def weather(self, place: str) -> Facts | None:
        """The weather at a place."""
        return await self._patiently(self._around.sources.weather(place, self._place.community_id))

    async def source(self, name: str, *arguments: str) -> Facts | None:
        """Sources that need a key."""
        return await self._patiently(self._around.sources.of(name, arguments, self._place.community_id))

    async def _patiently[T](self, answer: Awaitable[T]) -> T:
        """Wait for somebody outside: not for long where others wait for what this command changed."""
        async with asyncio.timeout(self._around.held_seconds if self._wrote else None):
            return await answer
