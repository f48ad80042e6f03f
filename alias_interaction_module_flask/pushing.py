"""Keeps the router's list of own commands as it is here: told at every change, by one replica, until it has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from alias_interaction_module_flask.entry_repository import EntryRepository
from alias_interaction_module_flask.making_room import MakingRoom
from alias_interaction_module_flask.push_repository import Push, PushRepository
from alias_interaction_module_flask.router_names import RouterNames
from flask_core.auth import utc_now
from flask_core.due_work import Due, DueWork, Result, State
from flask_core.errors import Stale

_COMPARE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Pushing:
    """The work on one row: read everything, hand it over, make room for what modules have taken meanwhile."""

    rows: PushRepository
    entries: EntryRepository
    names: RouterNames
    making_room: MakingRoom
    now: Callable[[], datetime] = utc_now
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def push(self, due: Due[Push]) -> Result:
        """Hand the newest set over."""
        community_id = due.row.community_id
        entries = await self.entries.all(community_id)
        try:
            state = await self.names.push(community_id, due.row.version, entries)
        except Stale:
            # Another replica pushed a newer one; whatever came after that made the row due again.
            return due.ends(State.DELIVERED)
        for name in state.taken:
            await self.making_room.rename(community_id, name)
        return due.ends(State.DELIVERED)

    async def compare(self) -> None:
        """Tell again what the router has otherwise, after it lost something. Raises Unavailable."""
        if await self.rows.push_again(await self.names.versions(), self.now()):
            self.wake()

    async def watch(self) -> None:
        """For ever: compare every ten minutes."""
        while True:
            await asyncio.sleep(_COMPARE_SECONDS)
            await self.compare()

    def wake(self) -> None:
        """There is something to push: do not wait for the next round."""
        self._woken.set()

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return
        finally:
            self._woken.clear()

    def loop(self, owner: str) -> DueWork[Push]:
        """What every replica runs."""
        return DueWork(self.rows, self.push, now=self.now, owner=owner, sleep=self._sleep)
