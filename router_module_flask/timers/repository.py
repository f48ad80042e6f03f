"""Keeps timers; every change is in the audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from flask_core.contracts.timers import TimerPlace, TimerSettings
from flask_core.database import AsyncDAL, Tx
from flask_core.errors import Conflict, Stale
from router_module_flask.audit import Change, write_down
from router_module_flask.delivering.repository import insert_outgoing
from router_module_flask.models import Outgoing
from router_module_flask.timers import rows
from router_module_flask.timers.models import LATEST, MOST, Author, Place, Timer
from router_module_flask.timers.place_repository import place_of, take_minute

type Waits = Sequence[timedelta]


class TimerRepository:
    """Timers of one community at a time; those of another are not found."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def one(self, community_id: int, name: str) -> Timer | None:
        """A timer by its name."""
        return await self._database.read(lambda tx: rows.one(tx, community_id, name))

    async def listed(self, community_id: int) -> list[tuple[Timer, list[TimerPlace]]]:
        """All timers by name, each with its places."""

        def unit(tx: Tx) -> list[tuple[Timer, list[TimerPlace]]]:
            places = rows.places(tx, community_id)
            return [(timer, places.get(timer.id, [])) for timer in rows.all_of(tx, community_id)]

        return await self._database.read(unit)

    async def places(self, timer: Timer) -> list[TimerPlace]:
        """Where a timer runs."""
        found = await self._database.read(lambda tx: rows.places(tx, timer.community_id, timer.id))
        return found.get(timer.id, [])

    async def add(
        self, community_id: int, name: str, settings: TimerSettings, author: Author,
        channels: Sequence[str], waits: Waits, now: datetime, *, enabled: bool,
    ) -> Timer:  # fmt: skip
        """A new timer. Raises Conflict when its name is taken or the community has 50."""

        def unit(tx: Tx) -> Timer:
            if rows.one(tx, community_id, name):
                raise Conflict(f"There is a timer {name} already.")
            if tx.value("SELECT count(*) FROM timers WHERE community_id = ?", community_id) >= MOST:
                raise Conflict(f"A community has {MOST} timers at most. Remove one first.", code="too_many")
            timer = rows.add(tx, community_id, name, settings, author, now, enabled=enabled)
            rows.settle(tx, timer, channels, waits, now)
            _audit(tx, "timer.add", author, None, timer, now)
            return timer

        return await self._database.write(unit)

    async def change(
        self, timer: Timer, settings: TimerSettings, author: Author, by: Author, channels: Sequence[str], waits: Waits,
        now: datetime, *, enabled: bool,
    ) -> Timer:  # fmt: skip
        """Other settings, or on and off. Raises Stale when somebody was quicker."""

        def unit(tx: Tx) -> Timer:
            known = rows.by_id(tx, timer.id)
            if known is None or known.version != timer.version:
                raise Stale("Somebody else changed this timer meanwhile. Look at it again.")
            changed = rows.change(tx, timer, settings, author, now, enabled=enabled)
            rows.settle(tx, changed, channels, waits, now)
            _audit(tx, "timer.change", by, timer, changed, now)
            return changed

        return await self._database.write(unit)

    async def remove(self, timer: Timer, by: Author, now: datetime) -> None:
        """Forget one."""

        def unit(tx: Tx) -> None:
            if rows.remove(tx, timer):
                _audit(tx, "timer.remove", by, timer, None, now)

        await self._database.write(unit)

    async def running(self, timer: Timer) -> list[Place]:
        """The places of a timer, as a run needs them."""

        def unit(tx: Tx) -> list[Place]:
            found = tx.rows(
                "SELECT id, timer_id, channel, turn, lines_from FROM timer_places WHERE timer_id = ? ORDER BY channel",
                timer.id,
            )
            return [place for row in found if (place := place_of(tx, row)) is not None]

        return await self._database.read(unit)

    async def ran_by_hand(
        self,
        place: Place,
        outgoing: Sequence[Outgoing],
        turn: int,
        said: str,
        next_at: datetime,
        by: Author,
        now: datetime,
    ) -> list[Outgoing]:
        """Keep a run that somebody asked for; returns what goes out."""

        def unit(tx: Tx) -> list[Outgoing]:
            tx.run(
                "UPDATE timer_places SET turn = ?, lines_from = ?, ran_at = ?, posted_at = ?, said = ? WHERE id = ?",
                turn, now, now, now, said, place.id,
            )  # fmt: skip
            # Where a replica is at it right now, it sets the next time itself.
            tx.run(
                "UPDATE timer_places SET due_at = ?, expires_at = ?, claimed_until = ? WHERE id = ? AND claimed_by = ''",
                next_at, next_at + LATEST, next_at, place.id,
            )  # fmt: skip
            take_minute(tx, place, now, asked=True)
            write_down(tx, Change(place.timer.community_id, by.id, "timer.run", place.timer.name, place.channel), now)
            return insert_outgoing(tx, outgoing, now)

        return await self._database.write(unit)


def _audit(tx: Tx, action: str, by: Author, was: Timer | None, became: Timer | None, now: datetime) -> None:
    timer = became or was
    assert timer is not None, "a timer was there before, or is there now"
    change = Change(timer.community_id, by.id, action, timer.name, was=_told(was), became=_told(became))
    write_down(tx, change, now)


def _told(timer: Timer | None) -> dict[str, Any] | None:
    return None if timer is None else {"enabled": timer.enabled, **msgspec.to_builtins(timer.settings)}
