"""A small installation for tests: real modules in one process, fakes for the rest, a database of its own."""

from __future__ import annotations

import asyncio
import importlib
import os
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from quart import Quart

from flask_core.app_factory import Service
from flask_core.auth import ServiceGate, ServiceTokens
from flask_core.encryption import new_key
from flask_core.migrations import migrate_module
from flask_core.operations import Endpoints
from flask_core.runtime import Runtime, embedding
from flask_core.service_client import ServiceClient
from flask_core.service_http import ServiceTransport
from flask_core.serving import serve
from flask_core.shared_state import SharedState, open_shared_state
from flask_core.testing.servers import free_port

SERVICE_KEY = "a-key-for-tests-that-is-long-enough-0123456789"
_KEYS = new_key()
_PATIENCE = 10.0


def environment(database_url: str, redis_url: str = "") -> dict[str, str]:
    """The settings of a module under test."""
    return {
        "WADDLEBOT_SERVICE_KEY": SERVICE_KEY,
        "WADDLEBOT_ENCRYPTION_KEYS": _KEYS,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DRAIN_SECONDS": "1",
        # Nobody answers there: a module that is not in the test is away, whatever else runs on this machine.
        "BASE_URL": "http://127.0.0.1:1",
    }


def prepare_environment() -> None:
    """Let every app.py be imported: importing makes an app from the environment, which tests never start."""
    for name, value in environment("sqlite:///nowhere/unused.db").items():
        os.environ.setdefault(name, value)


class FakeModule:
    """A module that a test plays: its operations, reached like those of a real one."""

    def __init__(self, name: str, runtime: Runtime, transport: ServiceTransport) -> None:
        self.name = name
        self.endpoints = Endpoints()
        self._tokens = ServiceTokens(name, SERVICE_KEY)
        self.client = ServiceClient(self._tokens.issue, runtime, transport, {})
        self._gate = ServiceGate(self._tokens, self.client)

    @property
    def offers(self) -> Callable[[Any], Callable[[Any], Any]]:
        """Decorate a handler, as in a real module's endpoints."""
        return self.endpoints.offers

    async def serve(self, key: tuple[str, str], token: str, body: bytes) -> bytes:
        """What the in-process door calls."""
        return await self.endpoints.serve(key, token, body, self._gate)


class Installation:
    """Real services by name, and fakes."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.services: dict[str, Service] = {}
        self._transport = ServiceTransport()

    def fake(self, name: str) -> FakeModule:
        """A module played by the test; it answers as soon as it offers something."""
        module = FakeModule(name, self.runtime, self._transport)
        self.runtime.modules[name] = module
        return module

    def client(self, name: str) -> ServiceClient:
        """Calls as the module `name` would make them."""
        return FakeModule(name, self.runtime, self._transport).client

    def app(self, name: str) -> Quart:
        """A real module's app."""
        return self.services[name].app

    def url(self, name: str) -> str:
        """Where a real module that listens is reached."""
        return f"http://127.0.0.1:{self.services[name].config.port}"


@asynccontextmanager
async def installation(
    folders: Sequence[str],
    database_url: str,
    *,
    redis_url: str = "",
    shared: SharedState | None = None,
    settings: dict[str, str] | None = None,
    prepare: Callable[[Installation], None] | None = None,
    listening: bool = False,
) -> AsyncIterator[Installation]:
    """The modules in `folders`, migrated and serving in this process; on SQLite each has its own file.

    `prepare` adds fakes before anything starts. `settings` are more environment. With `listening` every module
    has a port of loopback, served as `waddlebot up` serves it, at `inst.url(name)`.
    """
    runtime = Runtime(shared or open_shared_state(redis_url))
    inst = Installation(runtime)
    token = secrets.token_hex(4)
    for folder in folders:
        url = database_url.replace(".db", f"-{folder}.db")
        values = {**environment(url, redis_url), **(settings or {})}
        if listening:
            values |= {"HOST": "127.0.0.1", "PORT": str(free_port())}
        inst.services.update(_make(folder, values, runtime, token))
    if prepare is not None:
        prepare(inst)
    async with AsyncExitStack() as stack:
        for service in inst.services.values():
            await stack.enter_async_context(_listening(service) if listening else service.app.test_app())  # type: ignore[arg-type]
        yield inst


@asynccontextmanager
async def _listening(service: Service) -> AsyncIterator[None]:
    stop = asyncio.Event()
    served = asyncio.create_task(serve(service, stop))
    try:
        async with asyncio.timeout(_PATIENCE):
            while not served.done() and not await _answers(service.config.port):  # noqa: ASYNC110 - it listens or fails
                await asyncio.sleep(0.01)
        if served.done():
            # It could not begin: say why instead of letting the test wait for it.
            await served
        yield
    finally:
        stop.set()
        await served


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


def _make(folder: str, values: dict[str, str], runtime: Runtime, token: str) -> dict[str, Service]:
    prepare_environment()
    module = importlib.import_module(f"{folder}.app")
    config = importlib.import_module(f"{folder}.config").Config.from_env(values)
    with embedding(runtime):
        service: Service = module.create_app(config).extensions["waddlebot"]
    if config.database_url.startswith("postgres"):
        service.database.schema = f"{service.info.name}_{token}"
    migrate_module(service.info, config.database_url, schema=service.database.schema)
    return {service.info.name: service}


async def until(met: Callable[[], Any], what: str = "it") -> Any:
    """Wait, at most ten seconds, until `met` gives something true; that is returned."""
    async with asyncio.timeout(_PATIENCE):
        while not (found := met()):  # noqa: ASYNC110 - any condition, not one of ours
            await asyncio.sleep(0.005)
    return found
