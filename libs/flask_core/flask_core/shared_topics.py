"""Who listens to which topic in this process, each with a bounded queue."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable

from flask_core.errors import Unavailable

WAITING_MESSAGES = 1000


class Inbox(AsyncIterator[tuple[str, bytes]]):
    """The messages that wait for one subscriber.

    A subscriber that falls behind loses everything and is told by an error: with a hole in the middle
    it would keep showing something that is no longer so.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._messages: deque[tuple[str, bytes]] = deque()
        self._arrived: asyncio.Future[None] | None = None
        self._behind = False
        self._ended = False

    def put(self, topic: str, message: bytes) -> None:
        """Add a message; when too many wait already, all are dropped and the reader gets Unavailable."""
        if len(self._messages) >= self._most:
            self._messages.clear()
            self._behind = True
        if not self._behind:
            self._messages.append((topic, message))
        self._wake()

    def end(self) -> None:
        """Let the reader stop after what already waits."""
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)

    async def __anext__(self) -> tuple[str, bytes]:
        while not self._messages:
            if self._behind:
                raise Unavailable("Messages came faster than they were read. Subscribe again.")
            if self._ended:
                raise StopAsyncIteration
            self._arrived = asyncio.get_running_loop().create_future()
            await self._arrived
        return self._messages.popleft()


class Topics:
    """The inboxes of a process by topic."""

    def __init__(self, waiting_messages: int = WAITING_MESSAGES) -> None:
        self._waiting_messages = waiting_messages
        self._inboxes: dict[str, dict[Inbox, None]] = {}

    def open(self, topics: Iterable[str]) -> Inbox:
        """A new inbox for these topics."""
        inbox = Inbox(self._waiting_messages)
        for topic in topics:
            self._inboxes.setdefault(topic, {})[inbox] = None
        return inbox

    def close(self, inbox: Inbox, topics: Iterable[str]) -> list[str]:
        """Remove the inbox; returns the topics that nobody listens to any more."""
        unheard = []
        for topic in topics:
            inboxes = self._inboxes.get(topic, {})
            inboxes.pop(inbox, None)
            if not inboxes and self._inboxes.pop(topic, None) is not None:
                unheard.append(topic)
        return unheard

    def wanted(self) -> list[str]:
        """The topics that somebody listens to."""
        return list(self._inboxes)

    def deliver(self, topic: str, message: bytes) -> None:
        """Put `message` into the inboxes of `topic`."""
        for inbox in self._inboxes.get(topic, ()):
            inbox.put(topic, message)

    def all(self) -> set[Inbox]:
        """Every inbox once."""
        return {inbox for inboxes in self._inboxes.values() for inbox in inboxes}
