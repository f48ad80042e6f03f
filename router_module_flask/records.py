"""Commits what happened: many events in one transaction, then their deliveries start and their entries end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from flask_core.auth import utc_now
from flask_core.batching import Batcher
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Event, MessageType
from router_module_flask.deletions import mark_deleted
from router_module_flask.delivering.repository import insert_outgoing
from router_module_flask.event_log.table import mark_done
from router_module_flask.measures import Measures
from router_module_flask.models import Finished, Outgoing, Run, Speaker
from router_module_flask.ports import EventLog
from router_module_flask.timers import streams

_encoder = msgspec.json.Encoder()
_TRACE = (
    "INSERT INTO traces (event_id, community_id, channel, message_type, member_id, speaker, command, outcome, steps,"
    " total_ms, occurred_at, user_id, had_text, own_act, recorded_at, bot)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING"
)
_MESSAGE = (
    "INSERT INTO messages (event_id, community_id, member_id, text, message_id, occurred_at, channel, user_id,"
    " platform_role, bot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING"
)
_RUN = (
    "INSERT INTO module_runs (execution_id, event_id, community_id, member_id, module, command, outcome, ms, ran_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (execution_id) DO NOTHING"
)
_LISTENER = "INSERT INTO listener_queue (module, event_id, body, queued_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_DELETIONS = frozenset({MessageType.MESSAGE_DELETE})


type Textless = Callable[[Iterable[int]], Awaitable[set[int]]]
"""Which of these communities keep no texts."""


class CommittedRecords:
    """Group commit: whatever finished while the last transaction ran goes into the next one."""

    def __init__(
        self,
        database: AsyncDAL,
        log: EventLog,
        *,
        ends_entries_itself: bool,
        listening: Callable[[Finished], list[tuple[str, bytes]]],
        start: Callable[[Sequence[Outgoing]], None],
        wake_listeners: Callable[[], None],
        textless: Textless,
        recorded: Callable[[Iterable[int]], None],
        measures: Measures,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._log = log
        self._sql_log = ends_entries_itself
        self._listening = listening
        self._start = start
        self._wake_listeners = wake_listeners
        self._textless = textless
        self._recorded = recorded
        self._measures = measures
        self._now = now
        self._batches: Batcher[Finished, None] = Batcher(self._commit, max_items=200)

    async def record(self, finished: Finished) -> None:
        """Commit, start what has to be delivered, end the entry."""
        await self._batches.add(finished)

    async def hand_out(self, outgoing: Sequence[Outgoing]) -> None:
        """Commit and start these; what was handed out before under the same key is left alone."""
        new = await self._database.write(lambda tx: insert_outgoing(tx, list(outgoing), self._now(), last=True))
        if new:
            self._start(new)

    async def keep(self, event_id: str, speaker: Speaker, runs: Sequence[Run], outgoing: Sequence[Outgoing]) -> None:
        """Commit runs and deliveries that no entry of the log stands for, and start the deliveries."""
        now = self._now()

        def unit(tx: Tx) -> list[Outgoing]:
            tx.many(_RUN, [_run_row(run, event_id, speaker, now) for run in runs])
            return insert_outgoing(tx, list(outgoing), now, last=True)

        new = await self._database.write(unit)
        self._measures.ran(runs)
        if new:
            self._start(new)

    async def _commit(self, batch: list[Finished]) -> list[None]:
        communities = {_community_of(finished) for finished in batch}
        textless = await self._textless(communities)
        new, heard = await self._database.write(lambda tx: self._write(tx, batch, textless))
        self._recorded(communities)
        self._measures.recorded(batch)
        if new:
            self._start(new)
        if heard:
            self._wake_listeners()
        if not self._sql_log:
            await self._log.done([finished.entry for finished in batch])
        return [None] * len(batch)

    def _write(self, tx: Tx, batch: list[Finished], textless: set[int]) -> tuple[list[Outgoing], bool]:
        now = self._now()
        tx.many(_TRACE, [_trace_row(finished, now) for finished in batch])
        tx.many(
            _MESSAGE,
            [
                _message_row(finished)
                for finished in batch
                if finished.entry.event.text and _community_of(finished) not in textless
            ],
        )
        tx.many(_RUN, [row for finished in batch for row in _run_rows(finished, now)])
        heard = [
            (module, finished.entry.event.event_id, body.decode(), now)
            for finished in batch
            for module, body in self._listening(finished)
        ]
        tx.many(_LISTENER, heard)
        streams.hear(tx, _told(batch, streams.TOLD), now)
        mark_deleted(tx, _told(batch, _DELETIONS))
        if self._sql_log:
            mark_done(tx, [finished.entry.mark for finished in batch])
        outgoing = [out for finished in batch for out in finished.outgoing]
        return insert_outgoing(tx, outgoing, now, last=True), bool(heard)


def _community_of(finished: Finished) -> int:
    return finished.speaker.community_id if finished.speaker else 0


def _trace_row(finished: Finished, now: datetime) -> tuple[object, ...]:
    event, trace, speaker = finished.entry.event, finished.trace, finished.speaker
    account = event.account
    total = trace.steps[-1][3] * 1000 if trace.steps else 0.0
    return (
        event.event_id,
        _community_of(finished),
        event.channel,
        event.message_type,
        speaker.member_id if speaker else "",
        account.name if account else "",
        trace.command,
        trace.outcome,
        _encoder.encode(trace.steps).decode(),
        total,
        event.occurred_at,
        account.user_id if account else "",
        bool(event.text),
        "own_action" in event.data,
        now,
        bool(account and account.bot),
    )


def _told(batch: list[Finished], about: frozenset[MessageType]) -> list[tuple[Event, int]]:
    return [
        (finished.entry.event, finished.speaker.community_id)
        for finished in batch
        if finished.entry.event.message_type in about and finished.speaker
    ]


def _message_row(finished: Finished) -> tuple[object, ...]:
    event, speaker, account = finished.entry.event, finished.speaker, finished.entry.event.account
    return (
        event.event_id,
        speaker.community_id if speaker else 0,
        speaker.member_id if speaker else "",
        event.text,
        event.data.get("message_id", ""),
        event.occurred_at,
        event.channel,
        account.user_id if account else "",
        int(account.platform_role) if account else 0,
        account.bot if account else False,
    )


def _run_rows(finished: Finished, now: datetime) -> list[tuple[object, ...]]:
    return [_run_row(run, finished.entry.event.event_id, finished.speaker, now) for run in finished.runs]


def _run_row(run: Run, event_id: str, speaker: Speaker | None, now: datetime) -> tuple[object, ...]:
    return (
        run.execution_id,
        event_id,
        speaker.community_id if speaker else 0,
        speaker.member_id if speaker else "",
        run.module,
        run.command,
        run.outcome,
        run.ms,
        now,
    )
