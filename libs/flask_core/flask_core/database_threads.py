"""Threads that run units of work, each with a connection of its own, and the way of results back to the loop."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from flask_core.database_connections import AWAY
from flask_core.database_seat import Seat
from flask_core.errors import Unavailable

_GOODBYE_SECONDS = 5.0


class Postbox:
    """Carries results from threads to futures of one loop; one wake-up of the loop takes all that are ready."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._ready: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._called = False

    def post(self, future: asyncio.Future[Any], result: Any, error: BaseException | None = None) -> None:
        """From any thread: settle `future`; dropped when its loop is over."""
        self._ready.append((future, result, error))
        if not self._called:
            self._called = True
            try:
                self.loop.call_soon_threadsafe(self._deliver)
            except RuntimeError:
                self._ready.clear()

    def _deliver(self) -> None:
        # Before looking, so that whoever posts after the last look calls again.
        self._called = False
        while self._ready:
            future, result, error = self._ready.popleft()
            if future.done():
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)


class Job:
    """A call that waits for a thread, and who waits for its result. Whoever claims it first decides its fate."""

    __slots__ = ("_then", "_turn", "_work", "future", "postbox", "timer")

    def __init__(
        self, work: Callable[[Seat], Any], postbox: Postbox, then: Callable[[Seat], None] | None = None
    ) -> None:
        self._work = work
        self._then = then
        self.postbox = postbox
        self.future: asyncio.Future[Any] = postbox.loop.create_future()
        self.timer: asyncio.TimerHandle | None = None
        self._turn = [None]

    def _claim(self) -> bool:
        try:
            # Atomic, and cheaper than a lock.
            self._turn.pop()
        except IndexError:
            return False
        return True

    def run(self, seat: Seat) -> None:
        """In the thread: work, post the result, and go on with `then`; nothing when nobody waits any more."""
        if not self._claim() or self.future.cancelled():
            return
        try:
            result = self._work(seat)
        except StopIteration as error:
            # A future refuses StopIteration, and its waiter would wait for ever.
            self.postbox.post(self.future, None, RuntimeError(f"a unit of work raised {error!r}"))
        except BaseException as error:  # The edge of the thread: whoever waits gets it.
            self.postbox.post(self.future, None, error)
        else:
            self.postbox.post(self.future, result)
            if self._then is not None:
                self._then(seat)

    def refuse(self) -> None:
        """From any thread: nobody had time for it."""
        if self._claim():
            self.postbox.post(self.future, None, Unavailable(AWAY, retry_after=1))


@dataclass(frozen=True, slots=True)
class Patience:
    """How many jobs wait for a thread at most, and how long."""

    max_waiting: int
    seconds: float


class Lane:
    """Up to `most` threads that take jobs from one queue; they start when work waits for them."""

    def __init__(self, make_seat: Callable[[], Seat], patience: Patience, *, most: int, name: str) -> None:
        self._make_seat = make_seat
        self._patience = patience
        self._most = most
        self._name = name
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._busy = 0
        self._postbox: Postbox | None = None

    async def do[R](self, work: Callable[[Seat], R], then: Callable[[Seat], None] | None = None) -> R:
        """The result of `work` in a thread; raises Unavailable when none is free in time.

        Cancelling drops work that still waits, and the result of work that runs.
        """
        waiting = self._busy - len(self._threads)
        if waiting >= self._patience.max_waiting:
            raise Unavailable(AWAY, retry_after=1)
        job = Job(work, self.postbox(), then)
        if waiting >= 0:
            self._hire_or_wait(job)
        self._busy += 1
        self._jobs.put(job)
        try:
            return await job.future  # type: ignore[no-any-return]
        finally:
            self._busy -= 1
            if job.timer is not None:
                job.timer.cancel()

    def _hire_or_wait(self, job: Job) -> None:
        if len(self._threads) < self._most:
            thread = threading.Thread(target=_work, args=(self._jobs, self._make_seat), name=self._name, daemon=True)
            self._threads.append(thread)
            thread.start()
        else:
            job.timer = job.postbox.loop.call_later(self._patience.seconds, job.refuse)

    def occupy(self) -> None:
        """Count a thread that a session holds."""
        self._busy += 1

    def vacate(self) -> None:
        """The session is over."""
        self._busy -= 1

    def postbox(self) -> Postbox:
        """That of the running loop."""
        loop = asyncio.get_running_loop()
        if self._postbox is None or self._postbox.loop is not loop:
            self._postbox = Postbox(loop)
        return self._postbox

    async def close(self) -> None:
        """Let the threads finish what is queued, close their connections and end; later work starts new ones."""
        threads, self._threads = self._threads, []
        jobs, self._jobs = self._jobs, SimpleQueue()
        for _ in threads:
            jobs.put(None)
        await asyncio.gather(*(asyncio.to_thread(thread.join, _GOODBYE_SECONDS) for thread in threads))


def _work(jobs: SimpleQueue[Job | None], make_seat: Callable[[], Seat]) -> None:
    seat = make_seat()
    try:
        while (job := jobs.get()) is not None:
            job.run(seat)
            # Or the last result would live until the next job comes.
            del job
    finally:
        seat.drop()
