"""A line to Twitch that stays: opened again when it breaks, moved when Twitch asks, silent lines given up."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp

from flask_core.errors import ServiceError
from flask_core.http_failures import unanswered
from twitch_module_flask.eventsub.connection import WELCOME_SECONDS, Connection, Door
from twitch_module_flask.models import Notification

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE, _LONGEST_UNREACHED = 1.0, 60.0, 5.0
_HELD_WELL = 60.0
_LAST_WORDS_SECONDS = 0.5
BROKEN = (aiohttp.ClientError, OSError, TimeoutError, ServiceError)


class Line:
    """`bind` makes a new session useful within ten seconds; `heard` gets every notification and revocation, in order.

    `session_id` is "" while there is none.
    """

    def __init__(
        self,
        door: Door,
        bind: Callable[[str], Awaitable[None]],
        heard: Callable[[Notification], Awaitable[None]],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._door = door
        self._bind = bind
        self._heard = heard
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self.session_id = ""
        self.up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: Connection | None = None

    def start(self) -> None:
        """Open it, and keep it open."""
        self._task = asyncio.create_task(self.run(), name="twitch line")

    async def stop(self) -> None:
        """Close it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def again(self) -> None:
        """Give this connection up and open another."""
        if self._connection is not None:
            await self._connection.close()

    async def run(self) -> None:
        """For ever."""
        pause, told = _FIRST_PAUSE, ""
        while True:
            began, longest = self._clock(), _LONGEST_PAUSE
            try:
                await self._one_session()
            except BROKEN as error:
                if _unreached(error):
                    # It costs Twitch nothing, and once our network is back nobody waits for a minute.
                    longest = _LONGEST_UNREACHED
                before, told = told, getattr(error, "message", "") or type(error).__name__
                if told != before:
                    log.warning("a line to Twitch broke: %s", told)
            else:
                told = ""
            finally:
                self._gone()
            if self._clock() - began >= _HELD_WELL:
                pause = _FIRST_PAUSE
            pause = min(pause, longest)
            await self._sleep(pause * (0.5 + self._chance() / 2))
            pause = min(pause * 2, longest)

    def _gone(self) -> None:
        self.session_id, self._connection = "", None
        self.up.clear()

    def _is(self, connection: Connection) -> None:
        self._connection, self.session_id = connection, connection.session_id
        self.up.set()

    async def _one_session(self) -> None:
        """From a welcome to the end, over all the addresses that Twitch moves it to."""
        connection = await self._door.open()
        try:
            self._is(connection)
            async with asyncio.timeout(WELCOME_SECONDS):
                await self._bind(connection.session_id)
            while url := await self._read(connection):
                connection = await self._moved(connection, url)
                self._is(connection)
        finally:
            await connection.close()

    async def _read(self, connection: Connection) -> str:
        """Hear everything until the connection ends; the address to move to, or "" """
        while (message := await connection.next()) is not None:
            if message.kind in {"notification", "revocation"}:
                await self._heard(message)
            elif message.kind == "session_reconnect":
                return str((message.payload.get("session") or {}).get("reconnect_url") or "")
        return ""

    async def _moved(self, old: Connection, url: str) -> Connection:
        """The new connection, once it is greeted and the old one has said its last words."""
        reading = asyncio.create_task(self._read(old))
        try:
            new = await self._door.open(url)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_WORDS_SECONDS):
                    await asyncio.shield(reading)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await old.close()
        return new


def _unreached(error: BaseException) -> bool:
    """Whether nobody was there, unlike a Twitch that is there and lets us not in."""
    return isinstance(error, TimeoutError | aiohttp.ClientConnectorError) or unanswered(error)
