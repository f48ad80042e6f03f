"""Carries deliveries out: in order per channel, batched per module, retried while they make sense."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from flask_core.auth import utc_now
from flask_core.batching import Batcher
from flask_core.contracts.module import DeliveryResult, DeliveryStatus
from flask_core.datamodels import GrantRole, Moderate
from flask_core.errors import ServiceError, TooMany, Unavailable, UnknownOutcome
from router_module_flask.delivering.carriers import Carriers
from router_module_flask.delivering.echoes import Echoes, Line
from router_module_flask.delivering.lanes import AT_ONCE, Holds, Lane, expendable, urgent
from router_module_flask.delivering.repository import Outbox
from router_module_flask.delivering.rows import Due, due_of, public_form
from router_module_flask.models import Outgoing

log = logging.getLogger(__name__)

SENDERS = 4
RECOVERY_SECONDS = 1.0
_REFUSED = frozenset({DeliveryStatus.FAILED, DeliveryStatus.UNSUPPORTED, DeliveryStatus.NOT_PERMITTED})

# Timing somebody out twice is once; the same words twice are a nuisance.
_SAFE_TWICE = (Moderate, GrantRole)


type Cover = Callable[[Sequence[Due]], Awaitable[list[Due]]]
"""What a line of others has to pass before it is said."""
type After = Callable[[Due, DeliveryResult], Awaitable[Sequence[Outgoing]]]
"""What is to be said about a delivery that was refused."""


class DeliveryQueue:
    """Starts what was committed at once; a recovery loop finds what was left behind."""

    def __init__(
        self,
        outbox: Outbox,
        carriers: Carriers,
        *,
        cover: Cover | None = None,
        after: After | None = None,
        ended: Callable[[str], None] = lambda state: None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._outbox = outbox
        self._carriers = carriers
        self._cover = cover
        self._after = after
        self._ended = ended
        self._now = now
        self._lanes: dict[tuple[str, bool], Lane] = {}
        self._holds = Holds()
        self._echoes = Echoes()
        self._tasks: set[asyncio.Task[None]] = set()
        self._results: Batcher[tuple[Due, DeliveryResult], None] = Batcher(self._finish, max_items=200)

    def start(self, outgoing: Sequence[Outgoing]) -> None:
        """Carry out what was just committed."""
        now = self._now()
        self._enqueue([due_of(out, now) for out in outgoing])

    def crowded(self) -> bool:
        """Whether so much waits to be said that timers should be silent."""
        return any(lane.crowded for lane in self._lanes.values())

    def _enqueue(self, dues: Sequence[Due]) -> None:
        now = self._now()
        for due in sorted(dues, key=lambda due: due.delivery.priority):
            if self._echoes.joins(due):
                continue
            lane = self._lanes.setdefault((due.module, urgent(due)), Lane())
            if (until := self._echoes.until(due, now)) is not None:
                self._spawn(self._wait([due], until, "The same was said a moment ago."))
            elif expendable(due) and lane.crowded:
                self._spawn(self._leave_out(due, "Too much was waiting to be said."))
            else:
                self._put(due, lane)

    def _put(self, due: Due, lane: Lane) -> None:
        lane.put(due)
        if lane.senders < SENDERS:
            lane.senders += 1
            self._spawn(self._send_all(due.module, lane))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_all(self, module: str, lane: Lane) -> None:
        try:
            # Whatever else was committed in this turn of the loop joins the first batch.
            await asyncio.sleep(0)
            while batch := lane.take():
                try:
                    await self._send(module, [self._echoes.goes(due) for due in batch])
                except ServiceError as error:
                    # What became of them could not be written down; they are found again when their claim ends.
                    log.warning("deliveries by %s have to wait: %s", module, error.message)
                finally:
                    lane.free(batch)
        finally:
            lane.senders -= 1

    async def _send(self, module: str, lines: list[Line]) -> None:
        live = [line for line in lines if await self._may_go(line)]
        if not live:
            return
        try:
            going = [line.due for line in live]
            going = await self._cover(going) if self._cover is not None else going
            results = list(map(_noted, going, await self._carriers.carry(module, going)))
        except ServiceError as error:
            for line in live:
                await self._not_carried(line, error)
        else:
            await asyncio.gather(*(self._take_result(line, r) for line, r in zip(live, results, strict=True)))

    async def _may_go(self, line: Line) -> bool:
        """Whether it goes out now; else it has a later time, or its end."""
        now = self._now()
        if line.due.expires_at <= now:
            self._echoes.failed(line.due)
            await self._wait(line.speaks_for, line.due.expires_at + timedelta(seconds=1), "Too late to be said.")
            return False
        until = self._holds.until(line.due, now)
        if until is not None:
            self._echoes.failed(line.due)
            await self._wait(line.speaks_for, until, "It waits behind an earlier line.")
        return until is None

    async def _not_carried(self, line: Line, error: ServiceError) -> None:
        if isinstance(error, TooMany):
            await self._over_the_limit(line, error.retry_after or 0, error.message)
        elif isinstance(error, UnknownOutcome):
            # Nobody knows whether it was done. The carrier recognizes the key, so asking again is safe.
            await self._try_later(line, 0, "No answer from the platform's module.")
        else:
            await self._try_later(line, error.retry_after or 0, error.message)

    async def _take_result(self, line: Line, result: DeliveryResult) -> None:
        due = line.due
        if result.status is DeliveryStatus.RATE_LIMITED:
            reason = result.reason or "The platform's limit is reached."
            await self._over_the_limit(line, result.retry_after, reason)
            return
        if result.status is DeliveryStatus.UNKNOWN and isinstance(due.delivery.action, _SAFE_TWICE):
            await self._try_later(line, 0, result.reason)
            return
        if result.status in _REFUSED and (public := public_form(due)):
            # Before the refusal can be seen, or whoever asks meanwhile would believe that nothing was said.
            self.start(await self._outbox.insert([public], self._now()))
        elif self._after is not None and result.status in _REFUSED and (notes := await self._after(due, result)):
            self.start(await self._outbox.insert(notes, self._now()))
        for one in line.speaks_for:
            await self._results.add((one, msgspec.structs.replace(result, id=one.delivery.id)))

    async def _over_the_limit(self, line: Line, retry_after: float, reason: str) -> None:
        """The platform's limit is nobody's failure: it takes no attempt, but timers give up their place."""
        if expendable(line.due):
            await self._leave_out(line.due, reason)
            return
        until = self._now() + timedelta(seconds=retry_after or 1.0)
        self._stay_behind(line, until)
        await self._wait(line.speaks_for, until, reason)

    async def _try_later(self, line: Line, retry_after: float, reason: str) -> None:
        until = self._now() + timedelta(seconds=retry_after or 2.0 ** (line.due.attempts - 1))
        self._stay_behind(line, until)
        for due in line.speaks_for:
            await self._postpone(due, until, reason)

    def _stay_behind(self, line: Line, until: datetime) -> None:
        self._echoes.failed(line.due)
        self._holds.hold(line.due, until, self._now())

    async def _wait(self, dues: Sequence[Due], until: datetime, reason: str) -> None:
        """Later, without counting this as an attempt."""
        for due in dues:
            await self._postpone(due, until, reason, counts=False)

    async def _leave_out(self, due: Due, reason: str) -> None:
        await self._postpone(due, due.expires_at + timedelta(seconds=1), f"Left out: {reason}")

    async def _postpone(self, due: Due, until: datetime, reason: str, *, counts: bool = True) -> None:
        state = await self._outbox.postpone(due, until, reason, counts=counts)
        if state != "waiting":
            self._ended(state)

    async def _finish(self, results: list[tuple[Due, DeliveryResult]]) -> list[None]:
        await self._outbox.finish(results)
        for _, result in results:
            self._ended(result.status.value)
        return [None] * len(results)

    async def recover(self) -> None:
        """For ever: carry out what is due and nobody's."""
        while True:
            try:
                while dues := await self._outbox.claim_due(self._now()):
                    self._enqueue(dues)
                    if len(dues) < AT_ONCE:
                        break
            except Unavailable as error:
                log.warning("deliveries cannot be looked for: %s", error.message)
            await asyncio.sleep(RECOVERY_SECONDS)

    async def settle(self) -> None:
        """Wait until everything started has an end or a later time (for a graceful stop)."""
        while self._tasks:
            # Unlike gather this lets the loop turn when all of them ended just now, and they take their leave.
            await asyncio.wait(self._tasks)


def _noted(due: Due, result: DeliveryResult) -> DeliveryResult:
    """The result with what was noted about the delivery on its way."""
    return msgspec.structs.replace(result, reason=f"{due.note} {result.reason}".strip()) if due.note else result
