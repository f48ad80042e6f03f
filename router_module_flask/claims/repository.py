"""The table of claims: every change is one statement, so that replicas cannot come between."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from flask_core.contracts.claims import (
    ERRORS_UNTIL_PARKED,
    LIFE_SECONDS,
    PARKED_SECONDS,
    SILENCE_SECONDS,
    Claim,
    ClaimState,
    Report,
    Resource,
)
from flask_core.database import AsyncDAL, Tx
from flask_core.errors import Conflict

_LIFE, _SILENCE = timedelta(seconds=LIFE_SECONDS), timedelta(seconds=SILENCE_SECONDS)
_PARKED = timedelta(seconds=PARKED_SECONDS)
_FREE = "(holder = '' OR seen_at < ? OR claimed_until < ?)"
_ORDER = "live DESC, priority, viewers DESC, idle_since, resource"
PER_PAGE = 50


class ClaimRepository:
    """Who looks after what. Times come from the caller."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def put(self, kind: str, items: Sequence[Resource], now: datetime) -> None:
        """Know these resources of a kind and no others; who holds one that stays keeps it."""
        names = {item.name for item in items}
        rows = [(item.name, kind, item.priority, 0, False, "", now, now, now, 0, now, "", now) for item in items]
        live = [(item.live, item.name) for item in items if item.live is not None]
        watched = [(item.viewers, item.name) for item in items if item.viewers is not None]

        def unit(tx: Tx) -> None:
            known = {name for (name,) in tx.rows("SELECT resource FROM claims WHERE kind = ?", kind)}
            tx.many("DELETE FROM claims WHERE resource = ?", [(name,) for name in sorted(known - names)])
            tx.many(
                "INSERT INTO claims (resource, kind, priority, viewers, live, holder, claimed_until, seen_at,"
                " idle_since, errors, failed_at, last_error, parked_until)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (resource) DO UPDATE SET"
                " priority = excluded.priority",
                sorted(rows, key=itemgetter(0)),
            )
            tx.many("UPDATE claims SET live = ? WHERE resource = ?", sorted(live, key=itemgetter(1)))
            tx.many("UPDATE claims SET viewers = ? WHERE resource = ?", sorted(watched, key=itemgetter(1)))

        await self._database.write(unit)

    async def claim(self, kind: str, holder: str, most: int, now: datetime) -> None:
        """Let `holder` have free resources until it holds `most` of the kind."""
        silent = now - _SILENCE
        await self._database.write(
            lambda tx: tx.run(
                # Chosen once and for all: a plan that asked again would find others unlocked and take too many.
                f"WITH chosen AS MATERIALIZED (SELECT resource FROM claims WHERE kind = ? AND parked_until <= ?"
                f" AND {_FREE} AND holder <> ? ORDER BY {_ORDER} LIMIT (SELECT CASE WHEN count(*) < ?"
                f" THEN ? - count(*) ELSE 0 END FROM claims WHERE kind = ? AND holder = ?){tx.skip_locked})"
                " UPDATE claims SET holder = ?, claimed_until = ?, seen_at = ?"
                " WHERE resource IN (SELECT resource FROM chosen)",
                kind, now, silent, now, holder, most, most, kind, holder, holder, now + _LIFE, now,
            )
        )  # fmt: skip

    async def held(self, kind: str, holder: str) -> list[Claim]:
        """What `holder` has of a kind."""
        rows = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT resource, claimed_until FROM claims WHERE kind = ? AND holder = ? ORDER BY {_ORDER}",
                kind, holder,
            )
        )  # fmt: skip
        return [Claim(*row) for row in rows]

    async def check_in(self, holder: str, reports: Sequence[Report], now: datetime) -> list[Claim]:
        """Renew what is still `holder`'s and keep how it is doing; what was renewed."""
        ordered = sorted(reports, key=lambda report: report.resource)
        return await self._database.write(
            lambda tx: [claim for report in ordered if (claim := _renew(tx, holder, report, now))]
        )

    async def release(self, holder: str, resources: Sequence[str], now: datetime) -> None:
        """Free these; raises Conflict, and frees none, when one is not `holder`'s."""

        def unit(tx: Tx) -> None:
            for resource in sorted(set(resources)):
                if not tx.run(
                    "UPDATE claims SET holder = '', idle_since = ? WHERE resource = ? AND holder = ?",
                    now, resource, holder,
                ):  # fmt: skip
                    raise _not_yours(resource)

        await self._database.write(unit)

    async def failed(self, holder: str, resource: str, reason: str, now: datetime) -> tuple[int, datetime | None]:
        """Count an error; how many there were lately, and until when the resource is parked if it is now."""

        def unit(tx: Tx) -> tuple[int, datetime | None]:
            errors: int | None = tx.value(
                "UPDATE claims SET errors = CASE WHEN failed_at < ? THEN 1 ELSE errors + 1 END, failed_at = ?,"
                " last_error = ? WHERE resource = ? AND holder = ? RETURNING errors",
                now - _PARKED, now, reason, resource, holder,
            )  # fmt: skip
            if errors is None:
                raise _not_yours(resource)
            if errors < ERRORS_UNTIL_PARKED:
                return errors, None
            tx.run(
                "UPDATE claims SET holder = '', idle_since = ?, errors = 0, parked_until = ? WHERE resource = ?",
                now, now + _PARKED, resource,
            )  # fmt: skip
            return errors, now + _PARKED

        return await self._database.write(unit)

    async def sweep(self, now: datetime) -> list[str]:
        """Free what nobody was heard of for six minutes; which that were."""
        silent = now - _SILENCE
        rows = await self._database.write(
            lambda tx: tx.rows(
                f"UPDATE claims SET holder = '', idle_since = ? WHERE holder <> '' AND {_FREE} RETURNING resource",
                now, silent, now,
            )
        )  # fmt: skip
        return sorted(resource for (resource,) in rows)

    async def page(self, prefix: str, page: int, now: datetime) -> tuple[list[ClaimState], tuple[int, int, int]]:
        """A page of resources whose kind begins with `prefix`; how many there are, are held and are parked."""
        # Kinds are checked to have none of the signs of a pattern.
        like = f"{prefix}%"

        def unit(tx: Tx) -> tuple[list[tuple[Any, ...]], tuple[Any, ...] | None]:
            listed = tx.rows(
                "SELECT resource, live, priority, viewers, holder, seen_at, claimed_until, idle_since, errors,"
                f" last_error, parked_until FROM claims WHERE kind LIKE ? ORDER BY {_ORDER} LIMIT ? OFFSET ?",
                like, PER_PAGE, (page - 1) * PER_PAGE,
            )  # fmt: skip
            counted = tx.row(
                "SELECT count(*), count(CASE WHEN holder <> '' THEN 1 END), count(CASE WHEN parked_until > ? THEN 1 END)"
                " FROM claims WHERE kind LIKE ?",
                now, like,
            )  # fmt: skip
            return listed, counted

        rows, counted = await self._database.read(unit)
        total, held, parked = counted or (0, 0, 0)
        return [_state(row, now) for row in rows], (total, held, parked)


def _renew(tx: Tx, holder: str, report: Report, now: datetime) -> Claim | None:
    until = now + _LIFE
    renewed = tx.run(
        "UPDATE claims SET claimed_until = ?, seen_at = ? WHERE resource = ? AND holder = ?",
        until, now, report.resource, holder,
    )  # fmt: skip
    if not renewed:
        return None
    if report.live is not None:
        tx.run(
            "UPDATE claims SET live = ?, viewers = ? WHERE resource = ?", report.live, report.viewers, report.resource
        )
    return Claim(report.resource, until)


def _state(row: tuple[Any, ...], now: datetime) -> ClaimState:
    resource, live, priority, viewers, holder, seen_at, until, idle_since, errors, last_error, parked_until = row
    return ClaimState(
        resource,
        bool(live),
        priority,
        viewers,
        holder,
        seen_at if holder else None,
        until if holder else None,
        None if holder else idle_since,
        errors,
        last_error,
        parked_until if parked_until > now else None,
    )


def _not_yours(resource: str) -> Conflict:
    return Conflict(f"{resource} is not yours.", resource=resource)
