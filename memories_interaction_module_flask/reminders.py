"""Reminders: who may have how many, when they fire, what becomes of a missed one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_core.auth import utc_now
from flask_core.encryption import Sealer
from flask_core.errors import Conflict, Forbidden, InvalidInput, LimitReached, NotFound
from flask_core.when import Recurring, When, next_occurrence
from memories_interaction_module_flask.limits import clean
from memories_interaction_module_flask.models import By, Reminder
from memories_interaction_module_flask.reminder_repository import ReminderRepository
from memories_interaction_module_flask.reminder_rows import NewReminder

TEXT = 500
SOONEST, LATEST = timedelta(seconds=10), timedelta(days=731)
SHORTEST_OWN, SHORTEST_CHANNEL = timedelta(hours=1), timedelta(minutes=10)
PER_CHANNEL = 50
RENEWED_FOR, ASKED_BEFORE = timedelta(days=365), timedelta(days=14)
SNOOZE_LEAST, SNOOZE_MOST, SNOOZE_WITHIN = timedelta(minutes=1), timedelta(days=30), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reminders:
    """Rules; private texts are sealed before they are kept and opened for their owner only."""

    repository: ReminderRepository
    sealer: Sealer
    per_person: int
    now: Callable[[], datetime] = utc_now

    async def add(self, new: NewReminder, when: When) -> Reminder:
        """Keep a reminder. Raises InvalidInput for its time or text, LimitReached for one too many."""
        text = _checked(new.text)
        self._check_time(when, channel=new.target == "channel")
        most = PER_CHANNEL if new.target == "channel" else self.per_person
        kept = self.sealer.seal(text) if new.private else text
        now = self.now()
        made = await self.repository.add(new, kept, when, now, now + RENEWED_FOR, at_most=most)
        if made is None:
            raise LimitReached(f"{most} reminders are waiting already. Cancel one: !reminders shows them.")
        return made

    def _check_time(self, when: When, *, channel: bool) -> None:
        now = self.now()
        first = when.first if isinstance(when, Recurring) else when.at
        if first < now + SOONEST:
            raise InvalidInput(f"Give me at least {SOONEST.seconds} seconds.")
        if first > now + LATEST:
            raise InvalidInput("That is more than two years ahead.")
        shortest = SHORTEST_CHANNEL if channel else SHORTEST_OWN
        if isinstance(when, Recurring) and when.shortest < shortest:
            minutes = int(shortest.total_seconds() // 60)
            raise InvalidInput(f"Every {minutes} minutes is the most often that I repeat myself here.")

    async def listed(
        self, community_id: int, *, owner: str = "", channel: str = "", over: bool = False
    ) -> list[Reminder]:
        """What waits, or is over: a member's own, or a channel's."""
        return await self.repository.listed(community_id, owner=owner, channel=channel, over=over)

    async def cancel(self, community_id: int, number: int, by: By) -> Reminder:
        """End a reminder."""
        reminder = await self.theirs(community_id, number, by)
        if not await self.repository.cancel(reminder):
            raise _over(reminder)
        return reminder

    async def reword(self, community_id: int, number: int, text: str, by: By) -> Reminder:
        """Give a waiting reminder another text."""
        reminder = await self.theirs(community_id, number, by)
        text = _checked(text)
        if not await self.repository.reword(reminder, self.sealer.seal(text) if reminder.private else text):
            raise _over(reminder)
        return await self.theirs(community_id, number, by)

    async def renew(self, community_id: int, number: int, by: By) -> Reminder:
        """Let a recurring reminder go on for a year from now."""
        reminder = await self.theirs(community_id, number, by)
        if not reminder.rule:
            raise Conflict(f"{reminder.label} comes only once.")
        if not await self.repository.renew(reminder, self.now() + RENEWED_FOR):
            raise _over(reminder)
        return await self.theirs(community_id, number, by)

    async def move(self, community_id: int, number: int, when: When, by: By) -> Reminder:
        """Give a waiting reminder another time."""
        reminder = await self.theirs(community_id, number, by)
        if reminder.status != "waiting":
            raise _over(reminder)
        self._check_time(when, channel=reminder.target == "channel")
        return await self.repository.move(reminder, when, self.now(), self.now() + RENEWED_FOR)

    async def snooze(self, community_id: int, number: int, time_: timedelta, by: By) -> Reminder:
        """Say one that fired once more, later; the rule of a recurring one stays as it is."""
        reminder = await self.theirs(community_id, number, by)
        if reminder.status == "cancelled":
            raise _over(reminder)
        if not SNOOZE_LEAST <= time_ <= SNOOZE_MOST:
            raise InvalidInput("Snooze for 1 minute to 30 days.")
        if reminder.fired_at is None or self.now() - reminder.fired_at > SNOOZE_WITHIN:
            raise Conflict(f"{reminder.label} has not fired in the last 7 days.")
        return await self.repository.snooze(reminder, self.now() + time_, self.now())

    async def theirs(self, community_id: int, number: int, by: By) -> Reminder:
        """A reminder that `by` may deal with: their own, or a channel's for moderators."""
        reminder = await self.repository.one(community_id, number)
        if reminder is None:
            raise NotFound(f"There is no R{number}.")
        if reminder.owner != by.member_id and not (by.trusted and reminder.target == "channel"):
            raise Forbidden(f"R{number} is not yours.")
        return reminder

    def text_of(self, reminder: Reminder) -> str:
        """The text, opened when it is private."""
        return self.sealer.open(reminder.text).decode() if reminder.private else reminder.text

    def next_of(self, reminder: Reminder) -> datetime | None:
        """When a recurring one comes again, or None when it has ended."""
        if not reminder.rule:
            return None
        hour, minute = reminder.wall.split(":")
        following = next_occurrence(
            reminder.rule,
            wall=time(int(hour), int(minute)),
            zone=ZoneInfo(reminder.zone),
            after=self.now(),
            start=reminder.started_at,
        )
        return following if following is not None and following <= reminder.ends_at else None

    def asks_for_renewal(self, reminder: Reminder) -> bool:
        """Whether this is the first time it is said within two weeks of its end."""
        begin = reminder.ends_at - ASKED_BEFORE
        return (
            bool(reminder.rule) and reminder.due_at >= begin and not (reminder.fired_at and reminder.fired_at >= begin)
        )


def _checked(text: str) -> str:
    text = clean(text)
    if not text:
        raise InvalidInput("What shall I remind you of?")
    if len(text) > TEXT:
        raise InvalidInput(f"This is {len(text)} characters long; a reminder has at most {TEXT}.")
    return text


def _over(reminder: Reminder) -> Conflict:
    return Conflict(f"{reminder.label} is over already.")


def parse_number(text: str) -> int:
    """`R3` or `3`; raises InvalidInput for anything else."""
    digits = text.strip().lstrip("#").upper().removeprefix("R")
    if not digits.isdecimal() or len(digits) > 15:
        raise InvalidInput("Name a reminder by its number, such as R3.")
    return int(digits)
