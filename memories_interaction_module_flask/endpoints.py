"""What memories offers other modules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_core.contracts import community
from flask_core.contracts import memories as contract
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, InvalidInput
from flask_core.operations import Caller, Endpoints
from flask_core.service_client import ServiceClient
from flask_core.when import Recurring, When, describe, parse_when
from memories_interaction_module_flask.chatting import Memories
from memories_interaction_module_flask.importing import Importing
from memories_interaction_module_flask.models import By, Memory, NewMemory, Reminder
from memories_interaction_module_flask.reminder_repository import NewReminder
from memories_interaction_module_flask.vote_repository import VoteRepository

MAX_PER_PAGE = 100


class Members:
    """Who a portal's person is in a community."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def acting(self, caller: Caller, community_id: int) -> By:
        """The member behind the caller, trusted from moderator on."""
        person = caller.person
        known = await self._client.call(
            "community", community.ROLE_OF, community.RoleOf(community_id, person.person_id)
        )  # fmt: skip
        return By(known.member_id or person.person_id, person.name or "somebody", caller.role >= Role.MODERATOR)

    async def zone(self, community_id: int) -> tuple[ZoneInfo, str]:
        """The community's time zone and locale."""
        found = await self._client.call("community", community.GET, community.CommunityId(community_id))
        return ZoneInfo(found.time_zone), found.locale

    async def account(self, community_id: int, member_id: str) -> tuple[str, str]:
        """Where a member is reached: platform and user id of the first account."""
        member = await self._client.call(
            "community", community.MEMBER, community.MemberOf(community_id, member_id)
        )  # fmt: skip
        if not member.accounts:
            raise InvalidInput("Write in a channel of this community once, so that I know where to reach you.")
        return member.accounts[0].platform, member.accounts[0].user_id


def endpoints(
    memories: Memories, importing: Importing, votes: VoteRepository, members: Members, now: Callable[[], datetime]
) -> Endpoints:
    """The operations of memories."""
    api = Endpoints()
    _about_entries(api, memories, votes, members)
    _about_reminders(api, memories, members, now)

    @api.offers(contract.IMPORT)
    async def import_entries(asked: contract.ImportEntries, caller: Caller) -> contract.ImportReport:
        return await importing.bring(asked, await members.acting(caller, asked.community_id))

    @api.offers(contract.EXPORT)
    async def export(asked: contract.ExportEntries, _: Caller) -> contract.ExportText:
        return contract.ExportText(await importing.export(asked.community_id, asked.format))

    return api


