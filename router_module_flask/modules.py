"""Runs modules: containers over the service door, webhooks of third parties over the guarded one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from flask_core.contracts.module import EXECUTE
from flask_core.datamodels import Invocation, Reply
from flask_core.errors import Unavailable, UnknownOutcome
from flask_core.service_client import ServiceClient, not_answering
from router_module_flask.webhooks import Webhook, WebhookCaller


class ModuleRunner:
    """At most `concurrency` runs of a module at once; each run has its time-out."""

    def __init__(
        self,
        client: ServiceClient,
        webhooks: WebhookCaller,
        webhook_of: Callable[[str], Webhook | None],
        *,
        concurrency: int = 50,
    ) -> None:
        self._client = client
        self._webhooks = webhooks
        self._webhook_of = webhook_of
        self._concurrency = concurrency
        self._places: dict[str, asyncio.Semaphore] = {}

    async def run(self, module: str, invocation: Invocation, timeout: float) -> Reply:
        """The module's reply; raises its refusal, or Unavailable with the sentence that people see."""
        places = self._places.get(module)
        if places is None:
            places = self._places[module] = asyncio.Semaphore(self._concurrency)
        async with places:
            webhook = self._webhook_of(module)
            if webhook is not None:
                return await self._webhooks.call(module, webhook, invocation, timeout)
            try:
                return await self._client.call(module, EXECUTE, invocation, timeout=timeout)
            except UnknownOutcome as error:
                raise Unavailable(not_answering(module)) from error
