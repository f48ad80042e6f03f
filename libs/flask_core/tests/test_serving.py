"""A module that serves for real: what is under way ends well, sockets are told to come back, signals end it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from quart import websocket

from flask_core import healthcheck, serving
from flask_core.app_factory import Service
from flask_core.serving import DrainGuard
from flask_core.testing.installation import environment, until
from flask_core.testing.servers import free_port

REPOSITORY = Path(__file__).parents[3]


class Desk:
    """The notebook's slow page and its socket."""

    def __init__(self, service: Service) -> None:
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()
        self.ended: list[str] = []

        @service.app.get("/slow")
        async def slow() -> str:
            self.asked.set()
            try:
                await self.go_on.wait()
            finally:
                self.ended.append("slow")
            return "done"

        @service.app.websocket("/socket")
        async def talk() -> None:
            try:
                while True:
                    await websocket.send(f"heard {await websocket.receive()}")
            finally:
                self.ended.append("socket")


class Serving:
    """A service on its port, with a client; `stop` is the signal."""

    def __init__(self, service: Service, client: aiohttp.ClientSession, stop: asyncio.Event) -> None:
        self.service, self.client, self.stop = service, client, stop
        self.port = service.config.port

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def status(self, path: str) -> int:
        async with self.client.get(self.at(path)) as answer:
            return answer.status


@asynccontextmanager
async def served(service: Service) -> AsyncIterator[Serving]:
    stop = asyncio.Event()
    task = asyncio.create_task(serving.serve(service, stop))
    async with aiohttp.ClientSession() as client:
        here = Serving(service, client, stop)
        await until(lambda: task.done() or _listening(here.port))
        try:
            yield here
        finally:
            stop.set()
            async with asyncio.timeout(20):
                await task


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_a_container_is_healthy_while_its_module_is_ready(service: Service) -> None:
    assert not await asyncio.to_thread(healthcheck.ready, service.config.port)
    async with served(service) as here:
        assert await asyncio.to_thread(healthcheck.ready, here.port)
        service.draining = True
        assert not await asyncio.to_thread(healthcheck.ready, here.port)
    assert not await asyncio.to_thread(healthcheck.ready, service.config.port)


async def test_who_speaks_no_http_is_not_healthy() -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        assert not await asyncio.to_thread(healthcheck.ready, server.sockets[0].getsockname()[1])


async def test_a_request_under_way_is_answered_and_new_ones_are_not_wanted(
    make_service: Callable[..., Service],
) -> None:
    service = make_service(DRAIN_SECONDS="20")
    desk = Desk(service)
    async with served(service) as here:
        slow = asyncio.create_task(here.status("/slow"))
        await desk.asked.wait()
        here.stop.set()
        await until(lambda: service.draining)
        assert await here.status("/ready") == 503
        desk.go_on.set()
        assert await slow == 200
    assert desk.ended == ["slow"]


async def test_a_request_that_does_not_end_is_ended(make_service: Callable[..., Service]) -> None:
    service = make_service(DRAIN_SECONDS="0.05")
    desk = Desk(service)
    async with served(service) as here:
        slow = asyncio.create_task(here.status("/slow"))
        await desk.asked.wait()
        here.stop.set()
        assert await slow == 500
    assert desk.ended == ["slow"]


async def test_a_socket_is_told_to_come_back(service: Service) -> None:
    desk = Desk(service)
    async with served(service) as here, here.client.ws_connect(here.at("/socket")) as line:
        await line.send_str("hello")
        assert await line.receive_str() == "heard hello"
        here.stop.set()
        farewell = await line.receive()
        assert (farewell.type, farewell.data) == (aiohttp.WSMsgType.CLOSE, 1012)
    assert desk.ended == ["socket"]


class Door:
    """ASGI by hand: what a connection sends in, and what came out."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.messages = list(messages)
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        if not self.messages:
            await asyncio.Event().wait()
        return self.messages.pop(0)

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)


async def test_beginning_and_end_pass_the_guard_untouched() -> None:
    seen: list[tuple[object, ...]] = []

    async def app(*call: object) -> None:
        seen.append(call)

    guard, door = DrainGuard(app, grace=1), Door()
    await guard.drain()
    await guard({"type": "lifespan"}, door.receive, door.send)
    assert seen == [({"type": "lifespan"}, door.receive, door.send)]


async def test_a_socket_that_comes_while_others_leave_is_gone_at_once() -> None:
    heard: list[dict[str, Any]] = []

    async def app(_: object, receive: Callable[[], Any], __: object) -> None:
        heard.append(await receive())

    guard, door = DrainGuard(app, grace=1), Door()
    await guard.drain()
    await guard({"type": "websocket"}, door.receive, door.send)
    assert heard == [{"type": "websocket.disconnect", "code": 1012}]


async def test_a_socket_that_is_called_off_before_the_end_is_called_off() -> None:
    waiting = asyncio.Event()

    async def app(_: object, receive: Callable[[], Any], __: object) -> None:
        waiting.set()
        await receive()

    guard, door = DrainGuard(app, grace=1), Door()
    task = asyncio.create_task(guard({"type": "websocket"}, door.receive, door.send))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await guard.drain()
    assert door.sent == []


async def test_signals_mean_stop() -> None:
    stop = asyncio.Event()
    serving.stop_on_signals(stop)
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stop.wait(), 10)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(number)


def test_hypercorn_says_nothing_of_itself() -> None:
    config = serving.hypercorn_config("0.0.0.0", 8031)
    assert (config.bind, config.include_server_header, config.websocket_ping_interval) == (["0.0.0.0:8031"], False, 20)


def test_a_module_is_found_by_its_folder() -> None:
    assert serving.load("memories_interaction_module_flask").info.name == "memories"


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
async def test_a_module_is_migrated_served_and_ended_by_a_signal(tmp_path: Path, asked: signal.Signals) -> None:
    port, url = free_port(), f"sqlite://{tmp_path}/memories.db"
    secrets = tmp_path / "secrets.env"
    values = environment(url)
    secrets.write_text("".join(f"{name}={values.pop(name)}\n" for name in list(values) if name.startswith("WADDLE")))
    libraries = [str(REPOSITORY), *(str(REPOSITORY / "libs" / name) for name in ("flask_core", "waddlebot"))]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WADDLEBOT_")}
    settings = {**kept, **values, "PORT": str(port), "WADDLEBOT_SECRETS_FILE": str(secrets),
                "PYTHONPATH": ":".join(libraries)}  # fmt: skip
    module = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "flask_core.serving", "memories_interaction_module_flask",
        cwd=tmp_path, env=settings, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            while not await asyncio.to_thread(healthcheck.ready, port):
                assert module.returncode is None
                await asyncio.sleep(0.1)
        check = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "flask_core.healthcheck", env=settings, cwd=tmp_path
        )
        assert await asyncio.wait_for(check.wait(), 30) == 0
        module.send_signal(asked)
        said, _ = await asyncio.wait_for(module.communicate(), 30)
        assert module.returncode == 0, said
        assert f"memories serves on port {port}" in said.decode()
        check = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "flask_core.healthcheck", env=settings, cwd=tmp_path
        )
        assert await asyncio.wait_for(check.wait(), 30) == 1
    finally:
        if module.returncode is None:
            module.kill()
            await module.wait()
