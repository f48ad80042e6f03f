"""One place among Slack's sockets: a connection that is replaced before it ends, and acknowledges what is kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import aiohttp
import msgspec

from flask_core.errors import ServiceError, Unauthenticated, Unavailable
from slack_module_flask.web_api import WebApi

log = logging.getLogger(__name__)

_decoder = msgspec.json.Decoder(dict[str, Any])
_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_MOST_AT_ONCE = 200
_HAND_OVER_SECONDS = 10.0
_LAST_WORDS_SECONDS = 2.0

type Take = Callable[[str, dict[str, Any], bool], Awaitable[dict[str, Any]]]


class Connection:
    """`run` until cancelled. Slack announces that it will close: another line is open before this one is left."""

    def __init__(self, api: WebApi, app_token: str, take: Take, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._api = api
        self._app_token = app_token
        self._take = take
        self._sleep = sleep
        self._room = asyncio.Semaphore(_MOST_AT_ONCE)
        self._working: set[asyncio.Task[None]] = set()
        self._lines: set[asyncio.Task[None]] = set()
        self._asked = asyncio.Event()
        self._hello = asyncio.Event()
        self.reason = ""

    @property
    def said_hello(self) -> bool:
        """Whether a line is open."""
        return self._hello.is_set()

    async def run(self) -> None:
        """Keep a line open, for ever."""
        tries = 0
        try:
            while True:
                self._asked.clear()
                line = self._start(self._line())
                replaced = await self._until_replaced(line)
                tries = 0 if self.said_hello else tries + 1
                if not replaced:
                    self._hello.clear()
                    await self._sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
        finally:
            await self._end()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._lines.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._lines.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.reason = getattr(error, "message", "The connection was lost.")

    async def _until_replaced(self, line: asyncio.Task[None]) -> bool:
        """True when the line asks for a successor, False when it ended."""
        asked = asyncio.create_task(self._asked.wait())
        try:
            await asyncio.wait({line, asked}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            asked.cancel()
        if not line.done():
            return True
        if error := line.exception():
            log.warning("a socket is opened again: %s", getattr(error, "message", type(error).__name__))
            if isinstance(error, Unauthenticated):
                raise Unavailable("Slack does not take SLACK_APP_TOKEN.") from error
        return False

    async def _line(self) -> None:
        socket = await self._api.socket(self._app_token)
        try:
            async for frame in socket:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    continue
                message = _decoder.decode(frame.data)
                if message.get("type") == "disconnect":
                    log.info("slack wants a socket anew: %s", message.get("reason", ""))
                    self._start(self._leave(socket))
                else:
                    await self._heard(socket, message)
        finally:
            await socket.close()

    async def _leave(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Ask for a successor, and listen on until it has said hello and what came here is acknowledged."""
        self._hello.clear()
        self._asked.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(_HAND_OVER_SECONDS):
                await self._hello.wait()
        await self._finish()
        await socket.close()

    async def _heard(self, socket: aiohttp.ClientWebSocketResponse, message: dict[str, Any]) -> None:
        if message.get("type") == "hello":
            self._hello.set()
            self.reason = ""
            return
        if not message.get("envelope_id"):
            return
        # Slack waits for each acknowledgement, not for their order.
        await self._room.acquire()
        task = asyncio.create_task(self._answer(socket, message))
        self._working.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        self._room.release()

    async def _answer(self, socket: aiohttp.ClientWebSocketResponse, message: dict[str, Any]) -> None:
        payload = message.get("payload")
        again = bool(message.get("retry_attempt"))
        try:
            kind = str(message.get("type", ""))
            answer = await self._take(kind, payload if isinstance(payload, dict) else {}, again)
        except Unavailable as error:
            # Not acknowledged: it comes again.
            log.warning("an envelope could not be kept: %s", error.message)
            return
        except ServiceError as error:
            log.error("an envelope means nothing to us: %s", error.message)
            answer = {}
        said: dict[str, Any] = {"envelope_id": message["envelope_id"]}
        if answer:
            said["payload"] = answer
        with suppress(ConnectionError, aiohttp.ClientError):
            await socket.send_json(said)

    async def _finish(self) -> None:
        if self._working:
            await asyncio.wait(self._working, timeout=_LAST_WORDS_SECONDS)

    async def _end(self) -> None:
        await self._finish()
        for line in list(self._lines):
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)
