"""The operations on quotes, links and notes."""

from __future__ import annotations

import msgspec

from flask_core.contracts import memories as contract
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, Stale
from flask_core.operations import Caller, Endpoints
from memories_interaction_module_flask.chatting import Memories
from memories_interaction_module_flask.members import Members
from memories_interaction_module_flask.memory_listing import Wanted
from memories_interaction_module_flask.models import By, Memory, NewMemory
from memories_interaction_module_flask.vote_repository import VoteRepository

MAX_PER_PAGE = 100


def add_entry_endpoints(api: Endpoints, memories: Memories, votes: VoteRepository, members: Members) -> None:
    """Offer them."""
    _add_quotes(api, memories)
    _add_decisions(api, memories, members)
    entries = memories.entries

    @api.offers(contract.LIST)
    async def page(asked: contract.ListEntries, caller: Caller) -> contract.EntryPage:
        trusted = _sees_all(caller)
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
            asked.community_id, asked.kind, asked.content, asked.title, asked.url, asked.author,
            _account(asked, by), asked.tags,
            private=asked.private and by.trusted, context=asked.context, category=asked.category,
        )  # fmt: skip
        return _entry(
            await (entries.add(new, by, in_chat=False) if by.trusted else entries.suggest(new, by, in_chat=False))
        )

    @api.offers(contract.GET)
    async def show(asked: contract.EntryOf, caller: Caller) -> contract.Entry:
        trusted = _sees_all(caller)
        return _entry(await entries.show(asked.community_id, asked.kind, asked.number, private=trusted))

    @api.offers(contract.PATCH)
    async def patch(asked: contract.PatchEntry, caller: Caller) -> contract.Entry:
        by = await members.acting(caller, asked.community_id)
        if asked.private is not None and not by.trusted:
            raise Forbidden("Only moderators see and make private notes.")
        names = ("content", "title", "url", "author", "tags", "context", "category", "private")
        fields = {name: getattr(asked, name) for name in names if getattr(asked, name) is not None}
        try:
            _, after = await entries.edit(asked.community_id, asked.kind, asked.number, by, asked.version, **fields)
        except Stale as stale:
            now = await entries.show(asked.community_id, asked.kind, asked.number, private=by.trusted)
            raise Stale(stale.message, current=msgspec.to_builtins(_entry(now))) from None
        return _entry(after)


def _add_quotes(api: Endpoints, memories: Memories) -> None:
    entries = memories.entries

    @api.offers(contract.RANDOM)
    async def any_quote(asked: contract.RandomQuote, caller: Caller) -> contract.Entry:
        return _entry(_counted(memories, await entries.any_quote(asked.community_id, asked.category), caller))

    @api.offers(contract.QUOTE)
    async def quote(asked: contract.QuoteOf, caller: Caller) -> contract.Entry:
        return _entry(_counted(memories, await entries.show(asked.community_id, "quote", asked.number), caller))


def _add_decisions(api: Endpoints, memories: Memories, members: Members) -> None:
    entries = memories.entries

    @api.offers(contract.DELETE)
    async def delete(asked: contract.EntryOf, caller: Caller) -> None:
        by = await members.acting(caller, asked.community_id)
        await entries.delete(asked.community_id, asked.kind, asked.number, by)

    @api.offers(contract.EMPTY_BIN)
    async def empty_bin(asked: contract.CommunityId, _: Caller) -> contract.Emptied:
        return contract.Emptied(await entries.repository.empty_bin_of(asked.community_id))

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


def _account(asked: contract.AddEntry, by: By) -> str:
    """`platform:user_id` of who said it, as far as we take somebody's word for it."""
    platform, _, user_id = asked.author_account.partition(":")
    return asked.author_account if by.trusted and platform and user_id and len(asked.author_account) <= 200 else ""


def _counted(memories: Memories, memory: Memory, caller: Caller) -> Memory:
    """An alias says it in chat, and that counts as a use; the portal does not."""
    if caller.acting is None:
        memories.entries.uses.count(memory)
    return memory


def _sees_all(caller: Caller) -> bool:
    """Moderators do, unless what they ask for goes to a model."""
    return caller.acting is not None and caller.role >= Role.MODERATOR and caller.service != "ai"


async def _find(memories: Memories, asked: contract.ListEntries, *, private: bool) -> tuple[list[Memory], int, int]:
    """The page asked for, how many there are in all, and the size of a page."""
    per_page, page = min(max(1, asked.per_page), MAX_PER_PAGE), max(1, asked.page)
    wanted = Wanted(
        asked.kind, asked.state, asked.sort, asked.author, private, asked.tag, asked.category, page, per_page
    )  # fmt: skip
    if asked.q:
        hits = await memories.searching.find(asked.community_id, asked.q, wanted)
        return hits[(page - 1) * per_page : page * per_page], len(hits), per_page
    found, total = await memories.listing.page(asked.community_id, wanted)
    return found, total, per_page


def _entry(memory: Memory, own_vote: int = 0) -> contract.Entry:
    return contract.Entry(
        kind=memory.kind, number=memory.number, label=memory.label, title=memory.title, content=memory.content,
        url=memory.url, author=memory.author, tags=memory.tags, state=memory.state, private=memory.private,
        votes=memory.votes, own_vote=own_vote, uses=memory.uses, version=memory.version,
        created_name=memory.created_name, created_at=memory.created_at,
        context=memory.context, category=memory.category,
    )  # fmt: skip
