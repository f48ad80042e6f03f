"""Follows a room: every line that comes is told once, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from flask_core.contracts import portal
from flask_core.contracts.portal import Line, Room
from flask_core.errors import ServiceError
from flask_core.service_client import ServiceClient

_LOOK_SECONDS = 15.0
_ANSWER_SECONDS = 20.0
_LONGEST_PAUSE = 10.0
_MOST_ANSWERS = 100


class Listening:
    """`run` reads for ever; lines said through this terminal are not told again."""

    def __init__(self, client: ServiceClient, room: Room, tell: Callable[[Line], None]) -> None:
        self._client = client
        self._room = room
        self._tell = tell
        self._seq = 0
        self._own: set[str] = set()
        self._answers: dict[str, list[Line]] = {}
        self._news = asyncio.Condition()
        # Held while a line of ours is on its way: it appears in the room before we know its number.
        self.speaking = asyncio.Lock()

    async def begin(self) -> None:
        """Pass over what was said before."""
        for line in await self._read(0):
            self._seq = line.seq

    async def run(self) -> None:
        """Read for ever; while the portal is away, look again with growing pauses."""
        pause = 0.5
        while True:
            try:
                lines = await self._read(_LOOK_SECONDS)
            except ServiceError:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause = 0.5
            async with self.speaking, self._news:
                for line in lines:
                    self._take(line)
                self._news.notify_all()

    async def _read(self, wait: float) -> tuple[Line, ...]:
        asked = portal.LinesSince(self._room.community_id, self._seq, wait, self._room.name)
        return (await self._client.call("portal", portal.LINES, asked, timeout=_ANSWER_SECONDS)).items

    def _take(self, line: Line) -> None:
        self._seq = line.seq
        if line.kind == "bot":
            self._answers.setdefault(line.event_id, []).append(line)
            if len(self._answers) > _MOST_ANSWERS:
                del self._answers[next(iter(self._answers))]
        elif line.event_id in self._own:
            return
        self._tell(line)

    def ours(self, event_id: str) -> None:
        """A line said here; call it while `speaking` is held."""
        self._own.add(event_id)

    async def answers(self, event_id: str, number: int, seconds: float) -> list[Line]:
        """The bot's lines that answer an event: waits until there are `number`, at most `seconds`."""
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: len(self._answers.get(event_id, ())) >= number)
        except TimeoutError:
            pass
        return self._answers.get(event_id, [])
