"""Runs modules: containers over the service door, webhooks of third parties signed and guarded."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from flask_core.contracts.module import EXECUTE
from flask_core.datamodels import Invocation, Origin, Reply
from flask_core.errors import Unavailable, UnknownOutcome, UpstreamFailed
from flask_core.http_client import HttpClient
from flask_core.service_client import ServiceClient, not_answering

EXTERNAL_ACTIONS = 5
_encoder = msgspec.json.Encoder()
_reply = msgspec.json.Decoder(Reply)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a third party's module is called, and the secret that signs the calls."""

    url: str
    secret: str


class ModuleRunner:
    """At most `concurrency` runs of a module at once; each run has its time-out."""

    def __init__(
        self,
        client: ServiceClient,
        http: HttpClient,
        webhook_of: Callable[[str], Webhook | None],
        *,
        concurrency: int = 50,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._http = http
        self._webhook_of = webhook_of
        self._concurrency = concurrency
        self._clock = clock
        self._places: dict[str, asyncio.Semaphore] = {}

    async def run(self, module: str, invocation: Invocation, timeout: float) -> Reply:
        """The module's reply; raises its refusal, or Unavailable with the sentence that people see."""
        places = self._places.get(module)
        if places is None:
            places = self._places[module] = asyncio.Semaphore(self._concurrency)
        async with places:
            webhook = self._webhook_of(module)
            if webhook is not None:
                return await self._call_webhook(module, webhook, invocation, timeout)
            try:
                return await self._client.call(module, EXECUTE, invocation, timeout=timeout)
            except UnknownOutcome as error:
                raise Unavailable(not_answering(module)) from error

    async def _call_webhook(self, module: str, webhook: Webhook, invocation: Invocation, timeout: float) -> Reply:
        body = _encoder.encode(invocation)
        stamp = str(int(self._clock()))
        signed = hmac.new(webhook.secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-WaddleBot-Signature": f"t={stamp},v1={signed}",
            "X-WaddleBot-Execution": invocation.execution_id,
        }
        try:
            async with asyncio.timeout(timeout):
                answer = await self._http.guarded("POST", webhook.url, content=body, headers=headers)
            reply = _reply.decode(answer.content)
        except (TimeoutError, msgspec.MsgspecError) as error:
            raise UpstreamFailed(not_answering(module)) from error
        return _from_outside(reply)


def _from_outside(reply: Reply) -> Reply:
    """A third party's words pass the community's word rules, and there are fewer of them."""
    actions = tuple(
        msgspec.structs.replace(action, origin=Origin.EXTERNAL) if hasattr(action, "origin") else action
        for action in reply.actions[:EXTERNAL_ACTIONS]
    )
    return Reply(actions, reply.pending)
