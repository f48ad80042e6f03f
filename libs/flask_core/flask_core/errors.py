"""One family of errors: each knows its status, its code, and carries a sentence fit for chat."""

from __future__ import annotations

from typing import Any


class ServiceError(Exception):
    """A refusal or a failure that somebody is told about.

    `message` is one sentence for a person; `details` are facts for a program (field names, the row in
    the way); `retry_after` are seconds after which the same request may succeed.
    """

    status = 500
    code = "failed"

    def __init__(self, message: str, *, retry_after: float | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after
        self.details = details


class InvalidInput(ServiceError):
    """What was given cannot be understood; the sentence says what is accepted."""

    status = 400
    code = "invalid"


class Unauthenticated(ServiceError):
    """Nobody, or somebody whose credentials do not hold."""

    status = 401
    code = "unauthenticated"


class Forbidden(ServiceError):
    """Somebody known who may not; the sentence says who may."""

    status = 403
    code = "forbidden"


class NotFound(ServiceError):
    """Nothing exists under the name or id that was asked for, or it is not the asker's to see."""

    status = 404
    code = "not_found"


class Conflict(ServiceError):
    """Something is in the way; `details` name the row."""

    status = 409
    code = "conflict"


class Stale(Conflict):
    """The row was changed since it was read; `details["current"]` is the row as it is now."""

    code = "stale"


class LimitReached(Conflict):
    """As many as allowed exist already."""

    code = "limit_reached"


class NotReady(ServiceError):
    """It is understood, and something has to be set up first; the sentence says what."""

    status = 422
    code = "not_ready"


class Gone(ServiceError):
    """It existed and its time is over."""

    status = 410
    code = "gone"


class TooLarge(ServiceError):
    """More bytes or items than are taken at once."""

    status = 413
    code = "too_large"


class TooMany(ServiceError):
    """Too often; `retry_after` says when again."""

    status = 429
    code = "too_many"


class UpstreamFailed(ServiceError):
    """An outside service refused or is away."""

    status = 502
    code = "upstream_failed"


class Unavailable(ServiceError):
    """We, or a module we need, cannot answer right now."""

    status = 503
    code = "unavailable"


class UnknownOutcome(Unavailable):
    """A request was sent and no answer came: whether it had its effect is not known."""

    code = "unknown_outcome"


FAMILY: dict[str, type[ServiceError]] = {
    kind.code: kind
    for kind in (
        ServiceError, InvalidInput, Unauthenticated, Forbidden, NotFound, Conflict, Stale, LimitReached, NotReady, Gone,
        TooLarge, TooMany, UpstreamFailed, Unavailable, UnknownOutcome,
    )
}  # fmt: skip


def from_answer(status: int, body: dict[str, Any], *, retry_after: float | None = None) -> ServiceError:
    """The error that another service answered with, as the same member of the family."""
    code = str(body.get("error", ""))
    kind = FAMILY.get(code) or next((k for k in FAMILY.values() if k.status == status), ServiceError)
    details = body.get("details")
    error = kind(str(body.get("message") or "The request failed."), retry_after=retry_after)
    error.details = details if isinstance(details, dict) else {}
    return error
