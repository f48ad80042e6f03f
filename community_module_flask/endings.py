"""Deleting a community and bringing it back; after its time it goes from every module, and then from here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from community_module_flask.channel_repository import ChannelRepository
from community_module_flask.communities import check_texts, slug_of
from community_module_flask.ending_repository import EndingRepository
from community_module_flask.publishing import Publisher
from flask_core.auth import utc_now
from flask_core.contracts.community import GLOBAL_COMMUNITY, Community
from flask_core.contracts.community_endings import Deleted, RestoreCommunity
from flask_core.errors import Forbidden
from flask_core.shared_state import SharedState

_TODAY = "community:endings"
_EVERY_SECONDS = 86_400.0
_LOOK_SECONDS = 3_600.0


class Endings:
    """A deleted community can be read by its members and changed by nobody; its channels are nobody's."""

    def __init__(
        self,
        repository: EndingRepository,
        channels: ChannelRepository,
        publisher: Publisher,
        *,
        days: int,
        max_owned: int,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._channels = channels
        self._publisher = publisher
        self._time = timedelta(days=days)
        self._max_owned = max_owned
        self._now = now

    @property
    def days(self) -> int:
        """How long a deleted community can be brought back."""
        return self._time.days

    async def delete(self, community_id: int, slug: str, actor: str) -> Deleted:
        """From the next message on its channels belong to the global community."""
        if community_id == GLOBAL_COMMUNITY:
            raise Forbidden("The global community stays.")
        now = self._now()
        found = await self._repository.delete(community_id, slug.strip().lower(), actor, now)
        await self._tell(community_id)
        return Deleted(found.id, found.slug, found.name, now, now + self._time)

    async def restore(self, asked: RestoreCommunity, person_id: str) -> Community:
        """Its owner brings it back, with every channel that nobody attached elsewhere meanwhile."""
        name = asked.name.strip()
        if name:
            check_texts(name, None, None)
        now = self._now()
        found = await self._repository.restore(
            asked.community_id, person_id, (name, slug_of(name)) if name else None, now,
            deleted_after=now - self._time, max_owned=self._max_owned,
        )  # fmt: skip
        await self._tell(asked.community_id)
        return found

    async def _tell(self, community_id: int) -> None:
        await self._publisher.community_changed(community_id)
        for channel in await self._channels.left_of(community_id):
            await self._publisher.channel_changed(channel)

    async def deleted_of(self, person_id: str) -> tuple[Deleted, ...]:
        """A person's own that can still be brought back."""
        found = await self._repository.deleted_of(person_id, self._now() - self._time)
        return tuple(Deleted(*row, row[3] + self._time) for row in found)

    async def end_due(self) -> int:
        """Let modules be told of communities whose time is over; how many there were."""
        now = self._now()
        return await self._repository.ended(now - self._time, now)


class EndingJob:
    """Once a day, in one of the replicas."""

    def __init__(self, endings: Endings, shared: SharedState) -> None:
        self._endings = endings
        self._shared = shared

    async def run(self) -> None:
        """For ever."""
        while True:
            await self.look()
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> int:
        """End what is due, unless somebody did so today; how many there were."""
        if not await self._shared.claim_once(_TODAY, _EVERY_SECONDS - _LOOK_SECONDS):
            return 0
        return await self._endings.end_due()
