"""Every module in one process: one event loop, a port each, SQLite, nothing else needed."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping, Sequence

from flask_core import logging_config
from flask_core.app_factory import ModuleInfo, Service
from flask_core.config import ConfigError
from flask_core.migrations import migrate_module
from flask_core.runtime import Runtime, embedding
from flask_core.serving import load, serve, stop_on_signals
from flask_core.shared_state import open_shared_state

log = logging.getLogger(__name__)

type Say = Callable[[str], None]


class PortTaken(ConfigError):
    """Another program has a module's port."""


class ModuleFailed(Exception):
    """A module could not start or go on; the message names it."""


def own_addresses(infos: Sequence[ModuleInfo], values: Mapping[str, str]) -> dict[str, str]:
    """Settings that say where browsers find portal and overlays; none where the operator named a public address.

    A module knows only its own port; this process knows all of them, moved or not.
    """
    if any(name.endswith("PUBLIC_URL") and value for name, value in values.items()):
        return {}
    at = {info.name: f"http://localhost:{values.get(f'{info.name.upper()}_PORT') or info.port}" for info in infos}
    if not {"portal", "browser_source"} <= at.keys():
        return {}
    return {"PORTAL_URL": at["portal"], "PORTAL_ORIGIN": at["portal"], "OVERLAY_URL": at["browser_source"]}


def load_all(infos: Sequence[ModuleInfo], runtime: Runtime) -> list[Service]:
    """The services of all modules, joined in one runtime, their tables up to date."""
    with embedding(runtime):
        services = [load(info.folder.name) for info in infos]
    for service in services:
        migrate_module(service.info, service.config.database_url)
    return services


def check_ports(services: Sequence[Service]) -> None:
    """Raise PortTaken before anything starts, naming the module and how to move it."""
    for service in services:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((service.config.host, service.config.port))
            except OSError as error:
                name = service.info.name
                raise PortTaken(
                    f"Port {service.config.port} of {name} is taken. Stop the other program, or set"
                    f" {name.upper()}_PORT to another port."
                ) from error


async def run_all(infos: Sequence[ModuleInfo], say: Say, stop: asyncio.Event | None = None) -> bool:
    """Serve all modules until `stop` or a signal; whether it shall all begin anew, as after a restore.

    One that cannot start ends the whole: the others finish what they are doing, then ModuleFailed says which it was.
    """
    runtime = Runtime(open_shared_state(""))
    services = load_all(infos, runtime)
    check_ports(services)
    if stop is None:
        stop = asyncio.Event()
        stop_on_signals(stop)
    anew = asyncio.Event()

    def begin_anew() -> None:
        anew.set()
        stop.set()

    runtime.restart = begin_anew
    failures: list[ModuleFailed] = []
    async with asyncio.TaskGroup() as servers:
        for service in services:
            servers.create_task(_serve(service, stop, failures), name=service.info.name)
        servers.create_task(_tell_when_ready(services, say, stop))
    if failures:
        raise failures[0]
    return anew.is_set()


async def _serve(service: Service, stop: asyncio.Event, failures: list[ModuleFailed]) -> None:
    try:
        await serve(service, stop)
    except Exception as error:  # The edge of a module: whatever ended it, the others are to end well.
        failure = ModuleFailed(f"{service.info.name} ended: {error}")
        failure.__cause__ = error
        failures.append(failure)
        stop.set()


async def _tell_when_ready(services: Sequence[Service], say: Say, stop: asyncio.Event) -> None:
    for service in services:
        while await service.missing():
            if stop.is_set():
                return
            await asyncio.sleep(0.05)
        say(f"{service.info.name:<16} ready  :{service.config.port}")
    portal = next((service for service in services if service.info.name == "portal"), None)
    if portal is not None:
        say("")
        say(f"Open {portal.config.public_url or f'http://localhost:{portal.config.port}'}")
        say("Or talk right here: waddlebot chat")


def configure_logging() -> None:
    """Lines of all modules in one file under the data folder; the console is for people."""
    logging_config.configure(module="waddlebot")
