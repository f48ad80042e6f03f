"""Which filters are on in a community, from memory: lines of chat wait for no table."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable

from flask_core.errors import ServiceError
from flask_core.shared_state import SharedState
from router_module_flask.moderation import shapes
from router_module_flask.moderation.filters import suffixes
from router_module_flask.moderation.filters.kinds import KINDS
from router_module_flask.moderation.filters.repository import FilterRepository
from router_module_flask.moderation.filters.settings import Active, FilterSettings, active

TOPIC = "router.filters"
FRESH_SECONDS = 60.0
_REMEMBERED = 10_000

type Filters = tuple[Active, ...]


class SwitchedOn:
    """What was read is used for a minute; a change is heard of at once, in all replicas."""

    def __init__(
        self, repository: FilterRepository, shared: SharedState, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._repository = repository
        self._shared = shared
        self._clock = clock
        self._kept: OrderedDict[int, tuple[float, Filters]] = OrderedDict()
        self._changes = 0

    def known(self, community_id: int) -> Filters | None:
        """The filters that are on, in their order, when that was read within the last minute."""
        kept = self._kept.get(community_id)
        return kept[1] if kept is not None and kept[0] > self._clock() else None

    async def read(self, community_id: int) -> Filters:
        """The filters that are on; what was known before, while the table is away."""
        known = self.known(community_id)
        if known is not None:
            return known
        changes = self._changes
        try:
            rows = await self._repository.all(community_id)
        except ServiceError:
            if community_id not in self._kept:
                raise
            return self._kept[community_id][1]
        filters = self._active(
            {name: settings for name, (settings, _) in rows.items() if settings.enabled}, community_id
        )
        # Somebody may have changed them while we read; then we would keep what is old already.
        if changes == self._changes:
            self._keep(community_id, filters)
        return filters

    def _active(self, settings: dict[str, FilterSettings], community_id: int) -> Filters:
        """Those that are set as before are used again: long lists of words take a while to compile."""
        before: dict[str, Active] = {one.kind.name: one for one in self._kept.get(community_id, (0.0, ()))[1]}
        return tuple(
            before[name] if name in before and before[name].settings == settings[name] else active(kind, settings[name])
            for name, kind in KINDS.items()
            if name in settings
        )

    def _keep(self, community_id: int, filters: Filters) -> None:
        self._kept[community_id] = (self._clock() + FRESH_SECONDS, filters)
        self._kept.move_to_end(community_id)
        if len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)

    async def changed(self, community_id: int) -> None:
        """Here and in all replicas: read again."""
        self._forget(community_id)
        try:
            await self._shared.publish(TOPIC, str(community_id).encode())
        except ServiceError:
            # It is kept; the others read it within a minute.
            return

    def _forget(self, community_id: int) -> None:
        self._changes += 1
        kept = self._kept.get(community_id)
        if kept is not None:
            # Kept as stale, so that an outage right after a change still has an answer.
            self._kept[community_id] = (self._clock() - 1, kept[1])

    async def listen(self) -> None:
        """For ever: hear of changes in other replicas."""
        await asyncio.to_thread(_prepare)
        async with self._shared.subscribe(TOPIC) as messages:
            async for topic, message in messages:
                # Without a topic the connection was lost for a while: anything may have changed.
                for community_id in [int(message)] if topic else list(self._kept):
                    self._forget(community_id)


def _prepare() -> None:
    suffixes.prepare()
    shapes.prepare()


def set_as(rows: dict[str, tuple[FilterSettings, int]], name: str) -> tuple[FilterSettings, int]:
    """How a filter is set, and its version; as it comes, while nobody touched it."""
    return rows.get(name) or (FilterSettings(), 0)
