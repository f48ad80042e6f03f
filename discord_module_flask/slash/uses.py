"""Counts how often commands are used, so that a menu that cannot show all of them shows those."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from discord_module_flask.slash.uses_repository import UsesRepository
from flask_core.auth import utc_now


class Uses:
    """Counted in memory, written down now and then: a count that is lost with a process is no harm."""

    def __init__(self, repository: UsesRepository, now: Callable[[], datetime] = utc_now) -> None:
        self.repository = repository
        self._now = now
        self._counts: Counter[tuple[int, str]] = Counter()

    def count(self, community_id: int, line: str, roots: Collection[str]) -> None:
        """Somebody wrote a line, or chose what stands for it; only first words of commands count."""
        if not line.startswith(("!", "#")):
            return
        root = line[1:].partition(" ")[0].lower()
        if root in roots:
            self._counts[community_id, root] += 1

    async def write_down(self) -> None:
        """Keep what was counted since."""
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            await self.repository.add(counts, self._now())
        except BaseException:
            self._counts += counts
            raise

    async def before_today(self, community_id: int) -> Mapping[str, int]:
        """How often each first word was used, up to yesterday."""
        return await self.repository.before_today(community_id, self._now())
