"""A transaction that spans awaits: the units of one task that commit together or not at all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from flask_core.database_seat import Seat, Tx
from flask_core.database_threads import Job, Lane


class Session:
    """The thread that one transaction has to itself, from its first write to its end."""

    def __init__(self, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self._steps: SimpleQueue[Job] = SimpleQueue()
        self._lock = threading.Lock()
        self._over = False

    def add(self, step: Job) -> None:
        """Queue a step; refused when the session is over."""
        with self._lock:
            if not self._over:
                self._steps.put(step)
                return
        step.refuse()

    def end(self) -> None:
        """After this step no other runs."""
        self._over = True

    def hold(self, seat: Seat) -> None:
        """In the thread: run steps until one ends the session, or none came for too long."""
        try:
            while not self._over:
                self._steps.get(timeout=self._idle_seconds).run(seat)
        except Empty:
            seat.roll_back()
        self._refuse_the_rest()

    def _refuse_the_rest(self) -> None:
        with self._lock:
            self._over = True
        while not self._steps.empty():
            self._steps.get().refuse()


class Transaction:
    """It has a thread to itself from its first write on; what it read before came from anywhere.

    Units run one after another. A writing unit that raises is undone alone; what becomes of the whole is
    up to whoever catches the error, or does not.
    """

    def __init__(self, readers: Lane, writers: Lane, *, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self.task = asyncio.current_task()
        self._readers = readers
        self._writers = writers
        self._session: Session | None = None
        self._afterwards: list[Callable[[], None]] = []

    @property
    def wrote(self) -> bool:
        """Whether a writing unit succeeded."""
        return self._session is not None

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call when the transaction was committed; never when it was not."""
        self._afterwards.append(call)

    async def read[R](self, unit: Callable[[Tx], R]) -> R:
        """A unit that sees what the transaction wrote."""
        if self._session is None:
            return await self._readers.do(lambda seat: seat.read(unit))
        return await self._step(self._session, lambda seat: seat.go_on(unit, write=False))

    async def write[R](self, unit: Callable[[Tx], R]) -> R:
        """A unit that is committed with the transaction."""
        if self._session is None:
            return await self._first(unit)
        return await self._step(self._session, lambda seat: seat.go_on(unit, write=True))

    async def _first[R](self, unit: Callable[[Tx], R]) -> R:
        session = Session(self._idle_seconds)
        try:
            result = await self._writers.do(lambda seat: seat.begin(unit), then=session.hold)
        except asyncio.CancelledError:
            # It may run right now, and then hold the thread.
            _undo_soon(session, self._writers)
            raise
        self._writers.occupy()
        self._session = session
        return result

    async def commit(self) -> None:
        """End well; raises Unavailable when the thread was lost meanwhile, and then nothing was kept."""
        session = self._leave()
        if session is not None:
            try:
                await self._step(session, lambda seat: _commit(session, seat))
            except asyncio.CancelledError:
                _undo_soon(session, self._writers)
                raise
        for call in self._afterwards:
            call()

    def roll_back(self) -> None:
        """End without a trace; the thread sees to it, nobody has to wait."""
        session = self._leave()
        if session is not None:
            _undo_soon(session, self._writers)

    def _leave(self) -> Session | None:
        session, self._session = self._session, None
        if session is not None:
            self._writers.vacate()
        return session

    async def _step[R](self, session: Session, work: Callable[[Seat], R]) -> R:
        job = Job(work, self._writers.postbox())
        session.add(job)
        return await job.future  # type: ignore[no-any-return]


def _commit(session: Session, seat: Seat) -> None:
    session.end()
    seat.commit()


def _undo_soon(session: Session, lane: Lane) -> None:
    job = Job(lambda seat: _undo(session, seat), lane.postbox())
    # Nobody waits for it, and a session that is over refuses it.
    job.future.add_done_callback(lambda future: future.exception())
    session.add(job)


def _undo(session: Session, seat: Seat) -> None:
    session.end()
    seat.roll_back()
