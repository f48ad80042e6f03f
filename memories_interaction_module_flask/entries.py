"""Quotes, links and notes: adding, changing, deleting, approving, showing."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.community_settings import CommunitySettings
from flask_core.errors import Conflict, Forbidden, InvalidInput, LimitReached, NotFound, Stale
from memories_interaction_module_flask.config import CommunityChoices
from memories_interaction_module_flask.limits import checked
from memories_interaction_module_flask.memory_listing import MemoryListing
from memories_interaction_module_flask.memory_repository import MemoryRepository
from memories_interaction_module_flask.models import LETTERS, By, Kind, Memory, NewMemory
from memories_interaction_module_flask.recent import RecentQuotes
from memories_interaction_module_flask.titles import ask_for_title
from memories_interaction_module_flask.uses import Uses

BIN = timedelta(days=30)
HISTORY = timedelta(days=365)
OPEN_SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Entries:
    """The rules about entries; `by` is who acts."""

    repository: MemoryRepository
    listing: MemoryListing
    settings: CommunitySettings[CommunityChoices]
    recent: RecentQuotes
    uses: Uses
    max_entries: int
    now: Callable[[], datetime] = utc_now
    pick: Callable[[list[int]], int] = random.choice

    async def add(self, new: NewMemory, by: By, *, in_chat: bool = True) -> Memory:
        """Keep something. Raises Conflict with the number of the same text, InvalidInput for what breaks a limit."""
        new, then = checked(new, in_chat=in_chat), None
        if new.kind == "link" and new.state == "approved":
            choices, _ = await self.settings.read(new.community_id)
            then = ask_for_title if choices.fetch_titles else None
        return await self.repository.add(new, by, self.now(), at_most=self.max_entries, then=then)

    async def suggest(self, new: NewMemory, by: By, *, in_chat: bool = True) -> Memory:
        """Keep a suggestion until somebody trusted decides."""
        choices, _ = await self.settings.read(new.community_id)
        if not choices.suggestions:
            raise Forbidden("Suggestions are off here. Ask a moderator to add it.")
        if await self.listing.pending_of(new.community_id, by.member_id) >= OPEN_SUGGESTIONS:
            raise LimitReached(f"{OPEN_SUGGESTIONS} of your suggestions wait already.")
        return await self.add(replace(new, state="pending"), by, in_chat=in_chat)

    async def decide(self, community_id: int, kind: Kind, number: int, *, approve: bool) -> Memory:
        """Approve or reject a suggestion."""
        memory = await self._any(community_id, kind, number)
        if memory.state != "pending":
            raise Conflict(f"{memory.label} is not waiting for a decision.")
        return await self.repository.set_state(memory, "approved" if approve else "deleted", self.now())

    async def show(self, community_id: int, kind: Kind, number: int, *, private: bool = False) -> Memory:
        """An approved entry. What was deleted, waits, or is private does not exist."""
        memory = await self.repository.one(community_id, kind, number)
        if memory is None or memory.state != "approved" or (memory.private and not private):
            raise NotFound(f"There is no {LETTERS[kind]}{number}.")
        return memory

    async def recall(self, community_id: int, kind: Kind, number: int) -> Memory:
        """Show an entry in chat, which counts as a use."""
        memory = await self.show(community_id, kind, number)
        self.uses.count(memory)
        return memory

    async def any_quote(self, community_id: int, category: str = "") -> Memory:
        """Any quote, in a category where one is named."""
        numbers = await self.listing.numbers(community_id, "quote", category)
        if not numbers:
            raise NotFound(f"No quotes in {category[:60]} yet." if category else "No quotes yet.")
        return await self.show(community_id, "quote", self.pick(numbers))

    async def random_quote(self, community_id: int, channel: str) -> Memory:
        """Any quote but the last five of the channel, while there are others."""
        numbers = await self.listing.numbers(community_id, "quote")
        if not numbers:
            raise NotFound('No quotes yet. Add one: !quote add "text" by Name')
        lately = await self.recent.of(channel)
        number = self.pick([number for number in numbers if number not in lately] or numbers)
        await self.recent.shown(channel, number)
        return await self.recall(community_id, "quote", number)

    async def edit(
        self, community_id: int, kind: Kind, number: int, by: By, version: int | None = None, **fields: object
    ) -> tuple[Memory, Memory]:
        """Change fields; returns before and after. Raises Stale when `version` is not the present one."""
        before = await self.show(community_id, kind, number, private=by.trusted)
        await self._may_change(before, by)
        if version is not None and version != before.version:
            raise Stale(f"Somebody changed {before.label} meanwhile.")
        wanted = checked(replace(before.as_new(), **fields), in_chat=False)  # type: ignore[arg-type]
        after = await self.repository.change(before, wanted, by, self.now())
        if after is None:
            raise Stale(f"Somebody changed {before.label} meanwhile.")
        return before, after

    async def delete(self, community_id: int, kind: Kind, number: int, by: By) -> Memory:
        """Put an entry into the bin for 30 days; its number stays its own."""
        memory = await self.show(community_id, kind, number, private=by.trusted)
        await self._may_change(memory, by)
        return await self.repository.set_state(memory, "deleted", self.now(), deleted_by=by.member_id)

    async def restore(self, community_id: int, kind: Kind, number: int, by: By) -> Memory:
        """Take an entry out of the bin: what one deleted oneself, or, for those trusted, anything."""
        memory = await self._any(community_id, kind, number)
        if memory.state != "deleted":
            raise Conflict(f"{memory.label} is not in the bin.")
        if not by.trusted and memory.deleted_by != by.member_id:
            raise Forbidden(f"Only moderators bring {memory.label} back, or who deleted it.")
        return await self.repository.set_state(memory, "approved", self.now())

    async def count(self, community_id: int, kind: Kind) -> int:
        """How many there are."""
        return await self.listing.count(community_id, kind)

    async def _any(self, community_id: int, kind: Kind, number: int) -> Memory:
        memory = await self.repository.one(community_id, kind, number)
        if memory is None:
            raise NotFound(f"There is no {LETTERS[kind]}{number}.")
        return memory

    async def _may_change(self, memory: Memory, by: By) -> None:
        if by.trusted:
            return
        choices, _ = await self.settings.read(memory.community_id)
        minutes = choices.own_edit_minutes
        if memory.created_by == by.member_id and self.now() - memory.created_at <= timedelta(minutes=minutes):
            return
        raise Forbidden(f"Only moderators can change {memory.label}, or its author within {minutes} minutes.")

    async def sweep(self) -> int:
        """Forget the bin after 30 days and the history after a year."""
        return await self.repository.empty_bin(self.now() - BIN, self.now() - HISTORY)


def parse_label(text: str) -> tuple[Kind, int]:
    """`12`, `#12`, `L4` or `n7` as kind and number; raises InvalidInput for anything else."""
    word = text.strip().lstrip("#").lower()
    letter, digits = (word[0], word[1:]) if word[:1].isalpha() else ("", word)
    kinds: dict[str, Kind] = {"": "quote", "l": "link", "n": "note"}
    if letter not in kinds or not digits.isdecimal() or len(digits) > 15:
        raise InvalidInput("Name an entry by its number: 12, L4 or N7.")
    return kinds[letter], int(digits)
