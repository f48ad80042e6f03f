"""A trigger hands events to the router, many at once; what it cannot take waits in the spool, in order."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from flask_core.auth import utc_now
from flask_core.batching import Batcher
from flask_core.contracts import router
from flask_core.datamodels import MAX_EVENTS, Event, MessageType
from flask_core.errors import ServiceError, TooMany, Unavailable
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState
from flask_core.spool import SpoolRepository

log = logging.getLogger(__name__)

LATE = timedelta(minutes=5)
KEPT = timedelta(hours=24)
_ROUTER_SECONDS = 1.5
_LEASE_SECONDS, _PAUSE = 10.0, 1.0
_LOST_KEPT = 7 * 86_400.0


class Handover:
    """`take` returns once an event is in the router's log or committed to the spool.

    `name` is the trigger's: one replica of it at a time drains the spool.
    """

    def __init__(
        self,
        name: str,
        services: ServiceClient,
        spool: SpoolRepository,
        shared: SharedState,
        now: Callable[[], datetime] = utc_now,
        *,
        router_seconds: float = _ROUTER_SECONDS,
    ) -> None:
        self._lease = f"{name}:spool"
        self._services = services
        self._spool = spool
        self._shared = shared
        self._now = now
        self._router_seconds = router_seconds
        self._owner = secrets.token_hex(8)
        self._behind = True
        self._changes = 0
        self._batcher: Batcher[Event, bool] = Batcher(self._flush, max_items=MAX_EVENTS)

    async def take(self, event: Event) -> bool:
        """Keep an event; whether the router has it already. Raises Unavailable when neither it nor our database can."""
        return await self._batcher.add(event)

    async def _flush(self, events: list[Event]) -> list[bool]:
        # What waits was said before: nothing overtakes it.
        if self._behind or not await self._handed_over(events):
            # Before and after: whoever looked at the spool meanwhile knows nothing about it.
            self._changes += 1
            try:
                lost = await self._spool.add(events, self._now())
            finally:
                self._behind = True
                self._changes += 1
            if lost:
                await self._gave_up(lost)
        return [not self._behind] * len(events)

    async def _handed_over(self, events: list[Event]) -> bool:
        try:
            answer = await self._services.call(
                "router", router.INGEST, router.batch_of(events), timeout=self._router_seconds
            )
        except (Unavailable, TooMany):
            return False
        for result in answer.results:
            if result.outcome is router.Outcome.INVALID:
                log.error("the router does not take an event", extra={"event_id": result.event_id})
        return True

    async def drain(self) -> None:
        """For ever: hand over what waits; one replica at a time, and all hear when nothing waits any more."""
        while True:
            try:
                if await self._shared.lease(self._lease, self._owner, _LEASE_SECONDS):
                    await self.drain_once()
                elif self._behind:
                    await self.look()
            except ServiceError as error:
                log.warning("the spool waits: %s", error.message)
            await asyncio.sleep(_PAUSE)

    async def drain_once(self) -> None:
        """Hand over until nothing waits or the router cannot take it."""
        now = self._now()
        await self._spool.forget(now - KEPT)
        while True:
            changes = self._changes
            if not (waiting := await self._spool.oldest(MAX_EVENTS)):
                self._caught_up(changes)
                return
            if not await self._handed_over([_marked(event, now) for _, event in waiting]):
                return
            await self._spool.done([seq for seq, _ in waiting])

    async def look(self) -> None:
        """See whether another replica has handed over everything: then what comes goes to the router again."""
        changes = self._changes
        if not await self._spool.waiting():
            self._caught_up(changes)

    def _caught_up(self, changes: int) -> None:
        """Nothing waits, if nothing was kept since there were so many `changes`; an odd number is one under way."""
        if changes == self._changes and changes % 2 == 0:
            self._behind = False

    async def _gave_up(self, count: int) -> None:
        log.error("the spool is full: the oldest are given up", extra={"events": count})
        with suppress(ServiceError):
            await self._shared.increment(f"{self._lease}:lost", _LOST_KEPT, by=count)

    async def lost(self) -> int:
        """How many had to be given up since the first of a week; 0 while shared state is away."""
        try:
            return int(await self._shared.get(f"{self._lease}:lost") or 0)
        except ServiceError:
            return 0

    async def waiting(self) -> int:
        """How many wait."""
        return await self._spool.waiting()

    async def close(self) -> None:
        """Take nothing more."""
        await self._batcher.close()


def _marked(event: Event, now: datetime) -> Event:
    """A chat line that is too old to be answered says so."""
    if event.message_type is not MessageType.CHAT or now - event.occurred_at < LATE:
        return event
    return msgspec.structs.replace(event, data={**event.data, "late": True})
