"""Offences: one row per member and filter, raised by one statement, counted once per line."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_core.contracts.filters import ListOffences, Offence, OffencePage
from flask_core.database import AsyncDAL, Tx
from router_module_flask.audit import Change, write_down

DECAYS = timedelta(days=30)
_COLUMNS = "member_id, speaker, filter, standing, total, last_at, decays_at, event_id"
# What is over does not count, also before the sweep has been there.
_RAISE = (
    "INSERT INTO offences (community_id, member_id, filter, speaker, standing, total, event_id, last_at, decays_at)"
    " VALUES (?, ?, ?, ?, 1, 1, ?, ?, ?) ON CONFLICT (community_id, member_id, filter) DO UPDATE SET"
    " standing = CASE WHEN offences.decays_at <= excluded.last_at THEN 1 ELSE offences.standing + 1 END,"
    " total = offences.total + 1, speaker = excluded.speaker, event_id = excluded.event_id,"
    " last_at = excluded.last_at, decays_at = excluded.decays_at RETURNING standing"
)


class OffenceRepository:
    """Where members stand on the ladders."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def commit(
        self, community_id: int, member_id: str, filter_name: str, speaker: str, event_id: str, now: datetime
    ) -> int:
        """Count an offence; where the member stands then. The same line again stands where it stood."""

        def unit(tx: Tx) -> int:
            stood = tx.value("SELECT standing FROM offence_events WHERE event_id = ?", event_id)
            if stood is not None:
                return int(stood)
            standing = int(
                tx.value(
                    _RAISE, community_id, member_id, filter_name, speaker, event_id, now, now + DECAYS
                )
            )  # fmt: skip
            tx.run(
                "INSERT INTO offence_events (event_id, community_id, member_id, standing, at) VALUES (?, ?, ?, ?, ?)",
                event_id, community_id, member_id, standing, now,
            )  # fmt: skip
            return standing

        return await self._database.write(unit)

    async def page(self, asked: ListOffences, now: datetime) -> OffencePage:
        """Members with offences, newest first; what is decayed stands at 0."""
        per_page = min(max(asked.per_page, 1), 100)
        skipped = (max(asked.page, 1) - 1) * per_page
        narrowed = " AND filter = ?" if asked.filter else ""
        values = (asked.community_id, asked.filter) if asked.filter else (asked.community_id,)

        def unit(tx: Tx) -> OffencePage:
            total = tx.value(f"SELECT COUNT(*) FROM offences WHERE community_id = ?{narrowed}", *values)
            rows = tx.rows(
                f"SELECT {_COLUMNS} FROM offences WHERE community_id = ?{narrowed}"
                " ORDER BY last_at DESC, member_id, filter LIMIT ? OFFSET ?",
                *values, per_page, skipped,
            )  # fmt: skip
            return OffencePage(tuple(_offence(row, now) for row in rows), max(asked.page, 1), per_page, total)

        return await self._database.read(unit)

    async def forgive(self, community_id: int, member_id: str, filter_name: str, actor: str, now: datetime) -> bool:
        """Forget what a member did; False when there was nothing."""

        def unit(tx: Tx) -> bool:
            row = tx.row(
                "DELETE FROM offences WHERE community_id = ? AND member_id = ? AND filter = ?"
                " RETURNING standing, total",
                community_id, member_id, filter_name,
            )  # fmt: skip
            if row is not None:
                before = {"standing": row[0], "total": row[1]}
                change = Change(community_id, actor, "offence.forgive", member_id, filter_name, before)
                write_down(tx, change, now)
            return row is not None

        return await self._database.write(unit)

    async def decay(self, now: datetime, limit: int) -> int:
        """Let up to `limit` members stand at the foot of the ladder again; how many that were."""
        return await self._database.write(
            lambda tx: tx.run(
                "UPDATE offences SET standing = 0 WHERE (community_id, member_id, filter) IN (SELECT community_id,"
                " member_id, filter FROM offences WHERE decays_at <= ? AND standing > 0 LIMIT ?)"
                " AND decays_at <= ?",
                now,
                limit,
                now,
            )
        )


def _offence(row: tuple[object, ...], now: datetime) -> Offence:
    offence = Offence(*row)  # type: ignore[arg-type]
    if offence.decays_at > now:
        return offence
    return Offence(
        offence.member_id, offence.name, offence.filter, 0, offence.total, offence.last_at, offence.decays_at,
        offence.event_id,
    )  # fmt: skip
