"""Five hundred overlay pages: how late the last ones see a card, and what a page costs, against a bare broadcast."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import aiohttp
import msgspec

from benchmarks.programs import PythonProgram
from benchmarks.report import Report
from benchmarks.rounds import medians, percentile
from benchmarks.town import Town, town
from flask_core.contracts import browser_source as contract
from flask_core.datamodels import General
from flask_core.testing.servers import running

PAGES, SHOWS = 500, 8
_PATIENCE = 30.0
_PARTS = ("browser_source", "community")
_numbers = count(1)


@dataclass
class Pages:
    """Open pages that note when they heard of a title."""

    heard: dict[str, list[float]] = field(default_factory=dict)
    all_heard: asyncio.Event = field(default_factory=asyncio.Event)
    hidden: asyncio.Event = field(default_factory=asyncio.Event)

    def told(self, text: str) -> None:
        """One page got a message."""
        if '"hide"' in text:
            self.hidden.set()
        for title, times in self.heard.items():
            if title in text:
                times.append(time.perf_counter())
                if len(times) == PAGES:
                    self.all_heard.set()

    async def hear(self, show: Callable[[str], Awaitable[None]]) -> list[float]:
        """Show something; how many seconds each page waited for it."""
        title = f"card-{next(_numbers)}-"
        self.heard = {title: []}
        self.all_heard.clear()
        began = time.perf_counter()
        await show(title)
        async with asyncio.timeout(_PATIENCE):
            await self.all_heard.wait()
        return [at - began for at in self.heard[title]]


@asynccontextmanager
async def pages_open(url: str, hello: str) -> AsyncIterator[Pages]:
    """All pages connected to `url`."""
    pages = Pages()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as listening:
        sockets = []
        for _ in range(PAGES):
            sockets.append(socket := await session.ws_connect(url))
            if hello:
                await socket.send_str(hello)
        tasks = [listening.create_task(_listen(socket, pages)) for socket in sockets]
        try:
            yield pages
        finally:
            for task in tasks:
                task.cancel()


async def _listen(socket: aiohttp.ClientWebSocketResponse, pages: Pages) -> None:
    async for message in socket:
        text = str(message.data)
        if '"ping"' in text:
            await socket.send_str('{"type":"pong"}')
        pages.told(text)


async def measure(report: Report) -> None:
    """p99 and memory of both."""
    settings = {"BROWSER_SOURCE_PAGES_PER_OVERLAY": str(PAGES)}
    bare = PythonProgram("benchmarks.bare", "broadcast")
    async with town(_PARTS, **settings) as made, aiohttp.ClientSession() as session:
        with running(bare):
            ours = made.programs["browser_source"]
            secret = await _secret(made)
            sizes = {"ours": ours.resident_kb(), "bare": bare.resident_kb()}
            hello = msgspec.json.encode({"type": "hello", "protocols": [1]}).decode()
            socket = f"{ours.url}/overlay/{secret}/socket"
            async with pages_open(socket, hello) as mine, pages_open(f"{bare.url}/socket", "") as theirs:

                async def show_ours(title: str) -> None:
                    card = contract.Display(made.community_id, title, General("card", {"title": title}, 1), "router")
                    await made.client("router").call("browser_source", contract.DISPLAY, contract.Displays((card,)))

                async def show_bare(title: str) -> None:
                    async with session.post(bare.url, data=title) as answer:
                        await answer.read()

                p99 = await medians({
                    "ours": lambda: _p99(mine, show_ours, hides=True), "bare": lambda: _p99(theirs, show_bare),
                }, rounds=3)  # fmt: skip
                grown = {
                    "ours": (ours.resident_kb() - sizes["ours"]) / PAGES,
                    "bare": (bare.resident_kb() - sizes["bare"]) / PAGES,
                }
    for who in ("ours", "bare"):
        report.say(f"overlay_p99_ms_{who}", p99[who] * 1_000)
        report.say(f"overlay_kb_per_page_{who}", grown[who])
    report.say("overlay_p99", p99["ours"] / p99["bare"])
    report.say("overlay_kb_per_page", grown["ours"] / grown["bare"])


async def _p99(pages: Pages, show: Callable[[str], Awaitable[None]], *, hides: bool = False) -> float:
    waits: list[float] = []
    for _ in range(SHOWS):
        pages.hidden.clear()
        waits += await pages.hear(show)
        if hides:
            # One card at a time has the lane; the next is not to wait for its turn.
            async with asyncio.timeout(_PATIENCE):
                await pages.hidden.wait()
            await asyncio.sleep(0.5)
    return percentile(waits, 0.99)


async def _secret(made: Town) -> str:
    portal = made.client("portal")
    asked = contract.CreateOverlay(made.community_id, "Main")
    overlay = await portal.call("browser_source", contract.CREATE, asked, acting=made.owner)
    of = contract.OverlayOf(made.community_id, overlay.id)
    address = await portal.call("browser_source", contract.ADDRESS, of, acting=made.owner)
    return address.secret
