"""The pages that are connected to this process, and how words reach them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

MOST_UNSENT = 100
HEARTBEAT_SECONDS = 25.0
SILENCE_SECONDS = 35.0
PING = '{"v":1,"seq":0,"type":"ping"}'


class Page:
    """One connected browser: what it may see, and what is still to be sent to it."""

    __slots__ = ("greeted", "heard_at", "missed", "overlay_id", "stage", "unsent", "valid_until", "visible", "widget")

    def __init__(self, overlay_id: int, stage: str, widget: str, valid_until: float | None) -> None:
        self.overlay_id, self.stage, self.widget, self.valid_until = overlay_id, stage, widget, valid_until
        self.unsent: asyncio.Queue[str | int] = asyncio.Queue(MOST_UNSENT)
        self.greeted = False
        self.missed = False
        self.visible = True
        self.heard_at = time.monotonic()

    def sees(self, widget: str) -> bool:
        """Whether this page draws that widget."""
        return self.widget in {"all", widget} or not widget

    def send(self, text: str | int) -> None:
        """Queue a text, or a code to close with; a page that is too slow gets one `state` instead of everything."""
        try:
            self.unsent.put_nowait(text)
        except asyncio.QueueFull:
            while not self.unsent.empty():
                self.unsent.get_nowait()
            self.missed = True
            self.unsent.put_nowait(text)


class Audience:
    """Pages by community and stage; told when the first comes and the last goes."""

    def __init__(self, most: int, per_overlay: int) -> None:
        self._most = most
        self._per_overlay = per_overlay
        self._pages: dict[tuple[int, str], set[Page]] = {}
        self._count = 0
        self.on_first: Callable[[tuple[int, str]], None] = lambda _: None
        self.on_last: Callable[[tuple[int, str]], None] = lambda _: None

    def admits(self, overlay_id: int) -> bool:
        """Whether there is room for one more page, here and on this overlay."""
        mine = sum(page.overlay_id == overlay_id for pages in self._pages.values() for page in pages)
        return self._count < self._most and mine < self._per_overlay

    def join(self, place: tuple[int, str], page: Page) -> None:
        """A page came."""
        pages = self._pages.get(place)
        if pages is None:
            pages = self._pages[place] = set()
            self.on_first(place)
        pages.add(page)
        self._count += 1

    def leave(self, place: tuple[int, str], page: Page) -> None:
        """A page went."""
        pages = self._pages.get(place)
        if pages is None or page not in pages:
            return
        pages.discard(page)
        self._count -= 1
        if not pages:
            del self._pages[place]
            self.on_last(place)

    def at(self, place: tuple[int, str]) -> set[Page]:
        """The pages of a community and stage."""
        return self._pages.get(place, set())

    def everybody(self) -> list[Page]:
        """All pages of this process."""
        return [page for pages in self._pages.values() for page in pages]

    def end(self, place: tuple[int, str], overlay_id: int, widget: str, at: float) -> None:
        """The address by which these pages came ends at `at` of the monotonic clock."""
        for page in self.at(place):
            if page.overlay_id == overlay_id and page.widget == widget:
                page.valid_until = at
                if at <= time.monotonic():
                    page.send(1008)

    def broadcast(self, place: tuple[int, str], widget: str, text: str) -> None:
        """The same text, encoded once, to every page that draws the widget."""
        for page in self.at(place):
            if page.sees(widget):
                page.send(text)

    def missed(self, place: tuple[int, str]) -> None:
        """Messages were lost: every page of the place gets one `state`, before a ping that makes it go out.

        A page that has not said hello yet gets it then.
        """
        for page in self.at(place):
            if page.greeted:
                page.missed = True
                page.send(PING)

    async def watch(self) -> None:
        """For ever: ping everybody, close pages that fell silent or whose address ended. One timer for all pages."""
        while True:
            await asyncio.sleep(5)
            self.check(time.monotonic())

    def check(self, now: float) -> None:
        """Look at every page once; `now` is of the monotonic clock."""
        for page in self.everybody():
            if now - page.heard_at > SILENCE_SECONDS:
                page.send(4408)
            elif page.valid_until is not None and now > page.valid_until:
                page.send(1008)
            elif now - page.heard_at > HEARTBEAT_SECONDS - 5:
                page.send(PING)
