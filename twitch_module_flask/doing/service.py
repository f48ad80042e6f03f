"""Does what the router asks: each delivery once, a channel's in order, and tells what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.contracts.module import Delivery, DeliveryResult, DeliveryStatus
from flask_core.datamodels import Chat, GrantRole, Moderate, PlatformRequest
from flask_core.delivering import Delivering, Done, Partly, Unsupported, result_of
from flask_core.errors import ServiceError, Unavailable
from flask_core.http_failures import unanswered
from flask_core.sending_repository import SendingRepository
from twitch_module_flask.doing.granting import Granting
from twitch_module_flask.doing.moderating import Moderating
from twitch_module_flask.doing.requests import Requests
from twitch_module_flask.speaking import WHISPERS, Speaking
from twitch_module_flask.troubles import Troubles
from twitch_module_flask.voices import Voice, Voices

_AGAIN = 2.0


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
        self._troubles = troubles
        self._delivering = Delivering(self._noted, sendings, now)

    async def deliver(self, deliveries: Sequence[Delivery]) -> list[DeliveryResult]:
        """One result per delivery, in order."""
        return await self._delivering.deliver(deliveries)

    async def _noted(self, delivery: Delivery) -> Done:
        try:
            return await self._tried(delivery)
        except ServiceError as error:
            meant = _as_meant(error)
            result = result_of(delivery, meant)
            if result.status is DeliveryStatus.FAILED or meant is not error:
                await self._troubles.note(result.reason, delivery.community_id)
            raise meant from error

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

    async def forget_old(self) -> None:
        """Forget results that the router does not ask about any more."""
        await self._delivering.forget_old()
        await self._can.requests.shoutouts.forget_old()

    async def close(self) -> None:
        """Finish what is being written."""
        await self._delivering.close()


def _as_meant(error: ServiceError) -> ServiceError:
    """What never reached Twitch is not refused: it is for later, as long as the router wants it."""
    inner = error.error if isinstance(error, Partly) and not error.said else error
    if unanswered(inner):
        return Unavailable(inner.message, retry_after=_AGAIN)
    return error
