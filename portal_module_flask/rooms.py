"""The console platform: people of a playground speak, events happen, the bot's words come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.contracts import community, router
from flask_core.contracts.module import Deliveries, Delivery, DeliveryResult, DeliveryResults, DeliveryStatus
from flask_core.contracts.portal import Line, Room, Said, Speaker
from flask_core.datamodels import Chat, Event, Moderate
from flask_core.errors import InvalidInput, NotFound, ServiceError, TooMany
from flask_core.operations import Acting
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState
from flask_core.time_tokens import with_times
from portal_module_flask.cast import EVENTS, FIRST_PEOPLE, checked, event_of
from portal_module_flask.room_repository import RoomRepository

KEPT = timedelta(hours=24)
LONGEST_LINE = 2_000
_WAIT_MOST = 20.0
HELLO = "Hello, I am WaddleBot. Type !help."


class Rooms:
    """Lines go the real way: router, rules, modules, delivery; only the platform is ours."""

    def __init__(
        self,
        repository: RoomRepository,
        client: ServiceClient,
        shared: SharedState,
        *,
        lines_per_minute: int,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._client = client
        self._shared = shared
        self._per_minute = lines_per_minute
        self._now = now

    async def open(self, of: community.Community, acting: Acting, name: str = "playground") -> Room:
        """The community's room, made and attached when it is new; the bot says hello first."""
        channel = f"console:{of.id}:{name}"
        known = [room for room in await self._repository.rooms(of.id) if room.channel == channel]
        if known:
            return known[0]
        room = Room(of.id, name, channel, of.name)
        await self._client.call(
            "community", community.ATTACH, community.AttachChannel(of.id, channel, "Playground"), acting=acting
        )
        await self._repository.make(room, FIRST_PEOPLE, self._now())
        await self._repository.add_lines(channel, [(Line(0, "WaddleBot", HELLO, "bot"), None)], self._now())
        return room

    async def rooms(self) -> list[Room]:
        """All rooms."""
        return await self._repository.rooms()

    async def people(self, channel: str) -> list[Speaker]:
        """Who can speak there."""
        return await self._repository.people(channel)

    async def add_person(self, channel: str, person: Speaker) -> None:
        """Somebody new."""
        await self._repository.add_person(channel, checked(person))

    async def say(self, channel: str, speaker: Speaker, text: str) -> Said:
        """Somebody writes. Raises InvalidInput for an empty or endless line, TooMany for too many a minute."""
        text = text.strip()
        if not 1 <= len(text) <= LONGEST_LINE:
            raise InvalidInput(f"A line has 1 to {LONGEST_LINE} characters.", field="text")
        event = event_of(channel, speaker, self._now(), text)
        return await self._happen(event, Line(0, speaker.name, text, "person", event.event_id), speaker)

    async def happen(self, channel: str, speaker: Speaker, what: str) -> Said:
        """Something happens that is no line: a follow, a raid …"""
        if what not in EVENTS:
            raise InvalidInput(f"These can happen: {', '.join(EVENTS)}.")
        event = event_of(channel, speaker, self._now(), what=what)
        return await self._happen(event, Line(0, speaker.name, EVENTS[what].words, "event", event.event_id), speaker)

    async def _happen(self, event: Event, line: Line, speaker: Speaker) -> Said:
        minute = await self._shared.increment(f"playground:{event.channel}", 60)
        if minute > self._per_minute:
            raise TooMany(f"At most {self._per_minute} lines a minute in a playground.", retry_after=30)
        shown = Line(0, line.speaker, line.text, line.kind, line.event_id, False, speaker.look, speaker.role.word)
        seq = await self._repository.add_lines(event.channel, [(shown, None)], self._now())
        await self._announce(event.channel)
        answer = await self._client.call("router", router.INGEST, router.batch_of([event]))
        if answer.results[0].outcome is router.Outcome.INVALID:
            raise InvalidInput(answer.results[0].reason)
        return Said(event.event_id, seq)

    async def deliver(self, asked: Deliveries) -> DeliveryResults:
        """The bot speaks: its words become lines of the room."""
        results = [await self._deliver_one(delivery) for delivery in asked.items]
        return DeliveryResults(tuple(results))

    async def _deliver_one(self, delivery: Delivery) -> DeliveryResult:
        action = delivery.action
        if isinstance(action, Moderate):
            return await self._show(delivery, Line(0, "WaddleBot", _told(action, delivery), "event", delivery.reply_to))
        if not isinstance(action, Chat):
            kind = str(action.__struct_config__.tag)
            return DeliveryResult(delivery.id, DeliveryStatus.UNSUPPORTED, reason=f"The playground cannot do: {kind}.")
        text = with_times(action.text, delivery.time_zone)
        return await self._show(delivery, Line(0, "WaddleBot", text, "bot", delivery.reply_to, action.private))

    async def _show(self, delivery: Delivery, line: Line) -> DeliveryResult:
        channel = delivery.channel
        try:
            await self._repository.add_lines(channel, [(line, delivery.id)], self._now())
        except NotFound as error:
            return DeliveryResult(delivery.id, DeliveryStatus.FAILED, reason=error.message)
        await self._announce(channel)
        return DeliveryResult(delivery.id, DeliveryStatus.DONE, (f"bot-{delivery.id}",))

    async def lines(self, channel: str, after: int, wait: float = 0) -> list[Line]:
        """Lines behind a number; waits for the first when `wait` seconds are given."""
        found = await self._repository.lines(channel, after)
        if found or wait <= 0:
            return found
        try:
            async with asyncio.timeout(min(wait, _WAIT_MOST)), self._shared.subscribe(_topic(channel)) as news:
                # What came between the look and the subscription would otherwise wait for the next line.
                if found := await self._repository.lines(channel, after):
                    return found
                async for _ in news:
                    return await self._repository.lines(channel, after)
        except TimeoutError:
            return []
        return []

    async def follow(self, channel: str, after: int) -> AsyncIterator[list[Line]]:
        """New lines as they come, for an event stream; an empty list now and then keeps it open."""
        while True:
            found = await self.lines(channel, after, wait=15)
            if found:
                after = found[-1].seq
            yield found

    async def _announce(self, channel: str) -> None:
        try:
            await self._shared.publish(_topic(channel), b"")
        except ServiceError:
            # The line is kept; pages find it with their next look.
            return

    async def forget_old(self) -> None:
        """For ever: forget lines after a day."""
        while True:
            await self._repository.forget(self._now() - KEPT)
            await asyncio.sleep(600)


def _topic(channel: str) -> str:
    return f"portal:room:{channel}"


def _told(action: Moderate, delivery: Delivery) -> str:
    """What would be done on a platform; a playground has nobody to do it to."""
    who = delivery.account.name if delivery.account is not None else action.target
    did = {
        "delete": f"deletes what {who} wrote", "timeout": f"times {who} out for {action.seconds} s",
        "warn": f"warns {who}", "ban": f"bans {who}", "unban": f"lifts the ban of {who}",
    }[action.operation]  # fmt: skip
    return f"{did}: {action.reason}" if action.reason else did
