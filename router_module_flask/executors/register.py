"""Which modules of third parties exist, the same in every replica."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.breaker import Breaker
from flask_core.contracts.external import Executor, ExternalModule
from flask_core.errors import Conflict, InvalidInput, NotFound
from flask_core.shared_state import SharedState
from router_module_flask.executors.calling import Callers
from router_module_flask.executors.repository import ExternalRepository, Registered
from router_module_flask.introductions import manifests
from router_module_flask.introductions.directory import CommandDirectory

TOPIC_EXTERNAL = "router.external"


class Register:
    """Keeps the directory of this replica in step with the table; a breaker per module."""

    def __init__(
        self,
        repository: ExternalRepository,
        directory: CommandDirectory,
        shared: SharedState,
        callers: Callers,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._directory = directory
        self._shared = shared
        self.callers = callers
        self._now = now
        self.executors: dict[str, Executor] = {}
        self.breakers: dict[str, Breaker] = {}
        # What was read before a module was registered must not make us forget it.
        self._turn = asyncio.Lock()

    async def load(self) -> None:
        """Know what is registered, and nothing else."""
        async with self._turn:
            known = {module.manifest.name: module for module in await self._repository.all()}
            for name in self.executors.keys() - known.keys():
                self._forget(name)
            for module in known.values():
                self._take(module)

    def _take(self, module: Registered) -> None:
        name = module.manifest.name
        self._directory.take(module.manifest, external=True)
        self.executors[name] = module.executor
        self.breakers.setdefault(name, Breaker(failures=5, within=30, probe_after=15))

    def _forget(self, name: str) -> None:
        self._directory.forget(name)
        self.executors.pop(name, None)
        self.breakers.pop(name, None)

    async def register(self, asked: ExternalModule) -> None:
        """Know a module, or know better how it is called. Raises InvalidInput, Conflict for what is taken."""
        manifest = asked.manifest
        if asked.name != manifest.name:
            raise InvalidInput("The manifest belongs to a module of another name.", field="name")
        if asked.name in self._directory.manifests and asked.name not in self.executors:
            raise Conflict(f"{asked.name} is one of our own modules.")
        if manifest.may_dispatch or manifest.listens_to:
            raise InvalidInput("A third party's module cannot dispatch commands or listen to all events.")
        manifests.check(manifest)
        caller = self.callers.get(type(asked.executor))
        if caller is None:
            raise InvalidInput("Modules of this kind are not set up in this installation.", field="executor")
        caller.check(asked.executor)
        self._directory.words.check(manifest.name, manifest.commands, external=True)
        module = Registered(manifest, asked.executor)
        async with self._turn:
            await self._repository.keep(module, self._now())
            self._take(module)
        await self._shared.publish(TOPIC_EXTERNAL, asked.name.encode())

    async def unregister(self, name: str) -> None:
        """Forget a module; its commands end at once."""
        async with self._turn:
            if not await self._repository.drop(name, self._now()):
                raise NotFound(f"No third party's module is called {name[:40]}.")
            self._forget(name)
        await self._shared.publish(TOPIC_EXTERNAL, name.encode())

    async def listen(self) -> None:
        """For ever: take over what other replicas learned."""
        async with self._shared.subscribe(TOPIC_EXTERNAL) as messages:
            await self.load()
            async for _ in messages:
                await self.load()
