"""A trigger does what the router asks: each delivery once, a channel's in order, and tells what became of it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from flask_core.auth import utc_now
from flask_core.batching import Batcher
from flask_core.contracts.module import Delivery, DeliveryResult, DeliveryStatus
from flask_core.datamodels import GrantRole, Moderate
from flask_core.errors import (
    Forbidden,
    InvalidInput,
    NotFound,
    ServiceError,
    TooMany,
    Unauthenticated,
    Unavailable,
    UnknownOutcome,
)
from flask_core.sending_repository import Begun, SendingRepository

log = logging.getLogger(__name__)

KEPT = timedelta(hours=24)
_LAST_SECONDS = 5.0
_BEGUN = "It was begun before; it may be there."
_OTHER = "This key was used for something else."
_encoder = msgspec.json.Encoder()


class Unsupported(InvalidInput):
    """The platform knows nothing of the kind."""


class Refusal(Forbidden):
    """We may, and the platform still does not do it; the sentence says why."""


class Partly(ServiceError):
    """Some of a text was said before `error`; what the platform gave no id for is ""."""

    def __init__(self, said: tuple[str, ...], error: ServiceError) -> None:
        super().__init__(error.message)
        self.said = said
        self.error = error


@dataclass(frozen=True, slots=True)
class Done:
    """It was done, or nearly: the ids of its messages, `reason` is a sentence where there is something to say."""

    message_ids: tuple[str, ...] = ()
    reason: str = ""
    status: DeliveryStatus = DeliveryStatus.DONE

    def result(self, delivery: Delivery) -> DeliveryResult:
        """As the router is told."""
        return DeliveryResult(delivery.id, self.status, tuple(filter(None, self.message_ids)), self.reason)


class Delivering:
    """`do` carries one delivery out, or raises an error of the family.

    The same key never acts twice. `safe_twice` says which actions may act again when nobody knows whether they did.
    """

    def __init__(
        self,
        do: Callable[[Delivery], Awaitable[Done]],
        sendings: SendingRepository,
        now: Callable[[], datetime] = utc_now,
        *,
        safe_twice: Callable[[Delivery], bool] = lambda wish: isinstance(wish.action, Moderate | GrantRole),
    ) -> None:
        self._do = do
        self._sendings = sendings
        self._now = now
        self._safe_twice = safe_twice
        self._under_way: dict[str, asyncio.Task[DeliveryResult]] = {}
        self._begun: Batcher[tuple[str, str], Begun] = Batcher(self._begin)
        self._ended: Batcher[tuple[str, DeliveryResult], None] = Batcher(self._end)

    async def deliver(self, deliveries: Sequence[Delivery]) -> list[DeliveryResult]:
        """One result per delivery, in order."""
        channels: dict[str, list[Delivery]] = {}
        for delivery in deliveries:
            channels.setdefault(delivery.channel, []).append(delivery)
        done = await asyncio.gather(*map(self._one_channel, channels.values()))
        results = {result.id: result for channel in done for result in channel}
        return [results[delivery.id] for delivery in deliveries]

    async def _one_channel(self, deliveries: list[Delivery]) -> list[DeliveryResult]:
        return [await self._to_its_end(delivery) for delivery in deliveries]

    async def _to_its_end(self, delivery: Delivery) -> DeliveryResult:
        """What was begun goes on when whoever asked goes away; its result is for the one who asks again."""
        key = f"{delivery.idempotency_key} {_digest(delivery)}"
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._once(delivery), name="delivery")
            task.add_done_callback(lambda done: self._over(key, done))
        return msgspec.structs.replace(await asyncio.shield(task), id=delivery.id)

    def _over(self, key: str, task: asyncio.Task[DeliveryResult]) -> None:
        del self._under_way[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            # Nobody may be waiting for it any more.
            log.warning("a delivery has no result: %s", type(error).__name__)

    async def _once(self, delivery: Delivery) -> DeliveryResult:
        begun = await self._begun.add((delivery.idempotency_key, _digest(delivery)))
        if begun.other:
            return DeliveryResult(delivery.id, DeliveryStatus.FAILED, reason=_OTHER)
        if begun.result is not None:
            # Its number may be another one: the key alone says that it is the same.
            return msgspec.structs.replace(begun.result, id=delivery.id)
        if not begun.new and not self._safe_twice(delivery):
            return DeliveryResult(delivery.id, DeliveryStatus.UNKNOWN, reason=_BEGUN)
        try:
            result = (await self._do(delivery)).result(delivery)
        except ServiceError as error:
            result = result_of(delivery, error)
        return await self._kept(delivery, result)

    async def _kept(self, delivery: Delivery, result: DeliveryResult) -> DeliveryResult:
        again = result.status is DeliveryStatus.UNKNOWN and self._safe_twice(delivery)
        if again or result.status is DeliveryStatus.RATE_LIMITED:
            await self._sendings.take_back([delivery.idempotency_key])
        else:
            await self._ended.add((delivery.idempotency_key, result))
        return result

    async def _begin(self, wishes: list[tuple[str, str]]) -> list[Begun]:
        return await self._sendings.begin(wishes, self._now())

    async def _end(self, results: list[tuple[str, DeliveryResult]]) -> list[None]:
        await self._sendings.end(results)
        return [None] * len(results)

    async def forget_old(self) -> None:
        """Forget results that the router does not ask about any more."""
        await self._sendings.forget(self._now() - KEPT)

    async def close(self) -> None:
        """Finish what is being done and written."""
        if under_way := set(self._under_way.values()):
            await asyncio.wait(under_way, timeout=_LAST_SECONDS)
        await self._begun.close()
        await self._ended.close()


def result_of(delivery: Delivery, error: ServiceError) -> DeliveryResult:
    """What an error means for the router."""
    said: tuple[str, ...] = ()
    if isinstance(error, Partly):
        said, error = error.said, error.error
    later = isinstance(error, TooMany | Unavailable) and not isinstance(error, UnknownOutcome)
    if later and not said:
        # Nothing was done yet: whoever asked may ask again.
        status, wait = DeliveryStatus.RATE_LIMITED, error.retry_after or 1
        return DeliveryResult(delivery.id, status, reason=error.message, retry_after=wait)
    return DeliveryResult(delivery.id, _status_of(error), tuple(filter(None, said)), reason=error.message)


def _status_of(error: ServiceError) -> DeliveryStatus:
    if isinstance(error, Unsupported):
        return DeliveryStatus.UNSUPPORTED
    if isinstance(error, UnknownOutcome):
        return DeliveryStatus.UNKNOWN
    if isinstance(error, Unauthenticated | NotFound | Forbidden) and not isinstance(error, Refusal):
        return DeliveryStatus.NOT_PERMITTED
    return DeliveryStatus.FAILED


def _digest(delivery: Delivery) -> str:
    """What is wished, in short."""
    wished = delivery.channel.encode() + b"\0" + _encoder.encode(delivery.action)
    return hashlib.blake2b(wished, digest_size=9).hexdigest()
