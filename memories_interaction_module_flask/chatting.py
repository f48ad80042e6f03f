"""What chat asks of memories, phrased: quotes, links, notes, votes, search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_core.community_settings import CommunitySettings
from flask_core.database import AsyncDAL
from flask_core.datamodels import Action, General, Invocation, Reply, Role
from flask_core.errors import InvalidInput, NotFound
from memories_interaction_module_flask.config import CommunityChoices
from memories_interaction_module_flask.entries import Entries, parse_label
from memories_interaction_module_flask.memory_listing import MemoryListing, Order, Wanted
from memories_interaction_module_flask.models import By, Kind, Memory, NewMemory
from memories_interaction_module_flask.phrasing import SHOWN, listed, told
from memories_interaction_module_flask.reminding import Reminding
from memories_interaction_module_flask.search import Search
from memories_interaction_module_flask.votes import WORDS, Votes

LABEL = "memories"


@dataclass(frozen=True, slots=True)
class Memories:
    """What command handlers find as `call.service`."""

    database: AsyncDAL
    entries: Entries
    votes: Votes
    searching: Search
    listing: MemoryListing
    reminding: Reminding
    settings: CommunitySettings[CommunityChoices]
    public_url: str = ""

    async def show(self, invocation: Invocation, kind: Kind, wanted: str) -> Reply:
        """An entry by its number, else the best hit for the words."""
        community_id = invocation.community.id
        if wanted.lstrip("#LlNn").isdecimal():
            _, number = parse_label(wanted)
            return await self.shown(await self.entries.recall(community_id, kind, number))
        hits = await self.searching.find(community_id, wanted, Wanted(kind))
        if not hits:
            raise NotFound(f"No {kind} with these words.")
        return await self.shown(await self.entries.recall(community_id, kind, hits[0].number))

    async def random(self, invocation: Invocation) -> Reply:
        """A quote by chance."""
        return await self.shown(await self.entries.random_quote(invocation.community.id, invocation.channel.key))

    async def shown(self, memory: Memory) -> Reply:
        """The entry in chat, and as a card on the overlay where the community wants that."""
        choices, _ = await self.settings.read(memory.community_id)
        cards: list[Action] = [_card(memory)] if memory.kind in choices.show_on_overlay else []
        return Reply.chat(told(memory), *cards, origin="external")

    async def add_quote(self, invocation: Invocation, text: str, author: str, *, suggestion: bool = False) -> str:
        """Save a quote from the line, or from the message that the line replies to."""
        account, replied = "", invocation.event.reply_to
        if not text and replied is not None and replied.text:
            text = replied.text
            if replied.account is not None:
                author = author or replied.account.name
                account = f"{invocation.event.platform}:{replied.account.user_id}"
        if not text:
            raise InvalidInput('Write the text: !quote add "text" by Name, or reply to a message with !quote add.')
        new = NewMemory(invocation.community.id, "quote", text, author=author.removeprefix("@"), author_account=account)
        if suggestion:
            made = await self.entries.suggest(new, by(invocation))
            return f"Thank you, suggestion {made.label} waits for a moderator."
        return f"Saved as quote {(await self.entries.add(new, by(invocation))).label}."

    async def add(self, invocation: Invocation, kind: Kind, title: str, **fields: Any) -> str:
        """Save a link or a note."""
        new = NewMemory(invocation.community.id, kind, title=title, **fields)
        if not title.strip():
            raise InvalidInput("Give it a title.")
        return f"Saved as {kind} {(await self.entries.add(new, by(invocation))).label}."

    async def edit(self, invocation: Invocation, label: str, **fields: Any) -> str:
        """Change an entry; old and new are told."""
        kind, number = parse_label(label)
        before, after = await self.entries.edit(invocation.community.id, kind, number, by(invocation), None, **fields)
        field = next(iter(fields))
        return f"{after.label}: {_said(getattr(before, field))} → {_said(getattr(after, field))}"

    async def delete(self, invocation: Invocation, label: str) -> str:
        """Put an entry into the bin."""
        kind, number = parse_label(label)
        gone = await self.entries.delete(invocation.community.id, kind, number, by(invocation))
        return f"Deleted {gone.label}. Undo: !{kind} restore {gone.label.lstrip('#')}"

    async def restore(self, invocation: Invocation, label: str) -> str:
        """Take an entry out of the bin."""
        kind, number = parse_label(label)
        back = await self.entries.restore(invocation.community.id, kind, number, by(invocation))
        return f"{back.label} is back."

    async def vote(self, invocation: Invocation, label: str, word: str) -> str:
        """Vote and hear the sum."""
        kind, number = parse_label(label)
        if word.lower() not in WORDS:
            raise InvalidInput("Vote up, down or none.")
        total = await self.votes.vote(
            invocation.community.id, kind, number, invocation.member.id, WORDS[word.lower()]
        )  # fmt: skip
        return (
            f"{kind[0].upper() if kind != 'quote' else '#'}{number} has {total} point{'' if abs(total) == 1 else 's'}."
        )

    async def page(
        self, invocation: Invocation, *, kind: str = "", order: Order = "number", author: str = "", page: int = 1
    ) -> str:
        """A page of five."""
        found, total = await self.listing.page(
            invocation.community.id, Wanted(kind, order=order, author=author, page=max(1, page), per_page=SHOWN)
        )
        if not found:
            raise NotFound("Nothing is kept here yet." if total == 0 else "There is no such page.")
        return listed(found, total - (max(1, page) - 1) * SHOWN, self._link(invocation))

    async def find(self, invocation: Invocation, words: str, kind: Kind | None = None) -> str:
        """Hits with their numbers."""
        hits = await self.searching.find(invocation.community.id, words, Wanted(kind or ""))
        if not hits:
            raise NotFound("Nothing with these words.")
        return listed(hits, len(hits), self._link(invocation))

    def _link(self, invocation: Invocation) -> str:
        return f"{self.public_url}/c/{invocation.community.id}/memories" if self.public_url else ""


def by(invocation: Invocation) -> By:
    """Who acts: moderators and members with the label may do more."""
    member = invocation.member
    return By(member.id, member.name, member.role >= Role.MODERATOR or LABEL in member.labels)


def _said(value: str | tuple[str, ...]) -> str:
    text = value if isinstance(value, str) else " ".join(value)
    return text or "(nothing)"


def _card(memory: Memory) -> General:
    return General(
        "memory_card",
        {
            "kind": memory.kind, "number": memory.number, "title": memory.title, "content": memory.content,
            "author": memory.author, "url": memory.url, "votes": memory.votes,
            "created_at": memory.created_at.isoformat(),
        },
        duration=15,
    )  # fmt: skip
