"""Calls the modules of third parties: signed, guarded, and with less trust in what comes back."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import httpx
import msgspec

from flask_core.datamodels import Invocation, Origin, Reply
from flask_core.errors import ServiceError, UpstreamFailed, from_answer
from flask_core.http_client import HttpClient
from flask_core.service_client import not_answering

log = logging.getLogger(__name__)

EXTERNAL_ACTIONS = 5
LONGEST_REFUSAL = 500
_encoder = msgspec.json.Encoder()
_reply = msgspec.json.Decoder(Reply)


class _Refusal(msgspec.Struct, frozen=True):
    message: str


_refusal = msgspec.json.Decoder(_Refusal)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a third party's module is called, and the secret that signs the calls."""

    url: str
    secret: str


class WebhookCaller:
    """Whatever goes wrong out there, people read that the module is not answering; the log says why."""

    def __init__(self, http: HttpClient, clock: Callable[[], float] = time.time) -> None:
        self._http = http
        self._clock = clock

    async def call(self, module: str, webhook: Webhook, invocation: Invocation, timeout: float) -> Reply:
        """The module's reply; raises its own refusal (4xx with a message), or UpstreamFailed.

        The address is checked again at every call: what a name leads to may have changed since it was registered.
        """
        body = _encoder.encode(invocation)
        headers = {
            "Content-Type": "application/json",
            "X-WaddleBot-Signature": self._signature(webhook.secret, body),
            "X-WaddleBot-Execution": invocation.execution_id,
        }
        try:
            answer = await self._http.guarded("POST", webhook.url, content=body, headers=headers, timeout=timeout)
        except ServiceError as error:
            _gives_up(module, str(error.details.get("reason", error.code)), error)
        if answer.status_code >= 400:
            raise _refused(module, answer)
        try:
            return _from_outside(_reply.decode(answer.content))
        except msgspec.MsgspecError as error:
            _gives_up(module, f"cannot be read: {error}", error)

    def _signature(self, secret: str, body: bytes) -> str:
        stamp = str(int(self._clock()))
        signed = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return f"t={stamp},v1={signed}"


def _gives_up(module: str, reason: str, error: Exception) -> NoReturn:
    log.warning("the webhook of %s gave no answer: %s", module, reason)
    raise UpstreamFailed(not_answering(module), reason=reason) from error


def _refused(module: str, answer: httpx.Response) -> ServiceError:
    try:
        said = _refusal.decode(answer.content).message
    except msgspec.MsgspecError as error:
        _gives_up(module, f"{answer.status_code} without a message", error)
    return from_answer(answer.status_code, {"message": said[:LONGEST_REFUSAL]})


def _from_outside(reply: Reply) -> Reply:
    """A third party's words pass the community's word rules, and there are fewer of them."""
    actions = tuple(
        msgspec.structs.replace(action, origin=Origin.EXTERNAL) if hasattr(action, "origin") else action
        for action in reply.actions[:EXTERNAL_ACTIONS]
    )
    return Reply(actions, reply.pending)
