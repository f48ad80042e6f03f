"""Finding entries by their words."""

from __future__ import annotations

from dataclasses import dataclass

from flask_core.errors import InvalidInput
from memories_interaction_module_flask.folding import fold
from memories_interaction_module_flask.memory_listing import MemoryListing, Wanted
from memories_interaction_module_flask.models import Memory

_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Search:
    """All words must match; the order is the same on both databases because it is made here."""

    listing: MemoryListing

    async def find(self, community_id: int, text: str, wanted: Wanted) -> list[Memory]:
        """Best first: the exact phrase, then all words in the content, then the rest; votes, then new, decide.

        Of `wanted` the filters count; order and pages do not.
        """
        phrase = fold(text)
        if len(phrase) < _FEWEST:
            raise InvalidInput(f"Search for at least {_FEWEST} characters.")
        words = phrase.split()[:10]
        found = await self.listing.search(community_id, words, wanted)
        return sorted(found, key=lambda memory: _rank(memory, phrase, words))


def _rank(memory: Memory, phrase: str, words: list[str]) -> int:
    content = f" {fold(memory.content)} "
    if f" {phrase}" in content:
        return 0
    return 1 if all(f" {word}" in content for word in words) else 2
