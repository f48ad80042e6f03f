"""Makes a module's Quart app with everything that all modules share: doors, data, health, background work."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
import tomllib
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
from quart import Quart

from flask_core import __version__
from flask_core.api_utils import ExpressLane, add_routes, render_errors
from flask_core.auth import ServiceGate, ServiceTokens
from flask_core.backup_doors import offer_backups
from flask_core.commands import CommandGroup
from flask_core.config import ServiceConfig
from flask_core.contracts import community as community_contract
from flask_core.contracts import identity as identity_contract
from flask_core.contracts import module as module_contract
from flask_core.database import AsyncDAL
from flask_core.datamodels import EventInterest, Invocation, Manifest, MessageType, Reply
from flask_core.encryption import Sealer
from flask_core.errors import ServiceError, Unavailable
from flask_core.executions import Executions
from flask_core.guarded_fetch import GuardedFetcher
from flask_core.http_client import HttpClient
from flask_core.introduction import introduce, take_leave
from flask_core.metrics import Metrics
from flask_core.operations import Caller, Endpoints
from flask_core.operator_pages import add_operator_pages
from flask_core.runtime import current_runtime
from flask_core.service_client import ServiceClient
from flask_core.service_http import ServiceTransport
from flask_core.shared_state import open_shared_state
from flask_core.url_guard import UrlGuard, admitted_hosts

log = logging.getLogger(__name__)

Kind = Literal["trigger", "processing", "interaction", "core", "admin"]
_RESTART_WAIT = 1.0
_LONGEST_RESTART_WAIT = 30.0


@dataclass(frozen=True, slots=True)
class ModuleInfo:
    """What module.toml says, and the folder it lies in.

    `public` are the paths that a gateway hands to it; `keeps_files` where its data folder outlives a container.
    """

    name: str
    port: int
    kind: Kind
    description: str
    folder: Path
    public: tuple[str, ...] = ()
    keeps_files: bool = False

    @property
    def schema_folder(self) -> Path:
        """Where the module's migrations are."""
        return self.folder / "schema"


def module_info(beside: str) -> ModuleInfo:
    """Read the module.toml in the folder of the file `beside`."""
    folder = Path(beside).resolve().parent
    said = tomllib.loads((folder / "module.toml").read_text(encoding="utf-8"))
    public = tuple(said.get("public", ()))
    keeps_files = said.get("keeps_files", False)
    return ModuleInfo(said["name"], said["port"], said["kind"], said["description"], folder, public, keeps_files)


