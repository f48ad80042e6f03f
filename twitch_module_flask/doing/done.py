"""What an error means for the router that wished for something."""

from __future__ import annotations

from flask_core.contracts.module import Delivery, DeliveryResult, DeliveryStatus
from flask_core.delivering import Partly, Unsupported
from flask_core.errors import (
    Forbidden,
    NotFound,
    ServiceError,
    TooMany,
    Unauthenticated,
    Unavailable,
    UnknownOutcome,
)
from twitch_module_flask.doing.rights import Refusal


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
