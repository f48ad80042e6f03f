"""One run of a timer in one channel: may it speak now, and what does it say?"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

from flask_core.contracts.community import Context
from flask_core.contracts.module import Priority
from flask_core.database import AsyncDAL
from flask_core.datamodels import Chat, Event, MessageType
from flask_core.due_work import Due, State
from router_module_flask.contexts import CachedContexts
from router_module_flask.delivering.addressing import BOT, lifetime, module_for
from router_module_flask.dispatch import Lines
from router_module_flask.models import Line, Outgoing, next_id
from router_module_flask.permissions import speaker_of
from router_module_flask.timers.channels import Channels
from router_module_flask.timers.models import Place, Ran, Stream, interval
from router_module_flask.timers.place_repository import PlaceRepository
from router_module_flask.timers.rights import Rights
from router_module_flask.timers.streams import counted_since, lines, stream_of


class Runs:
    """Work for DueWork. `crowded` tells that so much waits to be said that timers have to be silent."""

    def __init__(
        self,
        database: AsyncDAL,
        places: PlaceRepository,
        contexts: CachedContexts,
        channels: Channels,
        rights: Rights,
        lines: Lines,
        *,
        crowded: Callable[[], bool],
        now: Callable[[], datetime],
        chance: random.Random | None = None,
    ) -> None:
        self._database = database
        self._places = places
        self._contexts = contexts
        self._channels = channels
        self._rights = rights
        self._lines = lines
        self._crowded = crowded
        self._now = now
        self._chance = chance or random.Random()

    async def __call__(self, due: Due[Place]) -> Ran:
        """Post, or stay silent and say why. Raises Unavailable while community is away."""
        place, settings = due.row, due.row.timer.settings
        if not settings.channels:
            await self._join_new(place)
        context = await self.context(place)
        stream = await self.stream(place)
        next_at = self._now() + interval(settings, stream.live, self._chance)
        silent = await self._why_silent(place, context, stream)
        if silent:
            return Ran(State.WAITING, next_at, 0, due.key, said=f"silent: {silent}", turn=place.turn)
        key = f"{place.id}:{due.due_at.timestamp():.0f}"
        if settings.command:
            free_at = await self._places.take_minute(place)
            if free_at is not None:
                return Ran(State.WAITING, free_at, 0, due.key, waits=True)
            said = await self.command(place, context, key)
            return Ran(State.WAITING, next_at, 0, due.key, said=said, turn=place.turn, spoke=True)
        outgoing, turn = self.post(place, context, key)
        return Ran(State.WAITING, next_at, 0, due.key, said="posted", turn=turn, outgoing=(outgoing,))

    async def context(self, place: Place) -> Context:
        """Whose channel this is now."""
        asked = Event("", MessageType.CHAT, place.channel, self._now())
        return self._contexts.known(asked) or await self._contexts.ask(asked)

    async def stream(self, place: Place) -> Stream:
        """What is known about the channel's stream."""
        return await self._database.read(lambda tx: stream_of(tx, place.channel))

    async def _join_new(self, place: Place) -> None:
        channels = await self._channels.of(place.timer.community_id)
        await self._places.join(place, channels, interval(place.timer.settings, None, self._chance))

    async def _why_silent(self, place: Place, context: Context, stream: Stream) -> str:
        settings = place.timer.settings
        if context.community.id != place.timer.community_id:
            return "this channel is not attached here any more"
        if settings.stream == "live" and not stream.live:
            return "the stream is not live"
        if settings.stream == "offline" and stream.live:
            return "the stream is live"
        if settings.category.casefold() not in stream.category.casefold():
            return f"the category is {stream.category or 'unknown'}"
        if settings.title.casefold() not in stream.title.casefold():
            return "the title is another"
        if self._crowded():
            return "too much was waiting to be said"
        return await self._too_quiet(place)

    async def _too_quiet(self, place: Place) -> str:
        settings, enough = place.timer.settings, place.timer.settings.lines
        if not enough:
            return ""
        since = counted_since(settings, place.lines_from, self._now())
        written = await self._database.read(
            lambda tx: lines(tx, place.timer.community_id, place.channel, since, enough)
        )
        return "" if written >= enough else f"{written} of {enough} lines since {since:%H:%M} UTC"

    async def command(self, place: Place, context: Context, key: str = "") -> str:
        """Run the timer's command with the rights of its author; what came of it."""
        timer = place.timer
        role = await self._rights.now(timer.community_id, timer.author)
        line = Line(timer.settings.command, role, f"timer {timer.name}", Priority.TIMER)
        event = Event(f"timer:{key or next_id()}", MessageType.CHAT, place.channel, self._now())
        turn = await self._lines.run(line, event, speaker_of(event, context))
        failed = next((said for _, ok, said, _ in reversed(turn.trace.steps) if not ok), "")
        return f"{timer.settings.command.split()[0]} did not run: {failed}" if failed else "ran"

    def post(self, place: Place, context: Context, key: str = "") -> tuple[Outgoing, int]:
        """The line of the timer's next text, and the turn after it."""
        settings = place.timer.settings
        turn = place.turn % len(settings.texts)
        if settings.order == "random":
            turn = self._chance.randrange(len(settings.texts))
        outgoing = Outgoing(
            source=BOT,
            key=f"timer:{key or next_id()}",
            community_id=place.timer.community_id,
            channel=place.channel,
            module=module_for(_LINE, place.channel) or "",
            action=Chat(settings.texts[turn], reply=False, style=settings.style, color=settings.color),
            priority=Priority.TIMER,
            expires_in=lifetime(Priority.TIMER),
            time_zone=context.community.time_zone,
            locale=context.community.locale,
            simulated=place.channel.startswith("console:"),
        )
        return outgoing, turn + 1


_LINE = Chat("")
