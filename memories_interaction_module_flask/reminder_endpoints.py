"""The operations on reminders and times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_core.contracts import memories as contract
from flask_core.datamodels import Role
from flask_core.operations import Caller, Endpoints
from flask_core.when import Recurring, When, describe, parse_when
from memories_interaction_module_flask.chatting import Memories
from memories_interaction_module_flask.members import Members
from memories_interaction_module_flask.models import Reminder
from memories_interaction_module_flask.reminder_rows import NewReminder


def add_reminder_endpoints(api: Endpoints, memories: Memories, members: Members, now: Callable[[], datetime]) -> None:
    """Offer them."""
    reminders = memories.reminding.reminders

    @api.offers(contract.REMINDERS)
    async def waiting(asked: contract.ListReminders, caller: Caller) -> contract.ReminderList:
        if asked.channel:
            caller.require(Role.MODERATOR)
            found = await reminders.listed(asked.community_id, channel=asked.channel)
        else:
            by = await members.acting(caller, asked.community_id)
            found = await reminders.listed(asked.community_id, owner=by.member_id)
        return contract.ReminderList(tuple(_reminder(r, reminders.text_of(r)) for r in found))

    @api.offers(contract.REMIND)
    async def remind(asked: contract.AddReminder, caller: Caller) -> contract.ReminderView:
        if asked.channel:
            caller.require(Role.MODERATOR)
        by = await members.acting(caller, asked.community_id)
        when = await _read(members, asked.community_id, asked.when, now())
        platform, user_id = await members.account(asked.community_id, by.member_id)
        new = NewReminder(
            asked.community_id, by.member_id, by.name, platform, user_id,
            asked.channel or f"{platform}:dm:{user_id}", "channel" if asked.channel else "me", asked.text,
            asked.private and not asked.channel,
        )  # fmt: skip
        made = await reminders.add(new, when)
        return _reminder(made, reminders.text_of(made))

    @api.offers(contract.CANCEL)
    async def cancel(asked: contract.ReminderOf, caller: Caller) -> contract.ReminderView:
        by = await members.acting(caller, asked.community_id)
        gone = await reminders.cancel(asked.community_id, asked.number, by)
        return _reminder(gone, reminders.text_of(gone))

    @api.offers(contract.WHEN)
    async def when(asked: contract.ReadWhen, _: Caller) -> contract.Understood:
        found = await _read(members, asked.community_id, asked.text, now())
        at = found.first if isinstance(found, Recurring) else found.at
        return contract.Understood(describe(found, now()), at, isinstance(found, Recurring))


async def _read(members: Members, community_id: int, text: str, now: datetime) -> When:
    zone, locale = await members.zone(community_id)
    return parse_when(text, now=now, zone=zone, locale=locale)


def _reminder(reminder: Reminder, text: str) -> contract.ReminderView:
    at = reminder.due_at.astimezone(ZoneInfo(reminder.zone))
    return contract.ReminderView(
        number=reminder.number, label=reminder.label, text=text, when=f"{at:%a} {at.day} {at:%b %Y %H:%M %Z}",
        due_at=reminder.due_at, target=reminder.target, recurring=bool(reminder.rule), private=reminder.private,
        status=reminder.status, last_error=reminder.last_error,
    )  # fmt: skip
