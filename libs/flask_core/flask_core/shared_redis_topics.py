"""Subscriptions of a process over one Redis connection that comes back by itself."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from flask_core.errors import Unavailable
from flask_core.shared_state import MISSED, NOT_ANSWERING
from flask_core.shared_topics import Inbox, Topics

log = logging.getLogger(__name__)

_FIRST_WAIT = 0.1
_LONGEST_WAIT = 5.0
_LOST = (RedisError, OSError, TimeoutError)


class RedisTopics:
    """Hands what Redis publishes to the inboxes of this process.

    Redis answers commands of a connection in order, so a PING that is answered says that every
    SUBSCRIBE before it holds: from then on no message is missed.
    """

    def __init__(
        self,
        connect: Callable[[], AbstractConnection],
        topics: Topics,
        *,
        prefix: bytes,
        answer_seconds: float,
        quiet_seconds: float,
    ) -> None:
        self._connect = connect
        self._answer_seconds = answer_seconds
        self._quiet_seconds = quiet_seconds
        self._prefix = prefix
        self._topics = topics
        self._connection: AbstractConnection | None = None
        self._connected = asyncio.Event()
        self._pings: deque[asyncio.Future[None]] = deque()
        self._reader: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncIterator[AsyncIterator[tuple[str, bytes]]]:
        """See SharedState; Unavailable when Redis does not confirm within two seconds."""
        inbox = self._topics.open(topics)
        try:
            await self._confirmed(topics)
            yield inbox
        finally:
            await self._leave(inbox, topics)

    async def close(self) -> None:
        """End every iterator and the connection."""
        for inbox in self._topics.all():
            inbox.end()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])

    async def _confirmed(self, topics: Sequence[str]) -> None:
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._keep_reading(), name="messages from Redis")
        try:
            async with asyncio.timeout(self._answer_seconds):
                while not await self._subscribed(topics):
                    await self._connected.wait()
        except TimeoutError:
            raise Unavailable(NOT_ANSWERING, retry_after=1) from None

    async def _subscribed(self, topics: Sequence[str]) -> bool:
        """Ask once; False when the connection is away or went away meanwhile."""
        if self._connection is None:
            return False
        try:
            await self._send("SUBSCRIBE", *map(self._named, topics))
            await self._answered()
        except _LOST:
            await asyncio.sleep(_FIRST_WAIT)
            return False
        return True

    async def _answered(self) -> None:
        pong: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._ping(pong)
        await pong

    async def _ping(self, pong: asyncio.Future[None]) -> None:
        self._pings.append(pong)
        try:
            await self._send("PING")
        except _LOST:
            if pong in self._pings:
                self._pings.remove(pong)
            raise

    async def _leave(self, inbox: Inbox, topics: Sequence[str]) -> None:
        unheard = self._topics.close(inbox, topics)
        if unheard and self._connection is not None:
            with suppress(*_LOST):
                await self._send("UNSUBSCRIBE", *map(self._named, unheard))

    async def _send(self, *command: Any) -> None:
        if self._connection is None or not self._connection.is_connected:
            raise ConnectionResetError("not connected")
        await self._connection.send_command(*command)

    def _named(self, topic: str) -> bytes:
        return self._prefix + topic.encode()

    async def _keep_reading(self) -> None:
        wait, lost = _FIRST_WAIT, False
        while not lost or self._topics.wanted():
            connection = self._connect()
            try:
                await connection.connect()  # type: ignore[no-untyped-call]
                self._connection = connection
                await self._resume(after_loss=lost)
                wait = _FIRST_WAIT
                await self._read(connection)
            except _LOST as error:
                log.warning("topics are away and connect again: %s", type(error).__name__)
            finally:
                await self._hang_up(connection)
            lost = True
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))
            wait = min(wait * 2, _LONGEST_WAIT)

    async def _resume(self, *, after_loss: bool) -> None:
        if topics := self._topics.wanted():
            await self._send("SUBSCRIBE", *map(self._named, topics))
        self._connected.set()
        if after_loss:
            marker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            marker.add_done_callback(self._tell_of_loss)
            await self._ping(marker)

    def _tell_of_loss(self, marker: asyncio.Future[None]) -> None:
        if not marker.cancelled() and marker.exception() is None:
            for inbox in self._topics.all():
                inbox.put(*MISSED)

    async def _read(self, connection: AbstractConnection) -> None:
        asked = False
        while True:
            answer = await connection.read_response(timeout=self._quiet_seconds)
            if answer is not None:
                asked = False
                self._take(answer)
            elif asked:
                raise ConnectionResetError("silent")
            else:
                asked = True
                await self._ping(asyncio.get_running_loop().create_future())

    def _take(self, answer: Any) -> None:
        kind = answer[0] if isinstance(answer, list) else answer
        if kind == b"message":
            self._topics.deliver(answer[1].removeprefix(self._prefix).decode(), answer[2])
        elif kind in {b"pong", b"PONG"} and self._pings:
            pong = self._pings.popleft()
            if not pong.done():
                pong.set_result(None)

    async def _hang_up(self, connection: AbstractConnection) -> None:
        self._connection = None
        self._connected.clear()
        while self._pings:
            pong = self._pings.popleft()
            if not pong.done():
                pong.set_exception(ConnectionResetError("connection lost"))
                pong.exception()
        await connection.disconnect(nowait=True)
