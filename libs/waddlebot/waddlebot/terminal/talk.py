"""A conversation in one room: who speaks, what is said, what the bot made of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from flask_core.contracts import portal
from flask_core.contracts.portal import Line, Room, Speaker
from flask_core.contracts.router import TraceDelivery, TraceOf, TraceView
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput, NotFound
from flask_core.service_client import ServiceClient
from waddlebot.terminal.listening import Listening

LOOKS = ("twitch", "discord", "slack")
_ANSWERED = frozenset({"said", "pending", "heard", "plain"})
_LOST = frozenset({"failed", "unsupported", "not_permitted", "expired"})
# A command may take 30 seconds; its words get a little longer to arrive.
_TRACE_SECONDS = 35.0
_WORDS_SECONDS = 10.0
_FIRST_LOOK, _LONGEST_LOOK = 0.02, 0.25
_KEPT_EVENTS = 50


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a line; without a trace the bot was not done with it in time."""

    speaker: Speaker
    event_id: str
    replies: tuple[Line, ...] = ()
    trace: TraceView | None = None

    @property
    def answered(self) -> bool:
        """Whether the bot did what was asked, or had nothing to do."""
        return self.trace is not None and self.trace.outcome in _ANSWERED


class Talk:
    """Everybody in a room, spoken for from one keyboard."""

    def __init__(
        self, client: ServiceClient, room: Room, people: tuple[Speaker, ...], tell: Callable[[Line], None]
    ) -> None:
        self.room = room
        self.people = {person.name.lower(): person for person in people}
        self.speaker = people[0] if people else Speaker("Ann")
        self._client = client
        self._listening = Listening(client, room, tell)
        self._events: list[str] = []

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Listen while the block runs."""
        await self._listening.begin()
        listening = asyncio.create_task(self._listening.run(), name="listening")
        try:
            yield
        finally:
            listening.cancel()
            await asyncio.wait([listening])

    def become(self, name: str, role: Role | None = None, look: str = "") -> Speaker:
        """Speak as somebody from now on, on the platform `look`; a new name is a new person. Raises InvalidInput."""
        known = self.people.get(name.lower()) or Speaker(name, self.speaker.look)
        if look and look not in LOOKS:
            raise InvalidInput(f"One can be on {', '.join(LOOKS)}.")
        speaker = Speaker(known.name, look or known.look, known.role if role is None else role)  # type: ignore[arg-type]
        self.people[speaker.name.lower()] = self.speaker = speaker
        return speaker

    async def say(self, text: str) -> Heard:
        """Say a line and wait for what the bot makes of it."""
        return await self._send(portal.Say(self.room.community_id, self.speaker, text, room=self.room.name))

    async def happen(self, what: str) -> Heard:
        """Let the speaker follow, subscribe, raid …"""
        return await self._send(portal.Say(self.room.community_id, self.speaker, event=what, room=self.room.name))

    async def _send(self, asked: portal.Say) -> Heard:
        async with self._listening.speaking:
            said = await self._client.call("portal", portal.SAY, asked)
            self._listening.ours(said.event_id)
        self._events = [*self._events[-_KEPT_EVENTS:], said.event_id]
        trace = await self._trace(said.event_id)
        number = sum(_is_line(delivery, self.room) for delivery in trace.deliveries) if trace else 0
        replies = await self._listening.answers(said.event_id, number, _WORDS_SECONDS)
        # Once more, because now it tells what became of the words.
        trace = await self._why(said.event_id) if trace else None
        return Heard(asked.speaker, said.event_id, tuple(replies), trace)

    async def why(self, number: int = 1) -> TraceView:
        """The way of the last line, or of the one `number` lines ago. Raises NotFound before the first line."""
        if not 1 <= number <= len(self._events):
            raise NotFound("Nothing was said here yet." if not self._events else "That is too long ago.")
        return await self._why(self._events[-number])

    async def _trace(self, event_id: str) -> TraceView | None:
        """The way of an event as soon as it is known; None when that takes too long."""
        pause = _FIRST_LOOK
        try:
            async with asyncio.timeout(_TRACE_SECONDS):
                while True:
                    try:
                        return await self._why(event_id)
                    except NotFound:
                        await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_LOOK)
        except TimeoutError:
            return None

    async def _why(self, event_id: str) -> TraceView:
        return await self._client.call("portal", portal.WHY, TraceOf(self.room.community_id, event_id))


def _is_line(delivery: TraceDelivery, room: Room) -> bool:
    return delivery.kind == "chat" and delivery.channel == room.channel and delivery.state not in _LOST


async def open_room(client: ServiceClient) -> tuple[Room, tuple[Speaker, ...]]:
    """The newest room that we may enter, and its people. Raises NotFound when there is none."""
    rooms = (await client.call("portal", portal.ROOMS, portal.ListRooms())).items
    if not rooms:
        raise NotFound(
            "There is no community with a playground yet: open the portal, make one, and look at its playground once."
        )
    people = await client.call("portal", portal.PEOPLE, portal.RoomOf(rooms[0].community_id, rooms[0].name))
    return rooms[0], people.items
