"""How entries read in chat."""

from __future__ import annotations

from collections.abc import Sequence

from memories_interaction_module_flask.models import Memory

SHOWN = 5


def told(memory: Memory) -> str:
    """One entry: `#12: "ship it" — Grace, 1 Mar 2026 [Celeste]`."""
    if memory.kind == "quote":
        author = f" — {memory.author}" if memory.author else ""
        day = memory.created_at
        context = f" [{memory.context}]" if memory.context else ""
        return f'{memory.label}: "{memory.content}"{author}, {day.day} {day:%b %Y}{context}'
    if memory.kind == "link":
        about = f" ({memory.content})" if memory.content else ""
        return f"{memory.label} {memory.title}: {memory.url}{about}"
    return f"{memory.label} {memory.title}: {memory.content}"


def in_short(memory: Memory) -> str:
    """One entry in a list: `#12 (7) "ship it" — Grace`."""
    votes = f" ({memory.votes})" if memory.votes else ""
    if memory.kind == "quote":
        text = memory.content if len(memory.content) <= 60 else f"{memory.content[:57]}…"
        return f'{memory.label}{votes} "{text}"{f" — {memory.author}" if memory.author else ""}'
    return f"{memory.label}{votes} {memory.title}"


def listed(memories: Sequence[Memory], total: int, link: str = "") -> str:
    """Five at most, then how many more and where."""
    said = " · ".join(in_short(memory) for memory in memories[:SHOWN])
    return said + more(total - min(SHOWN, len(memories)), link)


def more(count: int, link: str = "") -> str:
    """How many are not shown, and where they are."""
    where = f": {link}" if link else ""
    return f" (+{count} more{where})" if count > 0 else ""
