"""Timers as due work: claimed by one replica, posted and rescheduled in one transaction."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_core.database import AsyncDAL, Tx
from flask_core.due_work import Due, Result, State, claim_due, record_due
from router_module_flask.delivering.repository import insert_outgoing
from router_module_flask.models import Outgoing
from router_module_flask.timers import rows
from router_module_flask.timers.models import LATEST, Place, Ran, interval
from router_module_flask.timers.streams import stream_of

_MINUTE = timedelta(seconds=60)
_COLUMNS = "id, timer_id, channel, turn, lines_from"


class PlaceRepository:
    """What DueWork needs. `start` is told what has to go out once it is committed."""

    def __init__(
        self,
        database: AsyncDAL,
        start: Callable[[Sequence[Outgoing]], None],
        *,
        now: Callable[[], datetime],
        chance: random.Random | None = None,
    ) -> None:
        self._database = database
        self._start = start
        self._now = now
        self._chance = chance or random.Random()

    async def claim(self, owner: str, now: datetime, limit: int) -> list[Due[Place]]:
        """Places that are due and nobody's."""

        def unit(tx: Tx) -> list[Due[Place]]:
            claimed = claim_due(tx, "timer_places", _COLUMNS, lambda *row: row, owner=owner, now=now, limit=limit)
            return [_with(due, place) for due in claimed if (place := place_of(tx, due.row)) is not None]

        return await self._database.write(unit)

    async def record(self, due: Due[Place], result: Result) -> None:
        """Keep what came of a run, and when the next one is."""
        now = self._now()
        self._start(await self._database.write(lambda tx: self._record(tx, due, result, now)))

    def _record(self, tx: Tx, due: Due[Place], result: Result, now: datetime) -> list[Outgoing]:
        if not isinstance(result, Ran):
            if result.state is State.WAITING:
                # Something that the run asks is away; it is tried again while it makes sense.
                record_due(tx, "timer_places", due, result)
                return []
            missed = "missed: nobody was there at that time" if result.state is State.MISSED else result.error
            result = self._silent(tx, due, missed, now)
        if not record_due(tx, "timer_places", due, result):
            return []
        place = due.row
        if result.waits:
            _next(tx, place, result.not_before)
            return []
        if result.outgoing and (free_at := take_minute(tx, place, now)) is not None:
            # Its turn comes as soon as the channel has heard no timer for a minute.
            _next(tx, place, free_at)
            return []
        _next(tx, place, result.not_before)
        posted = "posted_at = ?, lines_from = ?, " if result.outgoing or result.spoke else ""
        tx.run(
            f"UPDATE timer_places SET {posted}ran_at = ?, said = ?, turn = ? WHERE id = ?",
            *([now, now] if posted else []), now, result.said, result.turn, place.id,
        )  # fmt: skip
        return insert_outgoing(tx, result.outgoing, now)

    def _silent(self, tx: Tx, due: Due[Place], said: str, now: datetime) -> Ran:
        place = due.row
        live = stream_of(tx, place.channel).live
        at = now + interval(place.timer.settings, live, self._chance)
        return Ran(State.WAITING, at, 0, due.key, said=said, turn=place.turn)

    async def take_minute(self, place: Place) -> datetime | None:
        """Take this minute of the channel, or tell when it is free."""
        now = self._now()
        return await self._database.write(lambda tx: take_minute(tx, place, now))

    async def join(self, place: Place, channels: Sequence[str], wait: timedelta) -> None:
        """Let a timer of all channels run in those that were attached meanwhile."""
        now = self._now()
        await self._database.write(lambda tx: rows.join(tx, place.timer, channels, wait, now))


def place_of(tx: Tx, row: Sequence[Any]) -> Place | None:
    """A place out of its columns; None when its timer is gone."""
    place_id, timer_id, channel, turn, lines_from = row
    timer = rows.by_id(tx, timer_id)
    return None if timer is None else Place(place_id, timer, channel, turn, lines_from)


def take_minute(tx: Tx, place: Place, now: datetime, *, asked: bool = False) -> datetime | None:
    """Take this minute of the channel for a timer's post, or tell when it is free. Who is `asked` to takes it."""
    before = now if asked else now - _MINUTE
    taken = tx.run(
        "INSERT INTO timer_posts (channel, community_id, posted_at) VALUES (?, ?, ?) ON CONFLICT (channel)"
        " DO UPDATE SET community_id = excluded.community_id, posted_at = excluded.posted_at"
        " WHERE timer_posts.posted_at <= ?",
        place.channel, place.timer.community_id, now, before,
    )  # fmt: skip
    if taken:
        return None
    last: datetime = tx.value("SELECT posted_at FROM timer_posts WHERE channel = ?", place.channel)
    return last + _MINUTE


def _next(tx: Tx, place: Place, at: datetime) -> None:
    tx.run(
        "UPDATE timer_places SET due_at = ?, expires_at = ?, claimed_until = ? WHERE id = ?",
        at, at + LATEST, at, place.id,
    )  # fmt: skip


def _with(due: Due[Any], place: Place) -> Due[Place]:
    return Due(
        due.id, due.state, due.due_at, due.expires_at, due.claimed_by, due.claimed_until, due.attempts, due.last_error,
        due.key, place,
    )  # fmt: skip
