"""What people can type: quotes, links, notes, votes, search. Reminders are in reminder_commands.py."""

from __future__ import annotations

from typing import Annotated, Literal

from flask_core.commands import After, Call, CommandGroup, Rest, per_member
from flask_core.datamodels import Reply, Role
from memories_interaction_module_flask.chatting import LABEL, Memories
from memories_interaction_module_flask.entries import parse_label

commands = CommandGroup("memories")
_ADDING = per_member(seconds=2)


@commands.command("quote")
async def quote(call: Call[Memories], number_or_words: Rest | None = None) -> Reply:
    """Show a quote: by chance, by its number, or by words in it."""
    if number_or_words is None:
        return await call.service.random(call.invocation)
    return await call.service.show(call.invocation, "quote", number_or_words)


@commands.command(
    "quote add", aliases=("addquote", "memories add quote"), cooldown=_ADDING, role=Role.MODERATOR, or_label=LABEL
)
async def quote_add(
    call: Call[Memories], text: Rest | None = None, author: Annotated[Rest | None, After("by")] = None
) -> Reply:
    """Save a quote; as a reply to a message, that message."""
    return Reply.chat(await call.service.add_quote(call.invocation, text or "", author or ""))


@commands.command("quote suggest", cooldown=_ADDING)
async def quote_suggest(
    call: Call[Memories], text: Rest | None = None, author: Annotated[Rest | None, After("by")] = None
) -> Reply:
    """Suggest a quote for the moderators to approve."""
    return Reply.chat(await call.service.add_quote(call.invocation, text or "", author or "", suggestion=True))


@commands.command("quote approve", role=Role.MODERATOR, or_label=LABEL)
async def quote_approve(call: Call[Memories], number: int) -> Reply:
    """Approve a suggestion."""
    made = await call.service.entries.decide(call.community, "quote", number, approve=True)
    return Reply.chat(f"{made.label} is in.")


@commands.command("quote reject", role=Role.MODERATOR, or_label=LABEL)
async def quote_reject(call: Call[Memories], number: int) -> Reply:
    """Reject a suggestion."""
    made = await call.service.entries.decide(call.community, "quote", number, approve=False)
    return Reply.chat(f"{made.label} is rejected.")


@commands.command("quote edit", aliases=("link edit", "note edit"))
async def edit(call: Call[Memories], entry: str, text: Rest) -> Reply:
    """Change the text of an entry; your own within 15 minutes."""
    return Reply.chat(await call.service.edit(call.invocation, _with_letter(call, entry), content=text))


@commands.command("quote by")
async def quotes_by(call: Call[Memories], name: Rest) -> Reply:
    """List the quotes of somebody; with a number first, change whose it is."""
    number, _, author = name.partition(" ")
    if number.lstrip("#").isdecimal() and author:
        return Reply.chat(await call.service.edit(call.invocation, number, author=author))
    return Reply.chat(await call.service.page(call.invocation, kind="quote", author=name.removeprefix("@")))


@commands.command(
    "quote delete",
    aliases=("quote remove", "delquote", "link delete", "note delete", "memories delete"),
)
async def delete(call: Call[Memories], entry: str) -> Reply:
    """Put an entry into the bin; your own within 15 minutes."""
    return Reply.chat(await call.service.delete(call.invocation, _with_letter(call, entry)))


@commands.command("quote restore", aliases=("link restore", "note restore"))
async def restore(call: Call[Memories], entry: str) -> Reply:
    """Take an entry out of the bin."""
    return Reply.chat(await call.service.restore(call.invocation, _with_letter(call, entry)))


@commands.command("quote vote", aliases=("memories vote",))
async def vote(call: Call[Memories], entry: str, how: str = "up") -> Reply:
    """Vote for an entry: up, down or none."""
    return Reply.chat(await call.service.vote(call.invocation, entry, how))


@commands.command("quote +", hidden=True)
async def vote_up(call: Call[Memories], entry: str) -> Reply:
    """Vote for an entry."""
    return Reply.chat(await call.service.vote(call.invocation, entry, "up"))


@commands.command("quote -", hidden=True)
async def vote_down(call: Call[Memories], entry: str) -> Reply:
    """Vote against an entry."""
    return Reply.chat(await call.service.vote(call.invocation, entry, "down"))


