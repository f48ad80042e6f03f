"""Serves a module with Hypercorn and ends it gracefully: `python -m flask_core.serving router_module_flask`."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config as HypercornConfig

from flask_core import logging_config
from flask_core.app_factory import Service
from flask_core.local_secrets import from_secrets_file
from flask_core.migrations import migrate_module

log = logging.getLogger(__name__)

_RESTARTING = 1012


class DrainGuard:
    """ASGI in front of a module that lets requests in flight finish and tells sockets to come back.

    Hypercorn ignores its graceful timeout on Python 3.12 and later, and an open WebSocket would keep it
    from ending at all.
    """

    def __init__(self, app: Callable[..., Awaitable[None]], *, grace: float) -> None:
        self._app = app
        self._grace = grace
        self._draining = asyncio.Event()
        self._requests: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        task = asyncio.current_task()
        assert task is not None
        self._requests.add(task)
        try:
            if scope["type"] == "websocket":
                await self._app(scope, self._until_draining(receive, send), send)
            else:
                await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if not self._draining.is_set():
                raise
        finally:
            self._requests.discard(task)

    def _until_draining(self, receive: Any, send: Any) -> Callable[[], Awaitable[Any]]:
        async def receive_or_close() -> Any:
            if self._draining.is_set():
                return {"type": "websocket.disconnect", "code": _RESTARTING}
            message = asyncio.ensure_future(receive())
            draining = asyncio.ensure_future(self._draining.wait())
            try:
                await asyncio.wait({message, draining}, return_when=asyncio.FIRST_COMPLETED)
                if message.done():
                    return message.result()
                await send({"type": "websocket.close", "code": _RESTARTING, "reason": "restart"})
                return {"type": "websocket.disconnect", "code": _RESTARTING}
            finally:
                message.cancel()
                draining.cancel()

        return receive_or_close

    async def drain(self) -> None:
        """Close the sockets, wait for requests at most the grace, then end what still runs."""
        self._draining.set()
        if self._requests:
            await asyncio.wait(set(self._requests), timeout=self._grace)
        for task in self._requests:
            task.cancel()


def hypercorn_config(host: str, port: int) -> HypercornConfig:
    """Hypercorn as every module uses it: no banner, bounded keep-alive, pings on sockets."""
    config = HypercornConfig()
    config.bind = [f"{host}:{port}"]
    config.include_server_header = False
    config.websocket_ping_interval = 20
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.accesslog = None
    config.errorlog = None
    return config


async def serve(service: Service, stop: asyncio.Event) -> None:
    """Serve until `stop` is set, then drain: readiness first, so that nobody sends more."""
    guard = DrainGuard(service.app, grace=service.config.drain_seconds)

    async def drained() -> None:
        await stop.wait()
        service.draining = True
        await guard.drain()

    config = hypercorn_config(service.config.host, service.config.port)
    await hypercorn_serve(guard, config, shutdown_trigger=drained)


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set `stop` on SIGTERM and SIGINT."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


def load(folder: str) -> Service:
    """The service of the module in `folder`, such as `router_module_flask`."""
    app = importlib.import_module(f"{folder}.app").app
    service = app.extensions["waddlebot"]
    assert isinstance(service, Service)
    return service


async def _main(folder: str) -> None:
    service = load(folder)
    stop = asyncio.Event()
    stop_on_signals(stop)
    # Whoever runs containers starts one that ended again.
    service.runtime.restart = stop.set
    log.info("%s serves on port %s", service.info.name, service.config.port)
    await serve(service, stop)


def main() -> None:
    """Migrate the module's database, then serve it until told to stop."""
    folder = sys.argv[1]
    from_secrets_file()
    logging_config.configure(module=folder.split("_")[0])
    service = load(folder)
    if os.environ.get("MIGRATE_ON_START", "true") == "true":
        migrate_module(service.info, service.config.database_url)
    asyncio.run(_main(folder))


if __name__ == "__main__":
    main()
