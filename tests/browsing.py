"""The whole bot in a process of its own and a real browser before it: for the smoke test and for pictures."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from flask_core.testing.servers import free_port
from waddlebot.tree import modules, root

CHROMIUM = shutil.which("chromium")
PASSWORD = "correct horse battery"
_SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
_PATIENCE = 40.0


@dataclass
class Bot:
    """Where it is reached, and the link that makes its owner."""

    portal: str
    overlays: str
    set_up: str
    here: str = ""

    async def settle_in(self, page: Page, community: str = "Penguins") -> None:
        """Make the owner and a community, as a person does; ends in the playground."""
        await page.goto(self.set_up)
        await page.get_by_label("Your name").fill("Ann")
        await page.get_by_label("E-mail").fill("ann@example.org")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Begin").click()
        await page.get_by_label("Name", exact=True).fill(community)
        await page.get_by_role("button", name="Create").click()
        await page.wait_for_url("**/playground")
        self.here = page.url.removesuffix("/playground")


async def write(page: Page, text: str, who: str) -> None:
    """A line in the playground; back when it is there."""
    await page.locator(f'.people-list button[value="{who}"]').click()
    own = page.locator(".lines li.person")
    before = await own.count()
    await page.get_by_label("Line").fill(text)
    await page.get_by_label("Line").press("Enter")
    await own.nth(before).wait_for()


async def say(page: Page, text: str, who: str = "Dee") -> str:
    """A line in the playground; the bot's next words there."""
    replies = page.locator(".lines li.bot .text")
    before = await replies.count()
    await write(page, text, who)
    await replies.nth(before).wait_for()
    return await replies.nth(before).inner_text()


class Watch:
    """What the pages of a browser asked for, by host, and what the browser complained about."""

    def __init__(self, context: BrowserContext) -> None:
        self.asked: set[str] = set()
        self.complaints: list[str] = []
        context.on("request", lambda request: self._note(request.url))
        context.on("page", lambda page: page.on("websocket", lambda socket: self._note(socket.url)))
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _note(self, url: str) -> None:
        if host := urlsplit(url).netloc:
            self.asked.add(host)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.text} {message.location['url']}")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The machine's own Chromium, without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(_SWITCHES))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def bot(folder: Path) -> AsyncIterator[Bot]:
    """What `waddlebot up` starts, on ports of its own, its files in `folder`; ended at the end."""
    ports = {f"{info.name.upper()}_PORT": str(free_port()) for info in modules()}
    libraries = [str(root()), *(str(root() / "libs" / name) for name in ("flask_core", "waddlebot"))]
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "waddlebot", "up", "--data", str(folder),
        env={**kept, **ports, "PYTHONPATH": ":".join(libraries), "PYTHONUNBUFFERED": "1"}, cwd=folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        link = await _ready(process)
        yield Bot(f"http://localhost:{ports['PORTAL_PORT']}", f"http://localhost:{ports['BROWSER_SOURCE_PORT']}", link)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


async def _ready(process: asyncio.subprocess.Process) -> str:
    """Read what it prints until all is ready and the set-up link is there, in whichever order; the link."""
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(_PATIENCE):
        while line := (await process.stdout.readline()).decode():
            said += line
            links = [word for word in said.split() if "/auth/set-up?token=" in word]
            if "waddlebot chat" in said and links:
                return links[0]
    raise AssertionError(f"it ended before it was ready: {said}")
