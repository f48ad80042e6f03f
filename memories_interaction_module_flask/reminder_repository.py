"""Reminders as rows that are due."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_core.database import AsyncDAL, Tx
from flask_core.numbers import next_number
from flask_core.when import When
from memories_interaction_module_flask import reminder_rows as rows
from memories_interaction_module_flask.models import Reminder

CLAIM = timedelta(seconds=60)


class ReminderRepository:
    """Every replica claims due rows; one that died frees its rows by time."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def add(
        self, new: rows.NewReminder, text: str, when: When, now: datetime, *, at_most: int
    ) -> Reminder | None:
        """Keep a reminder, or None when as many as allowed wait already."""
        return await self._database.write(lambda tx: rows.add(tx, new, text, when, now, at_most=at_most))

    async def one(self, community_id: int, number: int) -> Reminder | None:
        """A reminder by its number."""
        return await self._database.read(lambda tx: rows.one(tx, community_id, number))

    async def waiting(self, community_id: int, *, owner: str = "", channel: str = "") -> list[Reminder]:
        """What waits, soonest first."""
        found = await self._database.read(
            lambda tx: tx.rows(
                f"SELECT {rows.COLUMNS} FROM reminders WHERE community_id = ? AND status = 'waiting' AND target = ?"
                " AND (? = '' OR owner = ?) AND (? = '' OR channel = ?) ORDER BY due_at LIMIT 100",
                community_id,
                "channel" if channel else "me",
                owner,
                owner,
                channel,
                channel,
            )
        )
        return [rows.reminder_of(row) for row in found]

    async def set_status(self, reminder: Reminder, status: str, error: str = "") -> None:
        """Give a reminder its end."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE reminders SET status = ?, last_error = ? WHERE id = ?", status, error, reminder.id
            )
        )

    async def move(self, reminder: Reminder, when: When, now: datetime) -> Reminder:
        """Another time, or another rule, for a waiting one."""

        def unit(tx: Tx) -> Reminder:
            rule, wall, zone, due = rows.timing(when)
            tx.run(
                "UPDATE reminders SET rule = ?, wall = ?, zone = ?, due_at = ?, started_at = ?, occurrence = occurrence + 1"
                " WHERE id = ?",
                rule, wall, zone, due, now, reminder.id,
            )  # fmt: skip
            return rows.found(tx, reminder.community_id, reminder.number)

        return await self._database.write(unit)

    async def snooze(self, reminder: Reminder, until: datetime, now: datetime) -> Reminder:
        """The same text once more: a single one fires again, a recurring one gets a single companion."""

        def unit(tx: Tx) -> Reminder:
            if not reminder.rule:
                tx.run(
                    "UPDATE reminders SET status = 'waiting', due_at = ?, attempts = 0, occurrence = occurrence + 1,"
                    " claimed_until = ? WHERE id = ?",
                    until, now, reminder.id,
                )  # fmt: skip
                return rows.found(tx, reminder.community_id, reminder.number)
            number = next_number(tx, reminder.community_id, "reminder")
            rows.insert_like(tx, reminder, number, until, now)
            return rows.found(tx, reminder.community_id, number)

        return await self._database.write(unit)

    async def claim(self, owner: str, now: datetime, limit: int = 50) -> list[Reminder]:
        """Due rows that are this replica's for a minute; handed over ones come back to be asked about."""
        found = await self._database.write(
            lambda tx: tx.rows(
                "UPDATE reminders SET claimed_by = ?, claimed_until = ?, attempts = attempts + 1 WHERE id IN ("
                "SELECT id FROM reminders WHERE status IN ('waiting', 'handed_over') AND due_at <= ?"
                f" AND claimed_until <= ? ORDER BY due_at LIMIT ?{tx.skip_locked}) RETURNING {rows.COLUMNS}",
                owner,
                now + CLAIM,
                now,
                now,
                limit,
            )
        )
        return [rows.reminder_of(row) for row in found]

    async def handed_over(self, reminder: Reminder, ask_at: datetime) -> None:
        """The router has it; ask what became of it at `ask_at`."""
        await self._again(reminder, "handed_over", ask_at, "")

    async def try_again(self, reminder: Reminder, at: datetime, error: str) -> None:
        """Nobody took it: again at `at`."""
        await self._again(reminder, reminder.status, at, error)

    async def _again(self, reminder: Reminder, status: str, at: datetime, error: str) -> None:
        # `due_at` stays: it says how late the words are when they come.
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE reminders SET status = ?, claimed_until = ?, last_error = ? WHERE id = ?",
                status,
                at,
                error,
                reminder.id,
            )
        )

    async def fired(self, reminder: Reminder, status: str, next_due: datetime | None, now: datetime) -> None:
        """Record the delivery; a recurring one waits for its next time in the same transaction."""
        await self._database.write(
            lambda tx: tx.run(
                "UPDATE reminders SET status = ?, fired_at = ?, due_at = ?, occurrence = occurrence + 1, attempts = 0,"
                " claimed_until = ?, last_error = '' WHERE id = ?",
                "waiting" if next_due else status,
                now,
                next_due or reminder.due_at,
                now,
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