class Service:
    """A module's app with what it is wired from.

    Nothing is opened before the app starts serving: the database connects then, background work starts,
    and the router is told about us without anybody waiting for it.
    """

    def __init__(self, info: ModuleInfo, config: ServiceConfig) -> None:
        self.info = info
        self.config = config
        self.app = Quart(info.folder.name, root_path=str(info.folder))
        self.runtime = current_runtime()
        self.shared = self.runtime.shared or open_shared_state(config.redis_url)
        self.database = AsyncDAL(config.database_url, schema=info.name, threads=config.database_threads)
        self.sealer = Sealer(config.encryption_keys)
        self.metrics = Metrics()
        guard = UrlGuard(admitted_hosts(config.http_guard_allow_hosts))
        self.http = HttpClient(self.shared, fetcher=GuardedFetcher(guard))
        tokens = ServiceTokens(info.name, config.service_key)
        self.services = ServiceClient(tokens.issue, self.runtime, ServiceTransport(), dict(config.service_urls))
        self.gate = ServiceGate(tokens, self.services)
        self.endpoints = Endpoints()
        self.manifest = Manifest(
            name=info.name,
            version=__version__,
            kind=info.kind,
            base_url=config.base_url,
            instance=secrets.token_hex(6),
            description=info.description,
        )
        self.draining = False
        self._background: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {}
        self._endings: list[Callable[[], Awaitable[None]]] = []
        self._checks: dict[str, Callable[[], Awaitable[None]]] = {
            "database": self.database.ping,
            "shared state": self.shared.ping,
        }
        self._express = ExpressLane(self.app.asgi_app, self)
        self.app.asgi_app = self._express  # type: ignore[method-assign]
        self.app.extensions["waddlebot"] = self
        self.app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
        render_errors(self.app)
        add_operator_pages(self)
        offer_backups(self)
        self.app.while_serving(self._serving)
        self.runtime.modules[info.name] = self

    def offers(self, endpoints: Endpoints) -> None:
        """Serve these operations, over HTTP and in process."""
        self.endpoints.include(endpoints)
        add_routes(self.app, endpoints, self)
        self._express.add(endpoints)

    def runs_commands(self, commands: CommandGroup, target: object, *, may_dispatch: bool = False) -> None:
        """Serve `/api/v1/execute` with these commands; `target` is what handlers find as `call.service`."""
        executions = Executions(self.database)
        endpoints = Endpoints()

        @endpoints.offers(module_contract.EXECUTE)
        async def execute(invocation: Invocation, caller: Caller) -> Reply:
            first = invocation.first_run
            return await executions.once(invocation.execution_id, lambda: commands.run(target, invocation), first=first)

        self.offers(endpoints)
        self.introduces(commands=commands.cards(), may_dispatch=may_dispatch)
        self.in_background("old answers", executions.forget_old)

    def introduces(self, **fields: Any) -> None:
        """Add to what the router is told: fields of Manifest such as `events` or `settings_schema`."""
        said = {name: getattr(self.manifest, name) for name in Manifest.__struct_fields__}
        self.manifest = Manifest(**{**said, **fields})

    def hears(self, *interests: EventInterest) -> None:
        """Be run (`/api/v1/execute` with trigger event) for these events."""
        self.introduces(events=interests)

    def listens_to(self, *message_types: MessageType) -> None:
        """Be sent these events in batches (`/api/v1/events`)."""
        self.introduces(listens_to=message_types)

    def in_background(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `work` while the app serves; when it fails it is logged and started again."""
        self._background[name] = work

    def at_the_end(self, finish: Callable[[], Awaitable[None]]) -> None:
        """Let `finish` bring to an end what is under way, for at most the drain seconds, before data is closed."""
        self._endings.append(finish)

    def needs(self, name: str, check: Callable[[], Awaitable[None]]) -> None:
        """Answer `/ready` with 503 while `check` raises."""
        self._checks[name] = check

    async def serve(self, key: tuple[str, str], token: str, body: bytes, extra: dict[str, str] | None = None) -> bytes:
        """Answer one operation, whichever door it came through."""
        began, outcome = time.perf_counter(), "done"
        try:
            return await self.endpoints.serve(key, token, body, self.gate, extra)
        except ServiceError as error:
            outcome = error.code
            raise
        except Exception:
            outcome = "failed"
            raise
        finally:
            self.metrics.served(key[1], outcome, time.perf_counter() - began)

    async def missing(self) -> dict[str, str]:
        """What this module cannot work without and does not have now, by name with the reason."""
        if self.draining:
            return {"module": "draining"}
        missing: dict[str, str] = {}
        for name, check in self._checks.items():
            try:
                async with asyncio.timeout(3):
                    await check()
            except (ServiceError, TimeoutError) as error:
                missing[name] = getattr(error, "message", "no answer in time")
        return missing

    async def _serving(self) -> AsyncGenerator[None]:
        async with self.database.connected():
            tasks = [asyncio.create_task(self._supervise(n, w), name=n) for n, w in self._background.items()]
            tasks.append(asyncio.create_task(introduce(self.services, self.manifest), name="introduction"))
            tasks.append(asyncio.create_task(self._supervise("people", self._watch_people), name="people"))
            try:
                yield
            finally:
                await take_leave(self.services, self.manifest)
                await _cancel(tasks)
                await self._finish()
                await self.services.transport.close()
                await self.http.close()
                if self.runtime.shared is None:
                    await self.shared.close()

    async def _finish(self) -> None:
        try:
            async with asyncio.timeout(self.config.drain_seconds):
                for finish in self._endings:
                    await finish()
        except TimeoutError:
            log.warning("not everything under way could be finished")

    async def _supervise(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        wait = _RESTART_WAIT
        while True:
            began = time.monotonic()
            try:
                await work()
                return
            except Unavailable as error:
                log.warning("%s waits: %s", name, error.message)
            except Exception:  # The edge of background work: nobody else would see it.
                log.exception("%s failed and starts again", name)
            wait = _RESTART_WAIT if time.monotonic() - began > _LONGEST_RESTART_WAIT else wait
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_RESTART_WAIT)

    async def _watch_people(self) -> None:
        """Forget a person's role or key as soon as somebody says that it changed."""
        member = msgspec.json.Decoder(community_contract.MemberChanged)
        key = msgspec.json.Decoder(identity_contract.KeyRevoked)
        topics = (community_contract.TOPIC_MEMBER, identity_contract.TOPIC_KEY_REVOKED)
        async with self.shared.subscribe(*topics) as messages:
            self.gate.forget_all()
            async for topic, message in messages:
                if topic == community_contract.TOPIC_MEMBER:
                    self.gate.forget(member.decode(message).person_id)
                elif topic == identity_contract.TOPIC_KEY_REVOKED:
                    self.gate.keys.forget(key.decode(message).key_id)
                else:
                    self.gate.forget_all()


def create_service(info: ModuleInfo, config: ServiceConfig) -> Service:
    """The app of the module that `info` describes, ready to be given its operations."""
    return Service(info, config)


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
