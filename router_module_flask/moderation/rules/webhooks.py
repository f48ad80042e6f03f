"""Makes the calls that rules ask for: signed, guarded, out of the outbox, so that chat never waits for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import msgspec

from flask_core.contracts import rules
from flask_core.contracts.module import DeliveryResult, DeliveryStatus
from flask_core.datamodels import PlatformRequest
from flask_core.encryption import Sealer
from flask_core.errors import ServiceError, TooMany, Unavailable, UpstreamFailed
from flask_core.http_client import HttpClient
from router_module_flask.delivering.rows import Due
from router_module_flask.executors.webhooks import signature
from router_module_flask.moderation.rules.repository import RuleRepository

_TIMEOUT = 3.0
_REFUSED = 400
_encoder = msgspec.json.Encoder()


class RuleWebhooks:
    """An address that refuses (4xx) is not called again; one that is away is, while it makes sense."""

    def __init__(
        self, repository: RuleRepository, http: HttpClient, sealer: Sealer, clock: Callable[[], float] = time.time
    ) -> None:
        self._rules = repository
        self._http = http
        self._sealer = sealer
        self._clock = clock

    async def carry(self, dues: Sequence[Due]) -> list[DeliveryResult]:
        """One result per call, in order; raises Unavailable when rules cannot be read."""
        return list(await asyncio.gather(*map(self._one, dues)))

    async def _one(self, due: Due) -> DeliveryResult:
        action = due.delivery.action
        assert isinstance(action, PlatformRequest), "rules put nothing else there"
        told = action.arguments
        webhook = await self._webhook(due.delivery.community_id, int(told["rule"]), int(told["action"]))
        if webhook is None:
            return DeliveryResult(due.delivery.id, DeliveryStatus.FAILED, reason="The rule has no such webhook now.")
        body = _encoder.encode({"community_id": due.delivery.community_id, **told})
        headers = {
            "Content-Type": "application/json",
            "X-WaddleBot-Signature": signature([self._sealer.open(webhook.secret).decode()], body, self._clock()),
            "X-WaddleBot-Execution": due.delivery.idempotency_key.partition(":")[2],
        }
        try:
            answer = await self._http.guarded(
                "POST", webhook.url, content=body, headers=headers, timeout=_TIMEOUT, own_breaker=True
            )
        except (TooMany, UpstreamFailed, Unavailable) as away:
            return _result(due, DeliveryStatus.RATE_LIMITED, away)
        except ServiceError as refused:
            return _result(due, DeliveryStatus.FAILED, refused)
        if answer.status_code >= _REFUSED:
            return DeliveryResult(due.delivery.id, DeliveryStatus.FAILED, reason=f"It answered {answer.status_code}.")
        return DeliveryResult(due.delivery.id, DeliveryStatus.DONE)

    async def _webhook(self, community_id: int, number: int, index: int) -> rules.CallWebhook | None:
        rule = await self._rules.one(community_id, number)
        action = rule.actions[index] if rule is not None and index < len(rule.actions) else None
        return action if isinstance(action, rules.CallWebhook) else None


def _result(due: Due, status: DeliveryStatus, error: ServiceError) -> DeliveryResult:
    reason = str(error.details.get("reason", error.code))
    return DeliveryResult(due.delivery.id, status, reason=reason, retry_after=error.retry_after or 0)
