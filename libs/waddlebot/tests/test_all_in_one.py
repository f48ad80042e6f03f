"""All modules in one process: they come up, answer, and end when they are told to."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from flask_core.testing.installation import environment, until
from flask_core.testing.servers import free_port
from waddlebot.all_in_one import ModuleFailed, PortTaken, own_addresses, run_all
from waddlebot.tree import modules

REPOSITORY = Path(__file__).parents[3]
LIBRARIES = [str(REPOSITORY / "libs" / name) for name in ("flask_core", "waddlebot")]


@pytest.fixture
def port(tree: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Where karma serves; its files are in the tree."""
    port = free_port()
    for name, value in {**environment(f"sqlite://{tree}/karma.db"), "KARMA_PORT": str(port)}.items():
        monkeypatch.setenv(name, value)
    return port


@asynccontextmanager
async def running(tree: Path, said: list[str]) -> AsyncIterator[asyncio.Task[None]]:
    stop = asyncio.Event()
    task = asyncio.create_task(run_all(modules(tree), said.append, stop))
    try:
        await until(lambda: task.done() or any("ready" in line for line in said))
        yield task
    finally:
        stop.set()
        with contextlib.suppress(Exception):
            await task


async def test_modules_come_up_say_so_and_answer(tree: Path, port: int) -> None:
    said: list[str] = []
    async with running(tree, said) as task, aiohttp.ClientSession() as client:
        assert said == [f"karma            ready  :{port}"]
        async with client.get(f"http://127.0.0.1:{port}/ready") as answer:
            assert await answer.json() == {"ready": True, "missing": {}}
    assert task.done()
    assert task.exception() is None
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


async def test_a_taken_port_is_told_before_anything_starts(tree: Path, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(PortTaken, match=f"Port {port} of karma is taken.*KARMA_PORT"):
            await run_all(modules(tree), print, asyncio.Event())


async def test_one_module_that_cannot_start_ends_the_whole_with_its_own_words(
    tree: Path, karma: Path, port: int
) -> None:
    app = karma / "app.py"
    refuse = "async def refuse() -> None:\n    raise RuntimeError('karma lost its temper')\n\n\n"
    text = app.read_text().replace("return service.app", "service.app.before_serving(refuse)\n    return service.app")
    app.write_text(text.replace("def create_app", f"{refuse}def create_app"))
    said: list[str] = []
    with pytest.raises(ModuleFailed, match=r"^karma ended: .*karma lost its temper"):
        await run_all(modules(tree), said.append, asyncio.Event())
    assert not any(line.startswith("Open ") for line in said)


class Up:
    """`python -m waddlebot up` in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def says(self, wanted: str) -> str:
        """Read until a line has these words."""
        assert self.process.stdout is not None
        read = ""
        async with asyncio.timeout(30):
            while line := (await self.process.stdout.readline()).decode():
                read += line
                if wanted in line:
                    return read
        raise AssertionError(f"it ended without saying {wanted!r}: {read}")

    async def ends(self) -> int:
        async with asyncio.timeout(20):
            return await self.process.wait()


@pytest.fixture
def path(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHONPATH", ":".join([str(tree), *LIBRARIES]))
    # What the process makes itself must not come from here.
    for name in ("DATABASE_URL", "WADDLEBOT_SERVICE_KEY", "WADDLEBOT_ENCRYPTION_KEYS", "BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return


async def up(tree: Path) -> Up:
    return Up(
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "waddlebot", "up", "--data", str(tree / "data"),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tree,
        )
    )  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_well(tree: Path, port: int, path: None, number: signal.Signals) -> None:
    house = await up(tree)
    await house.says(f"ready  :{port}")
    house.process.send_signal(number)
    assert await house.ends() == 0
    assert (tree / "data" / "karma.db").exists()
    assert (tree / "data" / "secrets.env").stat().st_mode & 0o077 == 0


async def test_a_start_that_fails_says_why_and_ends_with_one(tree: Path, port: int, path: None) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        house = await up(tree)
        assert "Traceback" not in await house.says("is taken")
        assert await house.ends() == 1


def test_a_moved_port_moves_the_links_to_it() -> None:
    infos = modules(REPOSITORY)
    assert own_addresses(infos, {"PORTAL_PORT": "9080"}) == {
        "PORTAL_URL": "http://localhost:9080",
        "PORTAL_ORIGIN": "http://localhost:9080",
        "OVERLAY_URL": "http://localhost:8027",
    }
    assert own_addresses(infos, {"PORTAL_PORT": "9080", "PUBLIC_URL": "https://bot.example.org"}) == {}
