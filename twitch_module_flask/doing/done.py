"""What became of one wish of the router's."""

from __future__ import annotations

from dataclasses import dataclass

from flask_core.contracts.module import Delivery, DeliveryResult, DeliveryStatus
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
from twitch_module_flask.doing.rights import Refusal


@dataclass(frozen=True, slots=True)
class Done:
    """It was done, or nearly: `reason` is a sentence where there is something to say."""

    message_ids: tuple[str, ...] = ()
    reason: str = ""
    status: DeliveryStatus = DeliveryStatus.DONE

    def result(self, delivery: Delivery) -> DeliveryResult:
        """As the router is told."""
        return DeliveryResult(delivery.id, self.status, tuple(filter(None, self.message_ids)), self.reason)


class Unsupported(InvalidInput):
    """Twitch has nothing like it."""


class Partly(ServiceError):
    """Some lines of a text were said before `error`; one that Twitch gave no id for is ""."""

    def __init__(self, said: tuple[str, ...], error: ServiceError) -> None:
        super().__init__(error.message)
        self.said = said
        self.error = error


def failed(delivery: Delivery, error: ServiceError) -> DeliveryResult:
    """As the router is told when it was not done."""
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
    if isinstance(error, UnknownOutcome):
        return DeliveryStatus.UNKNOWN
    if isinstance(error, Unsupported):
        return DeliveryStatus.UNSUPPORTED
    permitted = isinstance(error, Refusal) or not isinstance(error, Unauthenticated | NotFound | Forbidden)
    return DeliveryStatus.FAILED if permitted else DeliveryStatus.NOT_PERMITTED