def _about_entries(api: Endpoints, memories: Memories, votes: VoteRepository, members: Members) -> None:
    entries = memories.entries

    @api.offers(contract.LIST)
    async def page(asked: contract.ListEntries, caller: Caller) -> contract.EntryPage:
        trusted = caller.acting is not None and caller.role >= Role.MODERATOR
        if asked.state != "approved" and not trusted:
            raise Forbidden("Only moderators see suggestions and the bin.")
        found, total, per_page = await _find(memories, asked, private=trusted)
        own: dict[int, int] = {}
        if caller.acting is not None:
            by = await members.acting(caller, asked.community_id)
            own = await votes.of_member([memory.id for memory in found], by.member_id)
        items = tuple(_entry(memory, own.get(memory.id, 0)) for memory in found)
        return contract.EntryPage(items, max(1, asked.page), per_page, total)

    @api.offers(contract.ADD)
    async def add(asked: contract.AddEntry, caller: Caller) -> contract.Entry:
        by = await members.acting(caller, asked.community_id)
        new = NewMemory(
            asked.community_id, asked.kind, asked.content, asked.title, asked.url, asked.author, tags=asked.tags,
            private=asked.private and by.trusted,
        )  # fmt: skip
        return _entry(await (entries.add(new, by, in_chat=False) if by.trusted else entries.suggest(new, by)))

    @api.offers(contract.GET)
    async def show(asked: contract.EntryOf, caller: Caller) -> contract.Entry:
        trusted = caller.acting is not None and caller.role >= Role.MODERATOR
        return _entry(await entries.show(asked.community_id, asked.kind, asked.number, private=trusted))

    @api.offers(contract.PATCH)
    async def patch(asked: contract.PatchEntry, caller: Caller) -> contract.Entry:
        by = await members.acting(caller, asked.community_id)
        names = ("content", "title", "url", "author", "tags")
        fields = {name: getattr(asked, name) for name in names if getattr(asked, name) is not None}
        _, after = await entries.edit(asked.community_id, asked.kind, asked.number, by, asked.version, **fields)
        return _entry(after)

    @api.offers(contract.DELETE)
    async def delete(asked: contract.EntryOf, caller: Caller) -> contract.Entry:
        by = await members.acting(caller, asked.community_id)
        return _entry(await entries.delete(asked.community_id, asked.kind, asked.number, by))

    @api.offers(contract.RESTORE)
    async def restore(asked: contract.EntryOf, caller: Caller) -> contract.Entry:
        by = await members.acting(caller, asked.community_id)
        return _entry(await entries.restore(asked.community_id, asked.kind, asked.number, by))

    @api.offers(contract.APPROVE)
    async def approve(asked: contract.EntryOf, _: Caller) -> contract.Entry:
        return _entry(await entries.decide(asked.community_id, asked.kind, asked.number, approve=True))

    @api.offers(contract.REJECT)
    async def reject(asked: contract.EntryOf, _: Caller) -> contract.Entry:
        return _entry(await entries.decide(asked.community_id, asked.kind, asked.number, approve=False))

    @api.offers(contract.VOTE)
    async def vote(asked: contract.Vote, caller: Caller) -> contract.Total:
        by = await members.acting(caller, asked.community_id)
        total = await memories.votes.vote(asked.community_id, asked.kind, asked.number, by.member_id, asked.value)
        return contract.Total(total)


async def _find(memories: Memories, asked: contract.ListEntries, *, private: bool) -> tuple[list[Memory], int, int]:
    """The page asked for, how many there are in all, and the size of a page."""
    per_page, page = min(max(1, asked.per_page), MAX_PER_PAGE), max(1, asked.page)
    if asked.q:
        kind = asked.kind if asked.kind in {"quote", "link", "note"} else None
        hits = await memories.searching.find(asked.community_id, asked.q, kind, private=private)  # type: ignore[arg-type]
        return hits[(page - 1) * per_page : page * per_page], len(hits), per_page
    found, total = await memories.repository.page(
        asked.community_id, kind=asked.kind, state=asked.state, order=asked.sort, author=asked.author,
        private=private, page=page, per_page=per_page,
    )  # fmt: skip
    return found, total, per_page


def _about_reminders(api: Endpoints, memories: Memories, members: Members, now: Callable[[], datetime]) -> None:
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


def _entry(memory: Memory, own_vote: int = 0) -> contract.Entry:
    return contract.Entry(
        kind=memory.kind, number=memory.number, label=memory.label, title=memory.title, content=memory.content,
        url=memory.url, author=memory.author, tags=memory.tags, state=memory.state, private=memory.private,
        votes=memory.votes, own_vote=own_vote, uses=memory.uses, version=memory.version,
        created_name=memory.created_name, created_at=memory.created_at,
    )  # fmt: skip


def _reminder(reminder: Reminder, text: str) -> contract.ReminderView:
    at = reminder.due_at.astimezone(ZoneInfo(reminder.zone))
    return contract.ReminderView(
        number=reminder.number, label=reminder.label, text=text, when=f"{at:%a} {at.day} {at:%b %Y %H:%M %Z}",
        due_at=reminder.due_at, target=reminder.target, recurring=bool(reminder.rule), private=reminder.private,
        status=reminder.status, last_error=reminder.last_error,
    )  # fmt: skip
