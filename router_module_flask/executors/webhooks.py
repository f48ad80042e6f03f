"""Calls webhooks: signed, and only where the guard lets us go."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Iterable

import httpx
import msgspec

from flask_core.contracts.external import Webhook
from flask_core.errors import InvalidInput, ServiceError, from_answer
from flask_core.http_client import HttpClient
from flask_core.url_guard import UrlGuard
from router_module_flask.executors.calling import MOST_BYTES, Asked, Failed

LONGEST_REFUSAL = 500
SHORTEST_SECRET = 32


class _Refusal(msgspec.Struct, frozen=True):
    message: str


_refusal = msgspec.json.Decoder(_Refusal)


class WebhookCaller:
    """The address is checked at every call: what a name leads to may have changed since it was registered."""

    def __init__(self, http: HttpClient, guard: UrlGuard, clock: Callable[[], float] = time.time) -> None:
        self._http = http
        self._guard = guard
        self._clock = clock

    def check(self, executor: Webhook) -> None:
        """Raises InvalidInput for an address inside and for a secret that can be guessed."""
        for secret in (executor.secret, executor.former_secret or executor.secret):
            if len(secret) < SHORTEST_SECRET or "\n" in secret:
                raise InvalidInput(
                    f"The secret that signs calls has {SHORTEST_SECRET} characters or more.", field="secret"
                )
        self._guard.checked_url(executor.url)

    async def call(self, executor: Webhook, asked: Asked) -> bytes:
        """The encoded reply; 4xx with a message is the module's own refusal."""
        headers = {
            "Content-Type": "application/json",
            "X-WaddleBot-Signature": signature((executor.secret, executor.former_secret), asked.body, self._clock()),
            "X-WaddleBot-Execution": asked.execution_id,
        }
        answer = await self._http.guarded(
            "POST",
            executor.url,
            content=asked.body,
            headers=headers,
            timeout=asked.timeout,
            most_bytes=MOST_BYTES,
            own_breaker=True,
        )
        if answer.status_code >= 400:
            raise _refused(answer)
        return answer.content


def signature(secrets: Iterable[str], body: bytes, at: float) -> str:
    """The header that proves who sent `body` and when (`at` in seconds since 1970), once for each secret."""
    stamp = str(int(at))
    signed = [
        hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        for secret in secrets
        if secret
    ]
    return ",".join([f"t={stamp}", *(f"v1={one}" for one in signed)])


def _refused(answer: httpx.Response) -> ServiceError:
    try:
        said = _refusal.decode(answer.content).message
    except msgspec.MsgspecError:
        return Failed(f"{answer.status_code} without a message")
    return from_answer(answer.status_code, {"message": said[:LONGEST_REFUSAL]})
