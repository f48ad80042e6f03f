"""Runs modules: ours over the service door, those of third parties in their own ways."""

from __future__ import annotations

import asyncio

from flask_core.contracts.module import EXECUTE
from flask_core.datamodels import Invocation, Reply
from flask_core.errors import Unavailable, UnknownOutcome
from flask_core.service_client import ServiceClient, not_answering
from router_module_flask.executors.calling import MOST_BYTES
from router_module_flask.executors.outside import Outside
from router_module_flask.forms import FormLinks


class ModuleRunner:
    """At most `concurrency` runs of a module at once; each run has its time-out."""

    def __init__(
        self,
        client: ServiceClient,
        outside: Outside,
        forms: FormLinks,
        *,
        concurrency: int = 50,
    ) -> None:
        self._client = client
        self._outside = outside
        self._forms = forms
        self._concurrency = concurrency
        self._places: dict[str, asyncio.Semaphore] = {}

    async def run(self, module: str, invocation: Invocation, timeout: float) -> Reply:
        """The module's reply; raises its refusal, or Unavailable with the sentence that people see."""
        places = self._places.get(module)
        if places is None:
            places = self._places[module] = asyncio.Semaphore(self._concurrency)
        async with places:
            reply = await self._answer(module, invocation, timeout)
        return await self._forms.shown(module, invocation, reply)

    async def _answer(self, module: str, invocation: Invocation, timeout: float) -> Reply:
        if self._outside.has(module):
            return await self._outside.run(module, invocation, timeout)
        try:
            return await self._client.call(module, EXECUTE, invocation, timeout=timeout, most_bytes=MOST_BYTES)
        except UnknownOutcome as error:
            raise Unavailable(not_answering(module)) from error
