"""Hands a batch of deliveries to the module whose job they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from flask_core.contracts import browser_source
from flask_core.contracts.module import DELIVER, Deliveries, Delivery, DeliveryResult, DeliveryStatus
from flask_core.datamodels import Action, DisplayAction, General, Media, Ticker
from flask_core.errors import UpstreamFailed
from flask_core.service_client import ServiceClient
from router_module_flask.delivering.addressing import WEBHOOKS
from router_module_flask.delivering.rows import Due

_TIMEOUT = 15.0


class Carriers(Protocol):
    """Carries deliveries out."""

    async def carry(self, module: str, dues: list[Due]) -> list[DeliveryResult]:
        """One result per delivery, in order; raises Unavailable or UnknownOutcome for the batch."""


class Webhooks(Protocol):
    """Calls the addresses that rules name."""

    async def carry(self, dues: Sequence[Due]) -> list[DeliveryResult]:
        """One result per call, in order."""


class ServiceCarriers:
    """Chat and moderation go to triggers, everything for the screen to browser_source, what rules send out of it."""

    def __init__(self, client: ServiceClient, webhooks: Webhooks | None = None) -> None:
        self._client = client
        self._webhooks = webhooks

    async def carry(self, module: str, dues: list[Due]) -> list[DeliveryResult]:
        """Carry out a batch; results of triggers come back in order."""
        if module == "browser_source":
            return await self._show(dues)
        if module == WEBHOOKS and self._webhooks is not None:
            return await self._webhooks.carry(dues)
        request = Deliveries(tuple(due.delivery for due in dues))
        answer = await self._client.call(module, DELIVER, request, timeout=_TIMEOUT)
        if [result.id for result in answer.results] != [due.delivery.id for due in dues]:
            raise UpstreamFailed(f"The {module} module answered for other deliveries than it was given.")
        return list(answer.results)

    async def _show(self, dues: list[Due]) -> list[DeliveryResult]:
        items = tuple(
            browser_source.Display(
                community_id=due.delivery.community_id,
                idempotency_key=due.delivery.idempotency_key,
                action=_shown(due.delivery.action),
                source=due.source,
                stage="preview" if due.simulated else "live",
                account=_whose(due.delivery),
            )
            for due in dues
        )
        answer = await self._client.call(
            "browser_source", browser_source.DISPLAY, browser_source.Displays(items), timeout=_TIMEOUT
        )
        return [
            DeliveryResult(due.delivery.id, DeliveryStatus.DONE, (str(shown.number),))
            for due, shown in zip(dues, answer.results, strict=True)
        ]


def _whose(delivery: Delivery) -> tuple[str, str] | None:
    return (delivery.channel.partition(":")[0], delivery.account.user_id) if delivery.account else None


def _shown(action: Action) -> DisplayAction:
    assert isinstance(action, Media | Ticker | General), "the outbox sends nothing else to the screen"
    return action
