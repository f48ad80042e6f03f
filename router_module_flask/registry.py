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
from flask_core.encryption import Sealer
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState
from flask_core.url_guard import UrlGuard
from router_module_flask import manifests
from router_module_flask.directory import ALWAYS_ON, CommandDirectory
from router_module_flask.module_repository import ExternalModule, ModuleRepository
from router_module_flask.webhooks import Webhook

log = logging.getLogger(__name__)

HEARTBEAT = 30.0
HEALTHY = timedelta(seconds=90)
TOPIC_MODULES = "router.modules"
TOPIC_SWITCHES = "router.switches"
SHORTEST_SECRET = 32
_WRITE_EVERY = 20.0


class Registry:
    """Keeps the directory of this replica in step with the table that all replicas share."""

    def __init__(
        self,
        modules: ModuleRepository,
        directory: CommandDirectory,
        client: ServiceClient,
        shared: SharedState,
        sealer: Sealer,
        guard: UrlGuard,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._modules = modules
        self._directory = directory
        self._client = client
        self._shared = shared
        self._sealer = sealer
        self._guard = guard
        self._now = now
        self._written: dict[str, float] = {}
        self._webhooks: dict[str, Webhook] = {}

    async def load(self) -> None:
        """Know what was known before the last stop."""
        for manifest in await self._modules.manifests():
            self._directory.take(manifest)
        for instance in await self._modules.instances():
            self._client.knows(instance.module, instance.base_url)
        for external in await self._modules.external():
            self._take_external(external)

    def _take_external(self, external: ExternalModule) -> None:
        name = external.manifest.name
        self._directory.take(external.manifest, external=True)
        self._webhooks[name] = Webhook(external.url, self._sealer.open(external.sealed_secret).decode())

    def webhook_of(self, module: str) -> Webhook | None:
        """Where a third party's module is called; None for our own."""
        return self._webhooks.get(module)

    async def introduce(self, manifest: Manifest) -> router.Welcome:
        """Know a module, or hear again that one of its processes lives. Raises Conflict for a taken command."""
        if manifest.name in self._webhooks:
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

    async def register(self, manifest: Manifest, url: str, secret: str) -> None:
        """Know a third party's webhook module; its address must pass the guard."""
        if manifest.name in self._directory.manifests and manifest.name not in self._webhooks:
            raise Conflict(f"{manifest.name} is one of our own modules.")
        if manifest.may_dispatch or manifest.listens_to:
            raise InvalidInput("A third party's module cannot dispatch commands or listen to all events.")
        if len(secret) < SHORTEST_SECRET:
            raise InvalidInput(f"The secret that signs calls has {SHORTEST_SECRET} characters or more.", field="secret")
        manifests.check(manifest)
        self._guard.checked_url(url)
        external = ExternalModule(manifest, url, self._sealer.seal(secret))
        await self._modules.register(external, self._now())
        self._take_external(external)
        await self._shared.publish(TOPIC_MODULES, manifest.name.encode())

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
        breaker = self._client.transport.breakers.get(manifest.name)
        return router.ModuleState(
            manifest=manifest,
            instances=len(fresh),
            healthy=bool(fresh) or manifest.name in self._webhooks,
            last_seen=max(seen, default=None),
            breaker=breaker.state if breaker else "closed",
        )

    async def switch(
        self, community_id: int, module: str, channel: str, enabled: bool, actor: str
    ) -> router.Enablement:
        """Switch a module on or off, in one channel or everywhere in the community."""
        if module not in self._directory.manifests:
            raise NotFound(f"No module is called {module}.")
        if module in ALWAYS_ON:
            raise Forbidden(f"{module} cannot be switched off.")
        state = router.Enablement(module, enabled)
        await self._modules.switch(community_id, state, channel, actor, self._now())
        self._directory.forget_switches(community_id)
        await self._shared.publish(TOPIC_SWITCHES, str(community_id).encode())
        return (await self.switches(community_id))[module]

    async def switches(self, community_id: int) -> dict[str, router.Enablement]:
        """Every module's state in a community."""
        switched = await self._modules.of(community_id)
        states = {}
        for name in sorted(self._directory.manifests):
            channels = {channel: on for (module, channel), on in switched.items() if module == name and channel}
            enabled = switched.get((name, ""), name not in self._webhooks)
            states[name] = router.Enablement(name, enabled, name in ALWAYS_ON, channels)
        return states

    async def listen(self) -> None:
        """For ever: take over what other replicas learned."""
        async with self._shared.subscribe(TOPIC_MODULES, TOPIC_SWITCHES) as messages:
            async for topic, message in messages:
                if topic == TOPIC_SWITCHES:
                    self._directory.forget_switches(int(message))
                else:
                    await self.load()
                if not topic:
                    self._directory.forget_switches(None)


def _without_instance(manifest: Manifest) -> Manifest:
    """What is the same for all processes of a module, so that replicas do not look like changes."""
    return msgspec.structs.replace(manifest, instance="", base_url="")
