"""Does what the router asks: each delivery once, a channel's in order, and tells what became of it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from flask_core.auth import utc_now
from flask_core.batching import Batcher
from flask_core.contracts.module import Delivery, DeliveryResult, DeliveryStatus
from flask_core.datamodels import Chat, GrantRole, Moderate, PlatformRequest
from flask_core.errors import ServiceError
from twitch_module_flask.doing.done import Done, Unsupported, failed
from twitch_module_flask.doing.granting import Granting
from twitch_module_flask.doing.moderating import Moderating
from twitch_module_flask.doing.requests import Requests
from twitch_module_flask.sending_repository import Begun, SendingRepository
from twitch_module_flask.speaking import WHISPERS, Speaking
from twitch_module_flask.troubles import Troubles
from twitch_module_flask.voices import Voice, Voices

KEPT = timedelta(hours=24)
_BEGUN = "It was begun before; it may be there."
_OTHER = "This key was used for something else."
_SAFE_TWICE = (Moderate, GrantRole)
_NOT_KEPT = frozenset({DeliveryStatus.RATE_LIMITED})
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Abilities:
    """Everything that can be asked for."""

    speaking: Speaking
    moderating: Moderating
    granting: Granting
    requests: Requests


class Doing:
    """The same key never acts twice; what may be done twice without harm is done again when nobody knows."""

    def __init__(
        self,
        abilities: Abilities,
        voices: Voices,
        sendings: SendingRepository,
        troubles: Troubles,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._can = abilities
        self._voices = voices
        self._sendings = sendings
        self._troubles = troubles
        self._now = now
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
        return [await self._once(delivery) for delivery in deliveries]

    async def _once(self, delivery: Delivery) -> DeliveryResult:
        begun = await self._begun.add((delivery.idempotency_key, _digest(delivery)))
        if begun.other:
            return DeliveryResult(delivery.id, DeliveryStatus.FAILED, reason=_OTHER)
        if begun.result is not None:
            # Its number may be another one: the key alone says that it is the same.
            return msgspec.structs.replace(begun.result, id=delivery.id)
        if not begun.new and not isinstance(delivery.action, _SAFE_TWICE):
            return DeliveryResult(delivery.id, DeliveryStatus.UNKNOWN, reason=_BEGUN)
        try:
            result = (await self._tried(delivery)).result(delivery)
        except ServiceError as error:
            result = failed(delivery, error)
            if result.status is DeliveryStatus.FAILED:
                await self._troubles.note(result.reason, delivery.community_id)
        return await self._kept(delivery, result)

    async def _kept(self, delivery: Delivery, result: DeliveryResult) -> DeliveryResult:
        again = isinstance(delivery.action, _SAFE_TWICE) and result.status is DeliveryStatus.UNKNOWN
        if again or result.status in _NOT_KEPT:
            await self._sendings.take_back([delivery.idempotency_key])
        else:
            await self._ended.add((delivery.idempotency_key, result))
        return result

    async def _tried(self, delivery: Delivery) -> Done:
        action = delivery.action
        match action:
            case Chat():
                return await self._can.speaking.say(await self._voice(delivery), delivery, action)
            case Moderate():
                return await self._can.moderating.moderate(await self._voices.of(delivery.channel), action)
            case GrantRole():
                return await self._can.granting.grant(await self._voices.of(delivery.channel), action)
            case PlatformRequest():
                return await self._can.requests.carry_out(await self._voices.of(delivery.channel), action)
            case _:
                raise Unsupported(f"Twitch shows nothing of the kind: {action.__struct_config__.tag}.")

    async def _voice(self, delivery: Delivery) -> Voice:
        if delivery.channel.startswith(WHISPERS):
            return await self._voices.whispering(delivery.community_id)
        return await self._voices.of(delivery.channel)

    async def _begin(self, wishes: list[tuple[str, str]]) -> list[Begun]:
        return await self._sendings.begin(wishes, self._now())

    async def _end(self, results: list[tuple[str, DeliveryResult]]) -> list[None]:
        await self._sendings.end(results)
        return [None] * len(results)

    async def forget_old(self) -> None:
        """Forget results that the router does not ask about any more."""
        await self._sendings.forget(self._now() - KEPT)
        await self._can.requests.shoutouts.forget_old()

    async def close(self) -> None:
        """Finish what is being written."""
        await self._begun.close()
        await self._ended.close()


def _digest(delivery: Delivery) -> str:
    """What is wished, in short."""
    wished = delivery.channel.encode() + b"\0" + _encoder.encode(delivery.action)
    return hashlib.blake2b(wished, digest_size=9).hexdigest()
