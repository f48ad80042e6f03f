"""A worker that ends its own process, without warning, where a test says; the survivor is made of the same parts.

Run as `python -m router_module_flask.tests.doomed <database> <schema> <redis or ""> <notes file> <place>`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask_core.auth import utc_now
from flask_core.contracts.module import DeliveryResult, DeliveryStatus
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Event, Invocation, Reply
from flask_core.executions import Executions
from flask_core.metrics import Metrics
from flask_core.shared_memory import MemoryState
from flask_core.shared_state import SharedState, open_shared_state
from router_module_flask.customs.known import KnownCustoms
from router_module_flask.delivering.delivery import DeliveryQueue
from router_module_flask.delivering.repository import Outbox
from router_module_flask.delivering.rows import Due
from router_module_flask.event_log.redis_streams import RedisEventLog
from router_module_flask.event_log.table import SqlEventLog
from router_module_flask.introductions.directory import CommandDirectory
from router_module_flask.limits import SharedLimits
from router_module_flask.measures import Measures
from router_module_flask.models import Outgoing
from router_module_flask.pipeline import Pipeline
from router_module_flask.ports import EventLog
from router_module_flask.records import CommittedRecords
from router_module_flask.tests.fakes import MEMORIES, FakeContexts, FakeCustoms, FakeModeration, FakeNames, chat_event
from router_module_flask.worker import Worker

APPENDING, EXECUTED, COMMITTED, SAID = "appending", "executed", "committed", "said"
EVENT_ID = "console:doomed"
_PATIENCE = 20.0


async def _keeps_all(_: Iterable[int]) -> set[int]:
    return set()


class Shop:
    """A worker with its log, a module whose effect is a row, and a trigger that writes keys into a file."""

    def __init__(
        self, database: AsyncDAL, log: EventLog, notes: Path, *, dies: str = "", now: Callable[[], datetime] = utc_now
    ) -> None:
        self.log = log
        self.outbox = Outbox(database)
        self._database = database
        self._executions = Executions(database)
        self._notes = notes
        self._dies = dies
        directory = CommandDirectory(KnownCustoms(FakeCustoms(), MemoryState()), FakeNames())
        directory.take(MEMORIES)
        self.deliveries = DeliveryQueue(self.outbox, self, now=now)
        records = CommittedRecords(
            database,
            log,
            ends_entries_itself=isinstance(log, SqlEventLog),
            listening=lambda _: [],
            start=self._start,
            wake_listeners=lambda: None,
            textless=_keeps_all,
            recorded=lambda _: None,
            measures=Measures(Metrics()),
            now=now,
        )
        limits = SharedLimits(MemoryState(), default_cooldown=0)
        self.worker = Worker(
            log, Pipeline.around(FakeContexts(), FakeModeration(), directory, limits, self, records, MemoryState())
        )

    async def run(self, module: str, invocation: Invocation, timeout: float) -> Reply:
        """What the module does: one row, kept together with its answer."""
        reply = await self._executions.once(invocation.execution_id, self._effect)
        self._place(EXECUTED)
        return reply

    async def _effect(self) -> Reply:
        await self._database.write(
            lambda tx: tx.run(
                "INSERT INTO audit (community_id, actor, action, target, said, at)"
                " VALUES (2, 'm', 'effect', '', '', ?)",
                datetime.now(UTC),
            )
        )
        return Reply.chat("done")

    def _start(self, outgoing: Sequence[Outgoing]) -> None:
        self._place(COMMITTED)
        self.deliveries.start(outgoing)

    async def carry(self, module: str, dues: list[Due]) -> list[DeliveryResult]:
        """What the trigger does."""
        with self._notes.open("a") as notes:
            notes.writelines(f"{due.delivery.idempotency_key}\n" for due in dues)
        self._place(SAID)
        return [DeliveryResult(due.delivery.id, DeliveryStatus.DONE) for due in dues]

    def _place(self, place: str) -> None:
        if place == self._dies:
            os.kill(os.getpid(), signal.SIGKILL)


class DiesBeforeCommit(AsyncDAL):
    """A database whose process ends when a unit of work has run and is not committed."""

    async def write[R](self, unit: Callable[[Tx], R]) -> R:
        def doomed(tx: Tx) -> R:
            unit(tx)
            os.kill(os.getpid(), signal.SIGKILL)
            raise AssertionError("nobody comes here")

        return await super().write(doomed)


def event() -> Event:
    """The event that all of it is about."""
    return chat_event("!quote 1", event_id=EVENT_ID)


def open_log(
    database: AsyncDAL, redis_url: str, shared: SharedState, owner: str, now: Callable[[], datetime] = utc_now
) -> EventLog:
    """The log under test, quick to give up the dead."""
    if not redis_url:
        return SqlEventLog(database, owner, now=now)
    idle = timedelta(milliseconds=300)
    return RedisEventLog(redis_url, shared, owner, partitions=2, idle=idle, lease_seconds=0.3)


async def main(database_url: str, schema: str, redis_url: str, notes: str, place: str) -> None:
    """Take one event and die on the way."""
    kind = DiesBeforeCommit if place == APPENDING else AsyncDAL
    database = kind(database_url, schema=schema)
    shop = Shop(
        database, open_log(database, redis_url, open_shared_state(redis_url), "doomed"), Path(notes), dies=place
    )
    async with asyncio.timeout(_PATIENCE):
        await shop.log.append([event()])
        await shop.worker.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
