"""Says due rows through the router, and marks them delivered only when the router says that they were."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import msgspec

from flask_core.contracts import router
from flask_core.due_rows import Due, Result, State
from flask_core.errors import NotFound
from flask_core.service_client import ServiceClient

_LOOK_AFTER = timedelta(seconds=5)
_UNDER_WAY = frozenset({"waiting", "sending"})
_SAID_MAYBE = frozenset({"unknown", "unconfirmed"})
_NOT_ALLOWED = frozenset({"unsupported", "not_permitted"})


class RouterDelivery[R]:
    """Work for DueWork. `request_of` makes the request of a row, or None when there is nothing to say: skipped.

    The row's key is the request's; after a failure it is tried under the key with the number of the sending
    (`…#2`). An outcome that nobody knows is not tried again: a line said twice is worse than one unconfirmed.
    What the platform does not allow is not tried again either, unless `refused` knows another way: it gets the
    row and the platform's reason.
    """

    def __init__(
        self,
        services: ServiceClient,
        request_of: Callable[[Due[R]], Awaitable[router.ActionsRequest | None]],
        *,
        now: Callable[[], datetime],
        refused: Callable[[Due[R], str], Awaitable[Result]] | None = None,
    ) -> None:
        self._services = services
        self._request_of = request_of
        self._now = now
        self._refused = refused or _failed

    async def __call__(self, due: Due[R]) -> Result:
        """Hand over what waits; ask about what was handed over."""
        return await (self._ask(due) if due.state is State.HANDED_OVER else self._hand_over(due))

    async def _hand_over(self, due: Due[R]) -> Result:
        request = await self._request_of(due)
        if request is None:
            return due.ends(State.SKIPPED)
        keyed = msgspec.structs.replace(request, idempotency_key=due.key)
        return await self._judged(due, await self._services.call("router", router.ACT, keyed))

    async def _ask(self, due: Due[R]) -> Result:
        try:
            answer = await self._services.call("router", router.ACTIONS, router.ActionKey(due.key))
        except NotFound:
            # It has no such key, so it can be handed over under it once more.
            return due.again(self._now(), "The router does not know it.", key=due.key)
        return await self._judged(due, answer)

    async def _judged(self, due: Due[R], answer: router.ActionStates) -> Result:
        states = {delivery.state for delivery in answer.deliveries}
        trouble = next((d.reason or d.state for d in answer.deliveries if d.state != "done"), "")
        if states & _UNDER_WAY:
            return self._under_way(due)
        if states & _SAID_MAYBE:
            return due.ends(State.UNCONFIRMED, trouble)
        if "done" in states:
            # What was said is not said again because something beside it failed.
            return due.ends(State.DELIVERED, trouble)
        if states <= _NOT_ALLOWED:
            return await self._refused(due, trouble)
        return due.again(self._now(), trouble, key=next_key(due.key))

    def _under_way(self, due: Due[R]) -> Result:
        now = self._now()
        if now >= due.expires_at:
            return due.ends(State.UNCONFIRMED, "The router was still at it when its time was over.")
        return due.look_again(State.HANDED_OVER, now + _LOOK_AFTER)


async def _failed[R](due: Due[R], reason: str) -> Result:
    return due.ends(State.FAILED, reason)


def next_key(key: str) -> str:
    """The key of the next sending: `a`, `a#2`, `a#3` …"""
    first, _, number = key.partition("#")
    return f"{first}#{int(number or 1) + 1}"