@commands.command("quote top")
async def quote_top(call: Call[Memories], page: int = 1) -> Reply:
    """List the best quotes."""
    return Reply.chat(await call.service.page(call.invocation, kind="quote", order="top", page=page))


@commands.command("quote search")
async def quote_search(call: Call[Memories], words: Rest) -> Reply:
    """Find quotes by their words."""
    return Reply.chat(await call.service.find(call.invocation, words, "quote"))


@commands.command("quote count")
async def quote_count(call: Call[Memories]) -> Reply:
    """Tell how many quotes there are."""
    count = await call.service.entries.count(call.community, "quote")
    return Reply.chat(f"{count} quote{'' if count == 1 else 's'}.")


@commands.command("link add", aliases=("memories add url",), cooldown=_ADDING, role=Role.MODERATOR, or_label=LABEL)
async def link_add(call: Call[Memories], title: str, url: str, description: Rest | None = None) -> Reply:
    """Save a link under a title."""
    return Reply.chat(await call.service.add(call.invocation, "link", title, url=url, content=description or ""))


@commands.command("link")
async def link(call: Call[Memories], number_or_words: Rest) -> Reply:
    """Show a link."""
    return await call.service.show(call.invocation, "link", number_or_words)


@commands.command("links")
async def links(call: Call[Memories], words: Rest | None = None) -> Reply:
    """List links, or find some by words."""
    if words:
        return Reply.chat(await call.service.find(call.invocation, words, "link"))
    return Reply.chat(await call.service.page(call.invocation, kind="link"))


@commands.command("note add", aliases=("memories add note",), cooldown=_ADDING, role=Role.MODERATOR, or_label=LABEL)
async def note_add(call: Call[Memories], title: str, text: Rest) -> Reply:
    """Save a note under a title; words that begin with # are its tags."""
    tags = tuple(word for word in text.split() if word.startswith("#") and len(word) > 1)
    content = " ".join(word for word in text.split(" ") if word not in tags).strip().strip('"')
    return Reply.chat(await call.service.add(call.invocation, "note", title, content=content, tags=tags))


@commands.command("note")
async def note(call: Call[Memories], number_or_words: Rest) -> Reply:
    """Show a note."""
    return await call.service.show(call.invocation, "note", number_or_words)


@commands.command("notes")
async def notes(call: Call[Memories], words: Rest | None = None) -> Reply:
    """List notes, or find some by words."""
    if words:
        return Reply.chat(await call.service.find(call.invocation, words, "note"))
    return Reply.chat(await call.service.page(call.invocation, kind="note"))


@commands.command("memories search")
async def search(call: Call[Memories], words: Rest) -> Reply:
    """Find quotes, links and notes by their words."""
    return Reply.chat(await call.service.find(call.invocation, words))


@commands.command("memories", aliases=("memories list",))
async def list_all(call: Call[Memories], kind: str = "", page: int = 1) -> Reply:
    """List what is kept here: quote, url or note."""
    chosen = {"url": "link", "quotes": "quote", "links": "link", "notes": "note"}.get(kind.lower(), kind.lower())
    return Reply.chat(await call.service.page(call.invocation, kind=chosen, page=page))


@commands.command("memories edit")
async def edit_field(
    call: Call[Memories],
    entry: str,
    field: Literal["text", "title", "url", "author", "tags", "context", "category"],
    value: Rest,
) -> Reply:
    """Change one field of an entry; your own within 15 minutes."""
    name, given = ("content" if field == "text" else field), (tuple(value.split()) if field == "tags" else value)
    return Reply.chat(await call.service.edit(call.invocation, entry, **{name: given}))


@commands.command("memories get")
async def get(call: Call[Memories], entry: str) -> Reply:
    """Show an entry by its number: 12, L4 or N7."""
    kind, _ = parse_label(entry)
    return await call.service.show(call.invocation, kind, entry)


def _with_letter(call: Call[Memories], entry: str) -> str:
    """`!link delete 4` means L4: the word before it says the kind."""
    letter = {"link": "L", "note": "N"}.get(call.invocation.invoked_as.partition(" ")[0], "")
    return entry if entry[:1].isalpha() else f"{letter}{entry.lstrip('#')}"
