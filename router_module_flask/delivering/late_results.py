"""What triggers learn after their answer: a line that was unknown was said after all, or was not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask_core.auth import utc_now
from flask_core.contracts import deliveries as contract
from flask_core.contracts.module import DeliveryResult, DeliveryStatus
from flask_core.contracts.router import ActionState
from flask_core.errors import Gone, InvalidInput, NotFound
from flask_core.operations import Caller, Endpoints
from router_module_flask.delivering.repository import Outbox
from router_module_flask.models import made_at

_KEPT = timedelta(days=7)


class LateResults:
    """The first certain result stays."""

    def __init__(self, outbox: Outbox, now: Callable[[], datetime] = utc_now) -> None:
        self._outbox = outbox
        self._now = now

    async def take(self, result: DeliveryResult, module: str) -> ActionState:
        """Keep the result. Raises NotFound for what another module carries, Gone for what is forgotten already."""
        if result.status is DeliveryStatus.RATE_LIMITED:
            raise InvalidInput("A late result tells what became of it in the end.", field="status")
        state = await self._outbox.late(result, module)
        if state is not None:
            return state
        if made_at(result.id) < self._now() - _KEPT:
            raise Gone("This delivery is forgotten by now.")
        raise NotFound("There is no such delivery.")

    def endpoints(self) -> Endpoints:
        """The operation."""
        api = Endpoints()

        @api.offers(contract.LATE_RESULT)
        async def late(asked: DeliveryResult, caller: Caller) -> ActionState:
            return await self.take(asked, caller.service)

        return api
