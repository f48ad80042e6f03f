"""Reminders as rows that are due."""

from __future__ import annotations

from datetime import datetime

from flask_core.database import AsyncDAL, Tx
from flask_core.due_work import Due, Result, State, claim_due, record_due
from flask_core.when import When
from memories_interaction_module_flask import reminder_rows as rows
from memories_interaction_module_flask.models import Reminder

_SAID = frozenset({State.DELIVERED, State.UNCONFIRMED})
_UNDER_WAY = frozenset({State.WAITING, State.HANDED_OVER})


class ReminderRepository:
    """Every replica claims due rows; one that died frees its rows by time."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def add(
        self, new: rows.NewReminder, text: str, when: When, now: datetime, ends_at: datetime, *, at_most: int
    ) -> Reminder | None:
        """Keep a reminder, or None when as many as allowed wait already."""
        timing = rows.timing(when)
        return await self._database.write(lambda tx: rows.add(tx, new, text, timing, now, ends_at, at_most=at_most))

    async def one(self, community_id: int, number: int) -> Reminder | None:
        """A reminder by its number."""
        return await self._database.read(lambda tx: rows.one(tx, community_id, number))

    async def listed(
        self, community_id: int, *, owner: str = "", channel: str = "", over: bool = False
    ) -> list[Reminder]:
        """What waits, soonest first, or what is over, latest first; at most 100."""
        which, order = ("NOT IN", "due_at DESC") if over else ("IN", "due_at")
        found = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {rows.COLUMNS} FROM reminders WHERE community_id = ? AND target = ?"
                f" AND status {which} ('waiting', 'handed_over') AND (? = '' OR owner = ?) AND (? = '' OR channel = ?)"
                f" ORDER BY {order} LIMIT 100",
                community_id, "channel" if channel else "me", owner, owner, channel, channel,
            )
        )  # fmt: skip
        return [rows.reminder_of(row) for row in found]

    async def cancel(self, reminder: Reminder) -> bool:
        """End a waiting one; False when it does not wait any more."""
        return await self._change("status = 'cancelled', claimed_by = ''", reminder)

    async def reword(self, reminder: Reminder, text: str) -> bool:
        """Another text for a waiting one."""
        return await self._change("text = ?", reminder, text)

    async def renew(self, reminder: Reminder, ends_at: datetime) -> bool:
        """Let a waiting one recur until then."""
        return await self._change("ends_at = ?", reminder, ends_at)

    async def _change(self, what: str, reminder: Reminder, *values: object) -> bool:
        sql = f"UPDATE reminders SET {what} WHERE id = ? AND status = 'waiting'"
        return bool(await self._database.write(lambda tx: tx.run(sql, *values, reminder.id)))

    async def move(self, reminder: Reminder, when: When, now: datetime, ends_at: datetime) -> Reminder:
        """Another time, or another rule, for a waiting one."""
        timing = rows.timing(when)

        def unit(tx: Tx) -> Reminder:
            rows.wait_for(tx, reminder, timing.due_at)
            tx.run(
                "UPDATE reminders SET rule = ?, wall = ?, zone = ?, started_at = ?, ends_at = ? WHERE id = ?",
                timing.rule, timing.wall, timing.zone, now, ends_at, reminder.id,
            )  # fmt: skip
            return rows.found(tx, reminder)

        return await self._database.write(unit)

    async def snooze(self, reminder: Reminder, until: datetime, now: datetime) -> Reminder:
        """The same text once more: a single one fires again, a recurring one gets a single companion."""

        def unit(tx: Tx) -> Reminder:
            if reminder.rule:
                return rows.again_once(tx, reminder, until, now)
            rows.wait_for(tx, reminder, until)
            return rows.found(tx, reminder)

        return await self._database.write(unit)

    async def claim(self, owner: str, now: datetime, limit: int) -> list[Due[Reminder]]:
        """Due rows that are this replica's for a minute; handed over ones come back to be asked about."""
        return await self._database.write(
            lambda tx: claim_due(
                tx, "reminders", rows.COLUMNS, lambda *row: rows.reminder_of(row), owner=owner, now=now, limit=limit
            )
        )

    async def record(self, due: Due[Reminder], result: Result, following: datetime | None, now: datetime) -> None:
        """What became of it; a recurring one that is over waits for `following` in the same transaction."""

        def unit(tx: Tx) -> None:
            if not record_due(tx, "reminders", due, result) or result.state in _UNDER_WAY:
                return
            if result.state in _SAID:
                tx.run("UPDATE reminders SET fired_at = ? WHERE id = ?", now, due.id)
            if following is not None:
                rows.wait_for(tx, due.row, following, result.error)

        await self._database.write(unit)

    async def go_elsewhere(self, reminder: Reminder, account: str) -> None:
        """Remember where it is tried next; the last word of `elsewhere` counts."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE reminders SET elsewhere = ? WHERE id = ?",
                f"{reminder.elsewhere} {account}".strip(),
                reminder.id,
            )
        )

    async def forget_old(self, before: datetime) -> int:
        """Forget ends that are long past."""
        return await self._database.write(
            lambda tx: tx.run(
                "DELETE FROM reminders WHERE status NOT IN ('waiting', 'handed_over') AND due_at < ?", before
            )
        )
