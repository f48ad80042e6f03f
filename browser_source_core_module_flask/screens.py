"""What can be done with overlays: show, test, replay, pause, skip, clear, look after addresses."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from browser_source_core_module_flask.drawing import ALERTS, Drawn, alert, draw, merged_follows
from browser_source_core_module_flask.item_repository import ItemRepository, Row
from browser_source_core_module_flask.overlay_repository import OverlayRepository
from browser_source_core_module_flask.pages import Audience
from browser_source_core_module_flask.queue_repository import New
from browser_source_core_module_flask.showrunner import Showrunner
from flask_core.auth import utc_now
from flask_core.contracts import browser_source as contract
from flask_core.contracts.module import EventBatch, EventsTaken
from flask_core.datamodels import Account, Event, General, MessageType, Ticker
from flask_core.errors import Conflict, InvalidInput, NotFound

SIZES = {"all": (1920, 1080), "ticker": (1920, 100), "media": (400, 300), "general": (1920, 1080), "alerts": (800, 300)}
_PAYLOADS, _ROWS = timedelta(hours=24), timedelta(days=7)
_SWEEP_SECONDS = 600.0
_LEAST_IMPORTANT = 100


class Screens:
    """The rules of overlays; a place is a community and a stage."""

    def __init__(
        self,
        items: ItemRepository,
        overlays: OverlayRepository,
        runner: Showrunner,
        audience: Audience,
        *,
        grace: timedelta,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.items = items
        self.overlays = overlays
        self.runner = runner
        self.audience = audience
        self._grace = grace
        self._now = now

    async def show(self, displays: Sequence[contract.Display]) -> contract.DisplayAnswer:
        """Queue items; the same key is the same item."""
        new = [
            New(d.community_id, d.idempotency_key, draw(d.action), d.source, _priority(d), d.stage, d.account)
            for d in displays
        ]
        added = await self.items.add(new, self._now())
        for place in {(d.community_id, d.stage) for d in displays}:
            await self.runner.wake(place)
        return contract.DisplayAnswer(tuple(contract.Shown(number, place) for number, place in added))

    async def hear(self, batch: EventBatch) -> EventsTaken:
        """Alerts for what happened; each event counts once."""
        taken = 0
        for scored in batch.events:
            stage = "preview" if scored.simulated else "live"
            drawn = alert(scored.event)
            if drawn is not None:
                taken += 1
                await self._alert(scored.community_id, stage, scored.event, drawn)
        return EventsTaken(taken, len(batch.events) - taken)

    async def _alert(self, community_id: int, stage: str, event: Event, drawn: Drawn) -> None:
        follow = event.message_type is MessageType.FOLLOW
        account = (event.platform, event.account.user_id) if event.account else None
        source = "follow" if follow else "events"
        item = New(community_id, f"event:{event.event_id}", drawn, source, 5, stage, account)
        if follow and event.account is not None:
            name = event.account.name
            if await self.items.merge_follow(item, name, merged_follows, self._now()) is not None:
                return
        await self.items.add([item], self._now())
        await self.runner.wake((community_id, stage))

    async def test(self, community_id: int, what: str, stage: str = "live") -> contract.Done:
        """A test alert, ticker line or card."""
        drawn = _sample(what or "follow", self._now())
        key = f"test:{secrets.token_hex(8)}"
        ((number, _),) = await self.items.add([New(community_id, key, drawn, "test", 3, stage)], self._now())
        await self.runner.wake((community_id, stage))
        pages = len(self.audience.at((community_id, stage)))
        said = f"Sent test #{number} to {pages} page{'' if pages == 1 else 's'}."
        return contract.Done((number,), said if pages else f"Test #{number} waits: no overlay is connected.")

    async def replay(self, community_id: int, number: int | None) -> contract.Done:
        """Show something of the last 24 hours again."""
        found = await self.items.again(community_id, number, self._now())
        if found is None:
            raise NotFound(f"No item #{number} in the last 24 hours." if number else "Nothing to show again.")
        await self.runner.wake((community_id, "live"))
        return contract.Done((found[0],), f"Replaying #{found[0]} {found[1]}.")

    async def control(self, asked: contract.Control) -> contract.Done:
        """Pause, resume, skip or clear."""
        place = (asked.community_id, asked.stage)
        if asked.act in {"pause", "resume"}:
            await self.runner.pause(place, asked.act == "pause")
            said = "Overlay paused; items are kept." if asked.act == "pause" else "Overlay goes on."
            return contract.Done((), said)
        rows = [r for r in await self.items.open_rows(*place) if asked.lane in {"", r.lane}]
        return await (self._skip(place, rows) if asked.act == "skip" else self._clear(place, rows, asked.lane))

    async def _skip(self, place: tuple[int, str], rows: list[Row]) -> contract.Done:
        showing = [row for row in rows if row.state == "showing"]
        if not showing:
            raise Conflict("Nothing is showing.")
        await self._end(place, showing, "skipped")
        return contract.Done(
            tuple(row.number for row in showing), f"Skipped {', '.join(f'#{row.number}' for row in showing)}."
        )

    async def _clear(self, place: tuple[int, str], rows: list[Row], lane: str) -> contract.Done:
        await self._end(place, rows, "skipped")
        waiting = sum(row.state == "waiting" for row in rows)
        return contract.Done(
            tuple(row.number for row in rows), f"Cleared {lane or 'everything'} ({waiting} waiting dropped)."
        )

    async def _end(self, place: tuple[int, str], rows: list[Row], state: str) -> None:
        await self.items.change(
            place[0], [(row.number, state, "by a moderator", row.starts_at, self._now()) for row in rows]
        )  # fmt: skip
        for row in rows:
            if row.state == "showing":
                await self.runner.publish(place, row.lane, "hide", number=row.number, reason="skipped")
        await self.runner.wake(place)

    async def status(self, community_id: int) -> str:
        """Pages, what is showing, how many wait."""
        place = (community_id, "live")
        pages = len(self.audience.at(place))
        rows = await self.items.open_rows(*place)
        waiting = sum(row.state == "waiting" for row in rows)
        if not pages:
            wait = f" {waiting} items wait." if waiting else ""
            return f"No overlay is connected.{wait} Set one up in the portal, under Overlays."
        showing = ", ".join(f"#{row.number} {row.said}" for row in rows if row.state == "showing") or "nothing"
        return f"{pages} page{'' if pages == 1 else 's'} connected. Showing: {showing}. Waiting: {waiting}."

    async def ticker(
        self, community_id: int, action: Ticker, key: str, stage: str, account: tuple[str, str] | None = None
    ) -> contract.Shown:
        """Queue a ticker line of an account's."""
        display = contract.Display(community_id, key, action, "ticker", action.priority, stage, account)  # type: ignore[arg-type]
        return (await self.show([display])).results[0]

    async def address(self, community_id: int, overlay_id: int, widget: str) -> contract.Address:
        """The address of an overlay or one of its widgets."""
        if widget not in SIZES:
            raise InvalidInput(f"There are these widgets: {', '.join(SIZES)}.", field="widget")
        secret = await self.overlays.secret(community_id, overlay_id, widget)
        return contract.Address(secret, *SIZES[widget])

    async def rotate(self, asked: contract.Rotate) -> contract.Address:
        """A new address; pages with the old one go on until the grace is over."""
        if asked.widget not in SIZES:
            raise InvalidInput(f"There are these widgets: {', '.join(SIZES)}.", field="widget")
        old_until = self._now() if asked.now else self._now() + self._grace
        secret = await self.overlays.rotate(asked.community_id, asked.overlay_id, asked.widget, old_until)
        await self.runner.end_pages(asked.community_id, asked.overlay_id, asked.widget, old_until - self._now())
        return contract.Address(secret, *SIZES[asked.widget], old_until)

    async def preview(self, community_id: int) -> contract.Address:
        """The address of the playground's preview."""
        overlay_id = await self.overlays.preview(community_id, self._now())
        return contract.Address(await self.overlays.secret(community_id, overlay_id, "all"))

    async def listed(self, community_id: int) -> contract.OverlayList:
        """Overlays with their connected pages."""
        pages = self.audience.at((community_id, "live"))
        found = await self.overlays.of(community_id)
        return contract.OverlayList(
            tuple(
                contract.Overlay(o.id, o.name, sum(page.overlay_id == o.id for page in pages), o.created_at)
                for o in found
            )
        )

    async def sweep(self) -> None:
        """For ever: forget what is over its time."""
        while True:
            await self.items.sweep(self._now() - _PAYLOADS, self._now() - _ROWS)
            await self.overlays.sweep(self._now())
            await asyncio.sleep(_SWEEP_SECONDS)


def _priority(display: contract.Display) -> int:
    """A ticker says itself how important it is; more than a hundred degrees make no difference."""
    said = display.action.priority if isinstance(display.action, Ticker) else display.priority
    return min(max(said, 1), _LEAST_IMPORTANT)


def _sample(what: str, now: datetime) -> Drawn:
    """What a test shows."""
    if what == "ticker":
        return draw(Ticker("This is a test line, long enough to be seen and short enough to be liked.", duration=8))
    if what == "card":
        return draw(General("card", {"title": "Test card", "text": "It works."}, duration=8))
    for message_type in ALERTS:
        if what in (message_type.value, "alert"):
            event = Event("test", message_type, "console:1:test", now, Account("1", "kim", "Kim"), amount=42)
            drawn = alert(event)
            assert drawn is not None
            return drawn
    raise InvalidInput(f"Test one of: ticker, card, {', '.join(kind.value for kind in ALERTS)}.")
