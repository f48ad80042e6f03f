"""Decides what each lane shows next and when it is over. Pure: rows in, changes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from browser_source_core_module_flask.item_repository import Row
from flask_core.contracts.browser_source import LANES

PAUSE_BETWEEN = timedelta(seconds=0.5)
_AGEING = timedelta(minutes=1)

type Change = tuple[int, str, str, datetime | None, datetime | None]


@dataclass(slots=True)
class Plan:
    """What to write down, what to take from the screen, what to put on it."""

    changes: list[Change] = field(default_factory=list)
    hide: list[Row] = field(default_factory=list)
    show: list[Row] = field(default_factory=list)


def plan(rows: Sequence[Row], now: datetime, *, paused: bool, watched: bool, free_at: dict[str, datetime]) -> Plan:
    """One step for all lanes. Without a page that looks (`watched`), or paused, nothing new begins."""
    made = Plan()
    for lane in LANES:
        mine = [row for row in rows if row.lane == lane]
        showing = [row for row in mine if row.state == "showing"]
        waiting = _still_wanted(made, [row for row in mine if row.state == "waiting"], now)
        for row in [row for row in showing if row.ends_at is not None and row.ends_at <= now]:
            made.changes.append((row.number, "done", "", row.starts_at, row.ends_at))
            made.hide.append(row)
            free_at[lane] = now + PAUSE_BETWEEN
            showing.remove(row)
        if showing or paused or not watched or free_at.get(lane, now) > now or not waiting:
            continue
        chosen = min(waiting, key=lambda row: (importance(row, now), row.number))
        ends = now + timedelta(seconds=chosen.seconds) if chosen.seconds else None
        made.changes.append((chosen.number, "showing", "", now, ends))
        made.show.append(
            Row(
                chosen.number,
                chosen.lane,
                chosen.priority,
                chosen.card,
                chosen.said,
                chosen.seconds,
                "showing",
                chosen.created_at,
                chosen.expires_at,
                now,
                ends,
            )
        )
    return made


def _still_wanted(made: Plan, waiting: list[Row], now: datetime) -> list[Row]:
    """What has not expired; the rest is listed as expired, for nothing vanishes silently."""
    for row in waiting:
        if row.expires_at <= now:
            made.changes.append((row.number, "expired", "no page was there to show it", None, None))
    return [row for row in waiting if row.expires_at > now]


def importance(row: Row, now: datetime) -> int:
    """The priority, one better for each full minute of waiting: nothing starves."""
    return row.priority - int((now - row.created_at) / _AGEING)
