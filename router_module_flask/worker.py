"""Reads the log and runs the pipeline: events of a channel begin in order, executions overlap."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Sequence
from typing import Any

from flask_core.errors import ServiceError, Unavailable
from router_module_flask.models import Entry
from router_module_flask.pipeline import Permitted, Pipeline
from router_module_flask.ports import EventLog

log = logging.getLogger(__name__)

PER_MEMBER = 2
PER_CHANNEL = 20
KEEP_SECONDS = 5.0
MOST_UNDER_WAY = 1_000
MOST_BEGUN = 4_000
_AWAY_SECONDS = 0.5
# Ten minutes in all. Giving an event back counts as a failed reading, and an outage is not the event's fault.
_RETRY_WAITS = (0.2, 0.5, 1.0, 2.0, 4.0, *(8.0,) * 74)


class Worker:
    """One per process. `run` reads for ever; `keep_alive` says that long work goes on."""

    def __init__(self, log_: EventLog, pipeline: Pipeline) -> None:
        self._log = log_
        self._pipeline = pipeline
        self._lanes: dict[str, deque[Entry]] = {}
        self._under_way: dict[str, Entry] = {}
        self._running: dict[str, int] = {}
        self._begun = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Condition()
        self._log_is_away = False

    async def run(self) -> None:
        """Read and begin for ever; never more under way than fit into memory."""
        while True:
            async with self._room:
                await self._room.wait_for(self._has_room)
            for entry in await self._read():
                self._take(entry)

    def _has_room(self) -> bool:
        """Whether more can be read: commands that run have a limit of their own and leave room to moderate."""
        return len(self._under_way) - self._begun < MOST_UNDER_WAY and self._begun < MOST_BEGUN

    async def _read(self) -> Sequence[Entry]:
        """What the log has; nothing, after a moment, while it is away."""
        try:
            entries = await self._log.read()
        except Unavailable as error:
            if not self._log_is_away:
                log.warning("events wait: %s", error.message)
            self._log_is_away = True
            await asyncio.sleep(_AWAY_SECONDS)
            return ()
        self._log_is_away = False
        return entries

    def _take(self, entry: Entry) -> None:
        if entry.mark in self._under_way:
            return
        self._under_way[entry.mark] = entry
        channel = entry.event.channel
        lane = self._lanes.get(channel)
        if lane is not None:
            lane.append(entry)
            return
        self._lanes[channel] = deque([entry])
        self._spawn(self._drain(channel))

    async def _drain(self, channel: str) -> None:
        """Begin the channel's entries one after the other."""
        lane = self._lanes[channel]
        try:
            while lane:
                entry = lane.popleft()
                permitted = await self._begin(entry)
                if permitted is None:
                    await self._ended(entry)
                else:
                    # Waiting for room must not keep the next speaker's line from being judged.
                    self._spawn(self._start(channel, permitted))
        finally:
            del self._lanes[channel]

    async def _begin(self, entry: Entry) -> Permitted | None:
        for wait in (*_RETRY_WAITS, None):
            try:
                return await self._pipeline.begin(entry)
            except Unavailable as error:
                if wait is None:
                    log.warning("an event is given back: %s", error.message)
                    break
                await asyncio.sleep(wait)
            except Exception:  # The edge of the worker: one event must not end the others.
                log.exception("an event failed and is given back")
                break
        await self._give_back(entry)
        return None

    async def _give_back(self, entry: Entry) -> None:
        try:
            await self._log.retry(entry)
        except ServiceError as error:
            # It comes back by itself when its lease ends.
            log.warning("could not give an event back: %s", error.message)

    async def _start(self, channel: str, permitted: Permitted) -> None:
        member = f"{channel}/{permitted.speaker.member_id}"
        async with self._room:
            self._begun += 1
            self._room.notify_all()
            await self._room.wait_for(
                lambda: self._running.get(channel, 0) < PER_CHANNEL and self._running.get(member, 0) < PER_MEMBER
            )
            for key in (channel, member):
                self._running[key] = self._running.get(key, 0) + 1
        await self._execute(permitted, channel, member)

    async def _execute(self, permitted: Permitted, channel: str, member: str) -> None:
        try:
            await self._pipeline.execute(permitted)
        except Unavailable as error:
            log.warning("a command is given back: %s", error.message)
            await self._give_back(permitted.entry)
        except Exception:  # The edge of the worker, as above.
            log.exception("a command failed and is given back")
            await self._give_back(permitted.entry)
        finally:
            for key in (channel, member):
                self._running[key] -= 1
                if not self._running[key]:
                    del self._running[key]
            self._begun -= 1
            await self._ended(permitted.entry)

    async def _ended(self, entry: Entry) -> None:
        self._under_way.pop(entry.mark, None)
        async with self._room:
            self._room.notify_all()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def keep_alive(self) -> None:
        """For ever: renew what is still being worked on, so that nobody takes it over."""
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            if self._under_way:
                await self._keep(list(self._under_way.values()))

    async def _keep(self, entries: Sequence[Entry]) -> None:
        try:
            await self._log.keep(entries)
        except Unavailable as error:
            # Asked again soon: whoever takes them over meanwhile finds what we commit, or we find theirs.
            log.warning("could not renew what is under way: %s", error.message)

    async def settle(self) -> None:
        """Wait until everything read has its end (for a graceful stop and for tests)."""
        while self._tasks:
            # Unlike gather this lets the loop turn when all of them ended just now, and they take their leave.
            await asyncio.wait(self._tasks)
