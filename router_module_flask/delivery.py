"""Carries deliveries out: in order per channel, batched per module, retried while they make sense."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.batching import Batcher
from flask_core.contracts.module import DeliveryResult, DeliveryStatus
from flask_core.datamodels import GrantRole, Moderate
from flask_core.errors import ServiceError, Unavailable, UnknownOutcome
from router_module_flask.carriers import Carriers
from router_module_flask.models import Outgoing
from router_module_flask.outbox_repository import Outbox
from router_module_flask.outbox_rows import Due, due_of, public_form

log = logging.getLogger(__name__)

AT_ONCE = 50
SENDERS = 4
RECOVERY_SECONDS = 1.0
_REFUSED = frozenset({DeliveryStatus.FAILED, DeliveryStatus.UNSUPPORTED, DeliveryStatus.NOT_PERMITTED})

# Timing somebody out twice is once; the same words twice are a nuisance.
_SAFE_TWICE = (Moderate, GrantRole)


class _Lane:
    """What one module has to do: lower priorities first, a channel in one batch at a time."""

    def __init__(self) -> None:
        self.waiting: list[deque[Due]] = [deque() for _ in range(4)]
        self.busy: set[str] = set()
        self.senders = 0

    def put(self, due: Due) -> None:
        self.waiting[min(max(due.delivery.priority, 0), 3)].append(due)

    def take(self) -> list[Due]:
        """Up to a batch from channels that no other sender is busy with."""
        taken: list[Due] = []
        for queue in self.waiting:
            skipped: list[Due] = []
            while queue and len(taken) < AT_ONCE:
                due = queue.popleft()
                (skipped if due.delivery.channel in self.busy else taken).append(due)
            queue.extendleft(reversed(skipped))
        self.busy.update(due.delivery.channel for due in taken)
        return taken

    def free(self, batch: Sequence[Due]) -> None:
        self.busy.difference_update(due.delivery.channel for due in batch)


class DeliveryQueue:
    """Starts what was committed at once; a recovery loop finds what was left behind."""

    def __init__(self, outbox: Outbox, carriers: Carriers, now: Callable[[], datetime] = utc_now) -> None:
        self._outbox = outbox
        self._carriers = carriers
        self._now = now
        self._lanes: dict[str, _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._results: Batcher[tuple[Due, DeliveryResult], None] = Batcher(self._finish, max_items=200)

    def start(self, outgoing: Sequence[Outgoing]) -> None:
        """Carry out what was just committed."""
        now = self._now()
        self._enqueue([due_of(out, now) for out in outgoing])

    def _enqueue(self, dues: Sequence[Due]) -> None:
        for due in dues:
            lane = self._lanes.setdefault(due.module, _Lane())
            lane.put(due)
            if lane.senders < SENDERS:
                lane.senders += 1
                task = asyncio.create_task(self._send_all(due.module, lane))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _send_all(self, module: str, lane: _Lane) -> None:
        try:
            # Whatever else was committed in this turn of the loop joins the first batch.
            await asyncio.sleep(0)
            while batch := lane.take():
                try:
                    await self._send(module, batch)
                except ServiceError as error:
                    # What became of them could not be written down; they are found again when their claim ends.
                    log.warning("deliveries by %s have to wait: %s", module, error.message)
                finally:
                    lane.free(batch)
        finally:
            lane.senders -= 1

    async def _send(self, module: str, batch: list[Due]) -> None:
        live = [due for due in batch if due.expires_at > self._now()]
        expired = [due for due in batch if due.expires_at <= self._now()]
        for due in expired:
            await self._outbox.postpone(due, due.expires_at + timedelta(seconds=1), "Too late to be said.")
        if not live:
            return
        try:
            results = await self._carriers.carry(module, live)
        except UnknownOutcome:
            await self._after_unknown(live)
        except ServiceError as error:
            for due in live:
                await self._try_later(due, error.retry_after or 0, error.message)
        else:
            await asyncio.gather(*(self._take_result(due, r) for due, r in zip(live, results, strict=True)))

    async def _after_unknown(self, dues: list[Due]) -> None:
        """Nobody knows whether it was done. The carrier recognizes the key, so asking again is safe."""
        for due in dues:
            await self._try_later(due, 0, "No answer from the platform's module.")

    async def _take_result(self, due: Due, result: DeliveryResult) -> None:
        if result.status is DeliveryStatus.RATE_LIMITED:
            await self._try_later(due, result.retry_after, result.reason or "The platform's limit is reached.")
            return
        if result.status is DeliveryStatus.UNKNOWN and isinstance(due.delivery.action, _SAFE_TWICE):
            await self._try_later(due, 0, result.reason)
            return
        if result.status in _REFUSED and (public := public_form(due)):
            # Before the refusal can be seen, or whoever asks meanwhile would believe that nothing was said.
            self.start(await self._outbox.insert([public], self._now()))
        await self._results.add((due, result))

    async def _try_later(self, due: Due, retry_after: float, reason: str) -> None:
        wait = max(retry_after, 2.0 ** (due.attempts - 1))
        await self._outbox.postpone(due, self._now() + timedelta(seconds=wait), reason)

    async def _finish(self, results: list[tuple[Due, DeliveryResult]]) -> list[None]:
        await self._outbox.finish(results)
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
