"""The operations on reminders and times."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask_core.contracts import memories as contract
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput
from flask_core.operations import Caller, Endpoints
from flask_core.when import Recurring, When, describe
from memories_interaction_module_flask.chatting import Memories
from memories_interaction_module_flask.members import Members
from memories_interaction_module_flask.models import By, Reminder
from memories_interaction_module_flask.reminder_rows import NewReminder
from memories_interaction_module_flask.times import told_in_a_list


def add_reminder_endpoints(api: Endpoints, memories: Memories) -> None:
    """Offer them."""
    reminding = memories.reminding
    reminders, members, times = reminding.reminders, reminding.members, reminding.times
    _add_changes(api, memories)

    @api.offers(contract.REMINDERS)
    async def listed(asked: contract.ListReminders, caller: Caller) -> contract.ReminderList:
        over = asked.state == "over"
        if asked.channel:
            caller.require(Role.MODERATOR)
            found = await reminders.listed(asked.community_id, channel=asked.channel, over=over)
        else:
            by = await members.acting(caller, asked.community_id)
            found = await reminders.listed(asked.community_id, owner=by.member_id, over=over)
        return contract.ReminderList(tuple(_reminder(r, reminders.text_of(r)) for r in found))

    @api.offers(contract.REMIND)
    async def remind(asked: contract.AddReminder, caller: Caller) -> contract.ReminderView:
        channel = ""
        if asked.channel:
            caller.require(Role.MODERATOR)
            channel = (await members.channel(asked.community_id, "", asked.channel)).key
        else:
            choices, _ = await memories.settings.read(asked.community_id)
            caller.require(Role.named(choices.remind_role))
        by = await members.acting(caller, asked.community_id)
        when = await _when(memories, asked.community_id, asked)
        new = await _new(members, asked, by, channel)
        made = await reminders.add(new, when)
        return _reminder(made, reminders.text_of(made))

    @api.offers(contract.WHEN)
    async def when(asked: contract.ReadWhen, _: Caller) -> contract.Understood:
        place = await members.place(asked.community_id, asked.zone)
        found = await times.read(asked.text, place, reminders.now())
        at = found.first if isinstance(found, Recurring) else found.at
        return contract.Understood(describe(found, reminders.now()), at, isinstance(found, Recurring))


def _add_changes(api: Endpoints, memories: Memories) -> None:
    reminders, members = memories.reminding.reminders, memories.reminding.members

    @api.offers(contract.CHANGE_REMINDER)
    async def change(asked: contract.PatchReminder, caller: Caller) -> contract.ReminderView:
        by = await members.acting(caller, asked.community_id)
        moves = bool(asked.when or asked.rrule)
        when = await _when(memories, asked.community_id, asked) if moves else None
        async with memories.database.transaction():
            if asked.text is not None:
                await reminders.reword(asked.community_id, asked.number, asked.text, by)
            if when is not None:
                await reminders.move(asked.community_id, asked.number, when, by)
            now = await reminders.theirs(asked.community_id, asked.number, by)
        return _reminder(now, reminders.text_of(now))

    @api.offers(contract.SNOOZE)
    async def snooze(asked: contract.SnoozeReminder, caller: Caller) -> contract.ReminderView:
        by = await members.acting(caller, asked.community_id)
        # What is no time span at all becomes one that is refused like any other.
        time = timedelta(minutes=min(max(asked.minutes, 0), 1_000_000))
        later = await reminders.snooze(asked.community_id, asked.number, time, by)
        return _reminder(later, reminders.text_of(later))

    @api.offers(contract.RENEW)
    async def renew(asked: contract.ReminderOf, caller: Caller) -> contract.ReminderView:
        by = await members.acting(caller, asked.community_id)
        renewed = await reminders.renew(asked.community_id, asked.number, by)
        return _reminder(renewed, reminders.text_of(renewed))

    @api.offers(contract.CANCEL)
    async def cancel(asked: contract.ReminderOf, caller: Caller) -> None:
        by = await members.acting(caller, asked.community_id)
        await reminders.cancel(asked.community_id, asked.number, by)


async def _new(members: Members, asked: contract.AddReminder, by: By, channel: str) -> NewReminder:
    """What is wanted; only somebody who is reminded alone has to be reached anywhere."""
    if channel:
        platform, _, _ = channel.partition(":")
        return NewReminder(asked.community_id, by.member_id, by.name, platform, "", channel, "channel", asked.text)
    platform, user_id = await members.account(asked.community_id, by.member_id)
    where = f"{platform}:dm:{user_id}"
    return NewReminder(
        asked.community_id, by.member_id, by.name, platform, user_id, where, "me", asked.text, asked.private
    )


async def _when(memories: Memories, community_id: int, asked: contract.AddReminder | contract.PatchReminder) -> When:
    """The time in words, or the rule of a form."""
    reminding = memories.reminding
    place, now = await reminding.members.place(community_id, asked.zone), reminding.reminders.now()
    if asked.rrule and asked.when:
        raise InvalidInput("Give a time in words or a rule, not both.", field="rrule")
    if asked.rrule:
        return await reminding.times.rule(asked.rrule, asked.clock, place, now)
    return await reminding.times.read(asked.when, place, now)


def _reminder(reminder: Reminder, text: str) -> contract.ReminderView:
    at = reminder.due_at.astimezone(ZoneInfo(reminder.zone))
    return contract.ReminderView(
        number=reminder.number, label=reminder.label, text=text, when=f"{at:%a} {at.day} {at:%b %Y %H:%M %Z}",
        due_at=reminder.due_at, target=reminder.target, recurring=bool(reminder.rule), private=reminder.private,
        status=reminder.status, last_error=reminder.last_error, rule=reminder.rule,
        ends_at=reminder.ends_at if reminder.rule else None, repeats=told_in_a_list(reminder) if reminder.rule else "",
    )  # fmt: skip
