"""Due work: rows that must be acted on later, by whichever replica is there, and never twice at once.

A table of due work has these columns, besides its own:

    id BIGSERIAL PRIMARY KEY,
    status TEXT NOT NULL,               -- a State, or one of the module's own such as 'cancelled'
    due_at TIMESTAMPTZ NOT NULL,        -- when it should happen; stays, whatever is tried
    expires_at TIMESTAMPTZ NOT NULL,    -- when it is too late: missed
    claimed_by TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL, -- nobody looks at it before; `due_at` at first
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE

with an index on (status, claimed_until). The module's repository is a DueRows of two methods made of `claim_due`
and `record_due`; what else a result causes (the next occurrence) it writes in the same transaction. Then

    loop = DueWork(rows, RouterDelivery(services, request_of, now=utc_now), now=utc_now)
    service.in_background("reminders", loop.run)

`RouterDelivery` (flask_core.due_delivery) says rows through the router; work of another kind is any
`async def work(due) -> Result`, with `due.ends(...)`, `due.again(...)` and `due.look_again(...)` to answer.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime

from flask_core.due_rows import AT_ONCE, CLAIM, RETRIES, Due, DueRows, Result, State, claim_due, record_due
from flask_core.errors import Conflict, Forbidden, Gone, InvalidInput, NotFound, ServiceError, TooLarge, Unavailable

__all__ = ["AT_ONCE", "CLAIM", "RETRIES", "Due", "DueRows", "DueWork", "Result", "State", "claim_due", "record_due"]

log = logging.getLogger(__name__)

_INTERVAL = 2.0
_JITTER = 0.2
# Short of the claim, so that nobody else has the row yet when we record what became of it.
_ROUND_SECONDS = 45.0
_IN_FLIGHT = 10
_FINAL_REFUSALS = (InvalidInput, Forbidden, NotFound, Conflict, Gone, TooLarge)


class DueWork[R]:
    """The loop that every replica runs: claim, work, record."""

    def __init__(
        self,
        rows: DueRows[R],
        work: Callable[[Due[R]], Awaitable[Result]],
        *,
        now: Callable[[], datetime],
        owner: str = "",
        chance: random.Random | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        round_seconds: float = _ROUND_SECONDS,
        interval: float = _INTERVAL,
    ) -> None:
        self._rows = rows
        self._work = work
        self._now = now
        self._owner = owner or secrets.token_hex(8)
        self._chance = chance or random.Random()
        self._sleep = sleep
        self._round_seconds = round_seconds
        self._interval = interval

    async def run(self) -> None:
        """For ever: every 2 s (or `interval`), give or take a fifth; at once while a round does not take all."""
        while True:
            if await self.step() < AT_ONCE:
                await self._sleep(self._interval * self._chance.uniform(1 - _JITTER, 1 + _JITTER))

    async def step(self) -> int:
        """One round; how many rows were claimed."""
        claimed = await self._rows.claim(self._owner, self._now(), AT_ONCE)
        until = asyncio.get_running_loop().time() + self._round_seconds
        places = asyncio.Semaphore(_IN_FLIGHT)
        async with asyncio.TaskGroup() as group:
            for due in claimed:
                group.create_task(self._one(due, places, until))
        return len(claimed)

    async def _one(self, due: Due[R], places: asyncio.Semaphore, until: float) -> None:
        async with places:
            if asyncio.get_running_loop().time() >= until:
                # Its claim runs out, then it is somebody's again.
                return
            result = await self._result(due, until)
            try:
                await self._rows.record(due, result)
            except Unavailable as error:
                # It is worked on again when the claim runs out, and its key keeps it from acting twice.
                log.warning("what became of due row %s could not be recorded: %s", due.id, error.message)

    async def _result(self, due: Due[R], until: float) -> Result:
        if due.state is State.WAITING and self._now() >= due.expires_at:
            return due.ends(State.MISSED, due.last_error)
        try:
            async with asyncio.timeout_at(until):
                return await self._work(due)
        except ServiceError as error:
            if isinstance(error, _FINAL_REFUSALS):
                return due.ends(State.FAILED, error.message)
            return due.again(self._now(), error.message, after=error.retry_after or 0)
        except TimeoutError:
            return due.again(self._now(), "It took too long.")
        except Exception:  # The edge of background work: one bad row must not stop the others.
            log.exception("due row %s failed", due.id)
            return due.again(self._now(), "Something went wrong on our side.")
