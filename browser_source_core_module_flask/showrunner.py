"""Runs the lanes of communities that have pages here, one replica per community, and tells all pages."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, get_args

import msgspec

from browser_source_core_module_flask.item_repository import ItemRepository, Row
from browser_source_core_module_flask.lanes import plan
from browser_source_core_module_flask.pages import Audience
from flask_core.auth import utc_now
from flask_core.contracts import browser_source as contract
from flask_core.errors import ServiceError
from flask_core.shared_state import MISSED, SharedState

log = logging.getLogger(__name__)

LEASE_SECONDS = 10.0
_STEP_SECONDS = 0.25
_AGAIN_SECONDS = 1.0
_WIDGET = {"alerts": "alerts", "ticker": "ticker", "media": "media", "general": "general"}

type Place = tuple[int, str]


class Showrunner:
    """A task per community and stage, for as long as a page of it is connected to this process."""

    def __init__(
        self,
        items: ItemRepository,
        audience: Audience,
        shared: SharedState,
        owner: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._items = items
        self._audience = audience
        self._shared = shared
        self._owner = owner
        self._now = now
        self._tasks: dict[Place, asyncio.Task[None]] = {}
        self._wakes: dict[Place, asyncio.Event] = {}
        audience.on_first, audience.on_last = self._begin, self._end

    def _begin(self, place: Place) -> None:
        self._wakes[place] = asyncio.Event()
        self._tasks[place] = asyncio.create_task(self._run(place))

    def _end(self, place: Place) -> None:
        self._wakes.pop(place, None)
        if task := self._tasks.pop(place, None):
            task.cancel()

    async def _run(self, place: Place) -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(self._listen(place))
            both.create_task(self._lanes(place))

    async def _listen(self, place: Place) -> None:
        """Hand on what any replica published for this place; after a gap every page gets the whole state."""
        while True:
            try:
                async with self._shared.subscribe(_topic(place)) as messages:
                    # What was shown before we listened, or while we did not, is on screen for everybody else.
                    self._hand_on(place, *MISSED)
                    async for topic, message in messages:
                        self._hand_on(place, topic, message)
            except ServiceError as error:
                log.warning("the pages wait: %s", error.code)
            await asyncio.sleep(_AGAIN_SECONDS)

    def _hand_on(self, place: Place, topic: str, message: bytes) -> None:
        widget, _, text = message.decode().partition("\n")
        if widget == "wake":
            self._wake(place)
        elif widget == "ended":
            overlay_id, ended, seconds = msgspec.json.decode(text, type=tuple[int, str, float])
            self._audience.end(place, overlay_id, ended, time.monotonic() + seconds)
        elif topic:
            self._audience.broadcast(place, widget, text)
        else:
            self._audience.missed(place)

    def _wake(self, place: Place) -> None:
        if wake := self._wakes.get(place):
            wake.set()

    async def wake(self, place: Place) -> None:
        """Something changed: whoever runs the lanes looks at once."""
        self._wake(place)
        await self._shared.publish(_topic(place), b"wake\n")

    async def _lanes(self, place: Place) -> None:
        """Step while this replica holds the lease; look now and then whether it became free."""
        lease, free_at = f"overlay:lanes:{place[0]}:{place[1]}", dict[str, datetime]()
        held, renew_at = False, 0.0
        try:
            while wake := self._wakes.get(place):
                try:
                    if not held or renew_at < time.monotonic():
                        renew_at = time.monotonic() + LEASE_SECONDS / 3
                        held = await self._shared.lease(lease, self._owner, LEASE_SECONDS)
                    if held:
                        await self.step(place, free_at)
                except ServiceError as error:
                    held = False
                    log.warning("the lanes wait: %s", error.code)
                with suppress(TimeoutError):
                    async with asyncio.timeout(_STEP_SECONDS):
                        await wake.wait()
                        wake.clear()
        finally:
            # Or the replica where the next page is would wait until the lease ends by itself.
            with suppress(ServiceError):
                await self._shared.release(lease, self._owner)

    async def step(self, place: Place, free_at: dict[str, datetime]) -> None:
        """Look at all lanes once: write down, then tell."""
        rows, paused = await asyncio.gather(self._items.open_rows(*place), self.paused(place))
        if not rows:
            return
        watched = any(page.visible for page in self._audience.at(place))
        made = plan(rows, self._now(), paused=paused, watched=watched, free_at=free_at)
        if made.changes:
            await self._items.change(place[0], made.changes)
        for row in made.hide:
            await self.publish(place, row.lane, "hide", number=row.number, reason="over")
        for row in made.show:
            await self.publish(place, row.lane, "show", **shown(row, self._now()))

    async def publish(self, place: Place, widget: str, kind: str, **content: Any) -> None:
        """Tell every page of the place, on all replicas, with the next number of the sequence."""
        seq = await self._shared.increment(f"overlay:seq:{place[0]}:{place[1]}", 7 * 86_400)
        text = msgspec.json.encode({"v": 1, "seq": seq, "type": kind, "widget": widget, **content}).decode()
        await self._shared.publish(_topic(place), f"{_WIDGET.get(widget, '')}\n{text}".encode())

    async def end_pages(self, community_id: int, overlay_id: int, widget: str, after: timedelta) -> None:
        """The address of an overlay or widget ends after a while, or at once, on all replicas and stages."""
        text = msgspec.json.encode((overlay_id, widget, after.total_seconds())).decode()
        for stage in get_args(contract.Stage):
            self._audience.end((community_id, stage), overlay_id, widget, time.monotonic() + after.total_seconds())
            await self._shared.publish(_topic((community_id, stage)), f"ended\n{text}".encode())

    async def sequence(self, place: Place) -> int:
        """The last number of the sequence."""
        return int(await self._shared.get(f"overlay:seq:{place[0]}:{place[1]}") or 0)

    async def paused(self, place: Place) -> bool:
        """Whether a moderator paused the overlay."""
        return await self._shared.get(f"overlay:paused:{place[0]}:{place[1]}") is not None

    async def pause(self, place: Place, paused: bool) -> None:
        """Pause for at most a day, or go on."""
        key = f"overlay:paused:{place[0]}:{place[1]}"
        await (self._shared.set(key, b"1", 86_400) if paused else self._shared.delete(key))
        await self.wake(place)

    async def state(self, place: Place) -> list[dict[str, Any]]:
        """What is on screen now, with the seconds that remain."""
        rows = await self._items.open_rows(*place)
        now = self._now()
        return [shown(row, now) for row in rows if row.state == "showing"]

    async def close(self) -> None:
        """End all lanes of this process."""
        tasks = list(self._tasks.values())
        for place in list(self._tasks):
            self._end(place)
        await asyncio.gather(*tasks, return_exceptions=True)


def shown(row: Row, now: datetime) -> dict[str, Any]:
    """An item as a page draws it; `seconds` remain (None: until it is cleared)."""
    remaining = None if row.ends_at is None else max(0.0, (row.ends_at - now).total_seconds())
    return {
        "number": row.number, "lane": row.lane, "template": row.card.template, "data": row.card.data,
        "seconds": remaining,
    }  # fmt: skip


def _topic(place: Place) -> str:
    return f"overlay:{place[0]}:{place[1]}"
