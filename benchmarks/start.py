"""From the start of the all-in-one to its first answered line, and what all modules together hold in memory."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.programs import ROOT, resident_kb
from benchmarks.report import Report
from benchmarks.rounds import medians
from flask_core.testing.browser import RemoteClient
from flask_core.testing.servers import free_port
from tests.house import House
from waddlebot.terminal.access import NoAccess, access
from waddlebot.terminal.session import scripted
from waddlebot.tree import modules

_PATIENCE = 60.0
_LINK = re.compile(r"(/auth/set-up\?token=[\w-]+)")


class Installed:
    """`waddlebot up` on a data folder, with ports of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        ports = {info.name: free_port() for info in modules()}
        self.url = f"http://127.0.0.1:{ports['portal']}"
        paths = (ROOT, ROOT / "libs/flask_core", ROOT / "libs/waddlebot")
        own = {f"{name.upper()}_PORT": str(port) for name, port in ports.items()}
        self._environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(map(str, paths)), **own}
        self.output = ""

    @asynccontextmanager
    async def up(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """The running process; asked to end afterwards."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "waddlebot", "up", "--data", str(self._folder),
            cwd=ROOT, env=self._environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        reading = asyncio.create_task(self._read(process))
        try:
            yield process
        finally:
            process.terminate()
            async with asyncio.timeout(_PATIENCE):
                await process.wait()
            await reading

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None, "it is a pipe"
        async for line in process.stdout:
            self.output += line.decode()

    async def link(self) -> str:
        """The set-up link that it prints, as a path."""
        async with asyncio.timeout(_PATIENCE):
            while not (found := _LINK.findall(self.output)):  # noqa: ASYNC110 - another process prints it
                await asyncio.sleep(0.05)
        return str(found[-1])

    async def first_answer(self) -> float:
        """Seconds from starting the process until `waddlebot chat` has the answer to a line."""
        began = time.perf_counter()
        async with self.up():
            async with asyncio.timeout(_PATIENCE):
                while not (await self._chat()).startswith("Pong."):
                    pass
            return time.perf_counter() - began

    async def _chat(self) -> str:
        portal = next(info for info in modules() if info.name == "portal")
        said: list[str] = []
        try:
            await scripted(access(portal, self._folder, "", self._environment), ["!ping"], said.append)
        except NoAccess:
            await asyncio.sleep(0.02)
        return "".join(said)


async def measure(report: Report) -> None:
    """Set up once, then start again and again."""
    with tempfile.TemporaryDirectory() as folder:
        installed = Installed(Path(folder))
        async with installed.up() as process:
            house = House(browser := RemoteClient(installed.url))
            async with browser.http:
                await house.become_owner(await installed.link())
                await house.settle_in()
                if not (await house.say("!ping", who="Ben")).startswith("Pong."):
                    raise RuntimeError("the bot does not answer")
            report.say("all_in_one_rss_mb", resident_kb(process.pid) / 1_024)
        report.say("start_to_first_reply_s", (await medians({"start": installed.first_answer}, rounds=3))["start"])
