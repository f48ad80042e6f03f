"""What chat asks about reminders, phrased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask_core.datamodels import ChannelKey, Invocation, Role
from flask_core.errors import Forbidden, NotFound
from flask_core.time_tokens import time_token
from memories_interaction_module_flask.channel_repository import ChannelRepository
from memories_interaction_module_flask.members import Members
from memories_interaction_module_flask.models import By, Reminder
from memories_interaction_module_flask.phrasing import SHOWN, more
from memories_interaction_module_flask.reminder_rows import NewReminder
from memories_interaction_module_flask.reminders import Reminders, parse_number
from memories_interaction_module_flask.times import Place, Times, told, told_in_a_list

_PRIVATELY = " privately"


@dataclass(frozen=True, slots=True)
class Reminding:
    """Times are read in the community's zone, and told in everybody's own where a platform can do that."""

    reminders: Reminders
    times: Times
    members: Members
    channels: ChannelRepository
    public_url: str = ""

    async def off_air(self, reminder: Reminder) -> bool:
        """Whether its channel is known not to be live, and reminders wait for that here."""
        choices, _ = await self.times.settings.read(reminder.community_id)
        return choices.channel_reminders == "online" and await self.channels.live(reminder.channel) is False

    async def remind_me(self, invocation: Invocation, line: str) -> str:
        """Take a reminder for the one who asks, in plain language."""
        await self._check_role(invocation)
        private = _direct(invocation)
        if line.lower().rstrip().endswith(_PRIVATELY):
            private, line = True, line.rstrip()[: -len(_PRIVATELY)]
        label, when = await self._add(invocation, line, private=private)
        return f"{label}: I'll remind you {when}."

    async def remind_here(self, invocation: Invocation, line: str) -> str:
        """Take a reminder for everybody in this channel."""
        label, when = await self._add(invocation, line, channel=invocation.channel.key)
        return f"{label}: {when} in this channel."

    async def remind_there(self, invocation: Invocation, name: str, line: str) -> str:
        """Take a reminder for another channel of the community."""
        channel = await self.members.channel(invocation.community.id, invocation.event.platform, name)
        label, when = await self._add(invocation, line, channel=channel.key)
        return f"{label}: {when} in {channel.name or channel.key}."

    async def _add(
        self, invocation: Invocation, line: str, *, channel: str = "", private: bool = False
    ) -> tuple[str, str]:
        member, now = invocation.member, self.reminders.now()
        when, text = await self.times.split(line, _place(invocation), now)
        new = NewReminder(
            community_id=invocation.community.id,
            owner=member.id,
            owner_name=member.name,
            platform=invocation.event.platform,
            user_id=member.account.user_id,
            channel=channel or invocation.channel.key,
            target="channel" if channel else "me",
            text=text,
            private=private,
        )
        made = await self.reminders.add(new, when)
        return made.label, told(when, now)

    async def _check_role(self, invocation: Invocation) -> None:
        choices, _ = await self.times.settings.read(invocation.community.id)
        if invocation.member.role < Role.named(choices.remind_role):
            raise Forbidden(f"Reminders are for {choices.remind_role}s here.")

    async def listed(self, invocation: Invocation, *, here: bool) -> str:
        """What waits; the texts of private ones are told in private only."""
        if here:
            found = await self.reminders.listed(invocation.community.id, channel=invocation.channel.key)
        else:
            found = await self.reminders.listed(invocation.community.id, owner=invocation.member.id)
        if not found:
            raise NotFound("Nothing waits. Try: !remind me in 2h check the oven")
        said = " · ".join(self._short(reminder, private=_direct(invocation)) for reminder in found[:SHOWN])
        link = f"{self.public_url}/c/{invocation.community.id}/memories" if self.public_url else ""
        return said + more(len(found) - SHOWN, link)

    def _short(self, reminder: Reminder, *, private: bool) -> str:
        text = "(private)" if reminder.private and not private else self.reminders.text_of(reminder)
        return f"{reminder.label} {told_in_a_list(reminder)}: {text}"

    async def cancel(self, invocation: Invocation, number: str, by: By) -> str:
        """End a reminder."""
        gone = await self.reminders.cancel(invocation.community.id, parse_number(number), by)
        return f"{gone.label} is cancelled."

    async def snooze(self, invocation: Invocation, number: str, time: timedelta, by: By) -> str:
        """Say it again later."""
        later = await self.reminders.snooze(invocation.community.id, parse_number(number), time, by)
        return f"{later.label}: again {time_token(later.due_at)}."

    async def renew(self, invocation: Invocation, number: str, by: By) -> str:
        """Another year."""
        renewed = await self.reminders.renew(invocation.community.id, parse_number(number), by)
        return f"{renewed.label} goes on until {renewed.ends_at.day} {renewed.ends_at:%b %Y}."

    async def move(self, invocation: Invocation, number: str, words: str, by: By) -> str:
        """Another time."""
        now = self.reminders.now()
        when = await self.times.read(words, _place(invocation), now)
        moved = await self.reminders.move(invocation.community.id, parse_number(number), when, by)
        return f"{moved.label}: {told(when, now)}."


def _place(invocation: Invocation) -> Place:
    community = invocation.community
    return Place(community.id, ZoneInfo(community.time_zone), community.locale)


def _direct(invocation: Invocation) -> bool:
    return ChannelKey.parse(invocation.channel.key).direct
