"""Timers as moderators keep them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime

from flask_core.contracts.timers import TimerPlace, TimerSettings, TimerView
from flask_core.errors import Conflict, InvalidInput, NotFound, Stale
from router_module_flask.delivering.delivery import DeliveryQueue
from router_module_flask.timers.channels import Channels
from router_module_flask.timers.limits import CHANNELS, checked, checked_name
from router_module_flask.timers.models import Author, Timer, interval
from router_module_flask.timers.repository import TimerRepository, Waits
from router_module_flask.timers.running import Runs


class Timers:
    """The rules about timers."""

    def __init__(
        self,
        repository: TimerRepository,
        channels: Channels,
        runs: Runs,
        queue: DeliveryQueue,
        *,
        now: Callable[[], datetime],
        chance: random.Random | None = None,
    ) -> None:
        self._repository = repository
        self._channels = channels
        self._runs = runs
        self._queue = queue
        self._now = now
        self._chance = chance or random.Random()

    async def listed(self, community_id: int) -> list[TimerView]:
        """All, by name."""
        return [_view(timer, places) for timer, places in await self._repository.listed(community_id)]

    async def one(self, community_id: int, name: str) -> TimerView:
        """A timer by its name."""
        return await self._shown(await self._found(community_id, name))

    async def add(
        self, community_id: int, name: str, settings: TimerSettings, author: Author, *, enabled: bool = True
    ) -> TimerView:
        """A new timer. Raises Conflict for a taken name or the 51st."""
        name, settings = checked_name(name), checked(settings)
        channels = await self._places_for(community_id, settings)
        waits = self._waits(settings, channels)
        timer = await self._repository.add(
            community_id, name, settings, author, channels, waits, self._now(), enabled=enabled
        )  # fmt: skip
        return await self._shown(timer)

    async def change(
        self,
        community_id: int,
        name: str,
        by: Author,
        *,
        settings: TimerSettings | None = None,
        enabled: bool | None = None,
        version: int = 0,
    ) -> TimerView:
        """Other settings, or on and off. Who writes another command lends it their own rights."""
        timer = await self._found(community_id, name)
        if version and version != timer.version:
            raise Stale("Somebody else changed this timer meanwhile. Look at it again.")
        new = timer.settings if settings is None else checked(settings)
        author = timer.author if new.command == timer.settings.command else by
        channels = await self._places_for(community_id, new)
        on = timer.enabled if enabled is None else enabled
        changed = await self._repository.change(
            timer, new, author, by, channels, self._waits(new, channels), self._now(), enabled=on
        )
        return await self._shown(changed)

    async def remove(self, community_id: int, name: str, by: Author) -> None:
        """Forget one."""
        await self._repository.remove(await self._found(community_id, name), by, self._now())

    async def run(self, community_id: int, name: str, by: Author) -> TimerView:
        """Post now in all its channels, whatever its conditions say."""
        timer = await self._found(community_id, name)
        posted = 0
        for place in await self._repository.running(timer):
            context = await self._runs.context(place)
            if context.community.id != community_id:
                continue
            if timer.settings.command:
                outgoing, turn, said = [], place.turn, await self._runs.command(place, context)
            else:
                line, turn = self._runs.post(place, context)
                outgoing, said = [line], "posted"
            now, live = self._now(), (await self._runs.stream(place)).live
            next_at = now + interval(timer.settings, live, self._chance)
            new = await self._repository.ran_by_hand(place, outgoing, turn, f"by hand: {said}", next_at, by, now)
            self._queue.start(new)
            posted += 1
        if not posted:
            raise Conflict(f"{timer.name} has no channel to speak in.")
        return await self._shown(timer)

    async def _found(self, community_id: int, name: str) -> Timer:
        timer = await self._repository.one(community_id, name.strip().lower())
        if timer is None:
            raise NotFound(f"There is no timer {name[:25]} here.")
        return timer

    async def _shown(self, timer: Timer) -> TimerView:
        return _view(timer, await self._repository.places(timer))

    async def _places_for(self, community_id: int, settings: TimerSettings) -> list[str]:
        attached = await self._channels.of(community_id, fresh=True)
        strange = [key for key in settings.channels if key not in attached]
        if strange:
            raise InvalidInput(f"{strange[0]} is no channel of this community.", field="channels")
        wanted = list(settings.channels) or attached[:CHANNELS]
        if not wanted:
            raise InvalidInput("Attach a channel first.", field="channels")
        return wanted

    def _waits(self, settings: TimerSettings, channels: Sequence[str]) -> Waits:
        return [interval(settings, None, self._chance) for _ in channels]


def _view(timer: Timer, places: Sequence[TimerPlace]) -> TimerView:
    return TimerView(timer.name, timer.enabled, timer.settings, tuple(places), timer.author.name, timer.version)
