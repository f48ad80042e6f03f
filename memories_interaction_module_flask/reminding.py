"""What chat asks about reminders, phrased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask_core.datamodels import Invocation
from flask_core.errors import NotFound
from flask_core.when import Recurring, When, describe, parse_when, split_when
from memories_interaction_module_flask.models import By, Reminder
from memories_interaction_module_flask.reminder_rows import NewReminder
from memories_interaction_module_flask.reminders import Reminders, parse_number

_PRIVATELY = " privately"


@dataclass(frozen=True, slots=True)
class Reminding:
    """Times are read and told in the community's zone."""

    reminders: Reminders

    async def remind(self, invocation: Invocation, line: str, *, here: bool = False) -> str:
        """Take a reminder in plain language."""
        private = line.lower().rstrip().endswith(_PRIVATELY) or (":dm:" in invocation.channel.key)
        if line.lower().rstrip().endswith(_PRIVATELY):
            line = line.rstrip()[: -len(_PRIVATELY)]
        when, text = split_when(
            line, now=self.reminders.now(), zone=_zone(invocation), locale=invocation.community.locale
        )
        member = invocation.member
        new = NewReminder(
            community_id=invocation.community.id,
            owner=member.id,
            owner_name=member.name,
            platform=invocation.event.platform,
            user_id=member.account.user_id,
            channel=invocation.channel.key,
            target="channel" if here else "me",
            text=text,
            private=private and not here,
        )
        made = await self.reminders.add(new, when)
        if here:
            return f"{made.label}: {self._told(when)} in this channel."
        return f"{made.label}: I'll remind you {self._told(when)}."

    def _told(self, when: When) -> str:
        now = self.reminders.now()
        if isinstance(when, Recurring):
            first = when.first.astimezone(when.zone)
            return f"{describe(when, now)}, next {first.day} {first:%b %H:%M}"
        return describe(when, now)

    async def listed(self, invocation: Invocation, *, here: bool) -> str:
        """What waits; the texts of private ones stay private."""
        if here:
            found = await self.reminders.listed(invocation.community.id, channel=invocation.channel.key)
        else:
            found = await self.reminders.listed(invocation.community.id, owner=invocation.member.id)
        if not found:
            raise NotFound("Nothing waits. Try: !remind me in 2h check the oven")
        shown = " · ".join(self._short(reminder) for reminder in found[:5])
        return shown + (f" (+{len(found) - 5} more)" if len(found) > 5 else "")

    def _short(self, reminder: Reminder) -> str:
        at = reminder.due_at.astimezone(ZoneInfo(reminder.zone))
        text = "(private)" if reminder.private else self.reminders.text_of(reminder)
        again = " ↻" if reminder.rule else ""
        return f"{reminder.label} {at:%a} {at.day} {at:%b %H:%M}{again}: {text}"

    async def cancel(self, invocation: Invocation, number: str, by: By) -> str:
        """End a reminder."""
        gone = await self.reminders.cancel(invocation.community.id, parse_number(number), by)
        return f"{gone.label} is cancelled."

    async def snooze(self, invocation: Invocation, number: str, time: timedelta, by: By) -> str:
        """Say it again later."""
        later = await self.reminders.snooze(invocation.community.id, parse_number(number), time, by)
        return f"{later.label}: again {_at(later)}."

    async def renew(self, invocation: Invocation, number: str, by: By) -> str:
        """Another year."""
        renewed = await self.reminders.renew(invocation.community.id, parse_number(number), by)
        return f"{renewed.label} goes on until {renewed.ends_at.day} {renewed.ends_at:%b %Y}."

    async def move(self, invocation: Invocation, number: str, words: str, by: By) -> str:
        """Another time."""
        when = parse_when(
            words, now=self.reminders.now(), zone=_zone(invocation), locale=invocation.community.locale
        )  # fmt: skip
        moved = await self.reminders.move(invocation.community.id, parse_number(number), when, by)
        return f"{moved.label}: {self._told(when)}."


def _zone(invocation: Invocation) -> ZoneInfo:
    return ZoneInfo(invocation.community.time_zone)


def _at(reminder: Reminder) -> str:
    at = reminder.due_at.astimezone(ZoneInfo(reminder.zone))
    return f"{at:%a} {at.day} {at:%b %H:%M %Z}"
