"""Memories of the community that belong to a question, as numbered data."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from ai_interaction_module_flask.cleaning import cut
from ai_interaction_module_flask.prompt import Attached
from flask_core.contracts import memories
from flask_core.errors import ServiceError
from flask_core.service_client import ServiceClient

log = logging.getLogger(__name__)

MOST, LONGEST, PATIENCE = 5, 500, 2.0
_HEADING = "Memories of this community, with their labels:"


@dataclass(frozen=True, slots=True)
class UsedMemories:
    """Texts by label."""

    texts: dict[str, str]

    def attached(self) -> Attached:
        """As data for the model."""
        return Attached(_HEADING, tuple(f"[{label}] {text}" for label, text in self.texts.items()))


NO_MEMORIES = UsedMemories({})


async def memories_for(client: ServiceClient, community_id: int, question: str) -> UsedMemories:
    """What the community kept about the words of a question; nothing while the module is away."""
    asked = memories.ListEntries(community_id, q=question[:200], per_page=MOST)
    try:
        page = await client.call("memories", memories.LIST, asked, timeout=PATIENCE)
    except ServiceError as error:
        log.info("no memories for this answer: %s", error.code)
        return NO_MEMORIES
    return UsedMemories({entry.label: _text(entry) for entry in page.items if not entry.private})


def _text(entry: memories.Entry) -> str:
    words = [entry.title, entry.content, entry.url, f"by {entry.author}" if entry.author else ""]
    return cut(" – ".join(" ".join(word.split()) for word in words if word), LONGEST)
