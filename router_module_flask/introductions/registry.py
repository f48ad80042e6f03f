"""Introductions: which modules exist, which of their processes live, which third parties are registered."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts import router
from flask_core.datamodels import Manifest
from flask_core.errors import Conflict, NotFound
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState
from router_module_flask.customs.known import TOPIC_CUSTOMS
from router_module_flask.executors.register import Register
from router_module_flask.introductions import manifests
from router_module_flask.introductions.directory import CommandDirectory
from router_module_flask.introductions.repository import ModuleRepository

log = logging.getLogger(__name__)

HEARTBEAT = 30.0
HEALTHY = timedelta(seconds=90)
TOPIC_MODULES = "router.modules"
_WRITE_EVERY = 20.0


class Registry:
    """Keeps the directory of this replica in step with the table that all replicas share."""

    def __init__(
        self,
        modules: ModuleRepository,
        directory: CommandDirectory,
        client: ServiceClient,
        shared: SharedState,
        third_parties: Register,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._modules = modules
        self._directory = directory
        self._client = client
        self._shared = shared
        self._third_parties = third_parties
        self._now = now
        self._written: dict[str, float] = {}

    async def load(self) -> None:
        """Know what was known before the last stop."""
        for manifest in await self._modules.manifests():
            self._directory.take(manifest)
        for instance in await self._modules.instances():
            self._client.knows(instance.module, instance.base_url)
        await self._third_parties.load()

    async def introduce(self, manifest: Manifest) -> router.Welcome:
        """Know a module, or hear again that one of its processes lives. Raises Conflict for a taken command."""
        if manifest.name in self._third_parties.executors:
            raise Conflict(f"A third party's module is called {manifest.name} already.")
        manifests.check(manifest)
        changed = self._directory.take(_without_instance(manifest))
        self._client.knows(manifest.name, manifest.base_url)
        key = f"{manifest.name}/{manifest.instance}"
        if changed or self._written.get(key, 0) < time.monotonic() - _WRITE_EVERY:
            await self._modules.heard_of(manifest, self._now(), changed=changed)
            self._written[key] = time.monotonic()
        if changed:
            log.info("%s introduced itself", manifest.name)
            await self._shared.publish(TOPIC_MODULES, manifest.name.encode())
        return router.Welcome(HEARTBEAT)

    async def leave(self, name: str, instance: str) -> None:
        """A process of a module ends."""
        self._written.pop(f"{name}/{instance}", None)
        await self._modules.forget_instance(name, instance)

    async def states(self) -> router.ModuleList:
        """Every module with its processes of the last 90 s and its breaker."""
        alive: dict[str, list[datetime]] = {}
        for instance in await self._modules.instances():
            alive.setdefault(instance.module, []).append(instance.seen_at)
        return router.ModuleList(
            tuple(self._state(m, alive.get(name, [])) for name, m in sorted(self._directory.manifests.items()))
        )

    def _state(self, manifest: Manifest, seen: list[datetime]) -> router.ModuleState:
        fresh = [at for at in seen if at > self._now() - HEALTHY]
        third_party = manifest.name in self._third_parties.executors
        breakers = self._third_parties.breakers if third_party else self._client.transport.breakers
        breaker = breakers.get(manifest.name)
        return router.ModuleState(
            manifest=manifest,
            instances=len(fresh),
            healthy=bool(fresh) or third_party,
            last_seen=max(seen, default=None),
            breaker=breaker.state if breaker else "closed",
            external=manifest.name in self._directory.external,
        )

    async def details(self, name: str) -> router.ModuleDetails:
        """A module with its processes of the last 90 s; raises NotFound."""
        manifest = self._directory.manifests.get(name)
        if manifest is None:
            raise NotFound(f"No module is called {name[:40]}.")
        known = [one for one in await self._modules.instances() if one.module == name]
        alive = [one for one in known if one.seen_at > self._now() - HEALTHY]
        return router.ModuleDetails(
            self._state(manifest, [one.seen_at for one in known]),
            tuple(router.ModuleInstance(one.instance, one.base_url, one.seen_at) for one in alive),
            name in self._directory.external,
        )

    async def listen(self) -> None:
        """For ever: take over what other replicas learned."""
        async with self._shared.subscribe(TOPIC_MODULES, TOPIC_CUSTOMS) as messages:
            async for topic, message in messages:
                if topic == TOPIC_CUSTOMS:
                    self._directory.forget_customs(int(message))
                else:
                    await self.load()
                if not topic:
                    self._directory.forget_customs(None)


def _without_instance(manifest: Manifest) -> Manifest:
    """What is the same for all processes of a module, so that replicas do not look like changes."""
    return msgspec.structs.replace(manifest, instance="", base_url="")
