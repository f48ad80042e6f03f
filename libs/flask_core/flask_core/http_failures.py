"""Failures of outside services in our words, and how long they ask us to wait."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import httpx

from flask_core.errors import ServiceError, TooMany, UnknownOutcome, UpstreamFailed

FAILURES = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError)
"""What a request through httpx or aiohttp raises, TimeoutError included."""

LONGEST_PAUSE = 86_400.0
UNSAID_PAUSE = 5.0
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


def repeatable(method: str) -> bool:
    """Whether sending it twice is the same as sending it once."""
    return method in _REPEATABLE


def nothing_was_sent(error: BaseException) -> bool:
    """Whether the failure came before the request left.

    aiohttp's own error decides where there is one: its transport for httpx calls a connection that was
    lost after sending a ConnectTimeout too.
    """
    original = error.__cause__ or error
    if isinstance(original, aiohttp.ClientError):
        return isinstance(original, _NOT_SENT)
    return isinstance(original, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL))


def not_answering(name: str, error: BaseException, *, method: str, sent: bool = True) -> ServiceError:
    """UpstreamFailed, or UnknownOutcome when a change may have happened over there."""
    timed_out = isinstance(error, (TimeoutError, httpx.TimeoutException))
    reason = "timeout" if timed_out else "no answer"
    sentence = f"{name} is not answering right now."
    if sent and not repeatable(method) and not nothing_was_sent(error):
        return UnknownOutcome(sentence, reason=reason)
    return UpstreamFailed(sentence, reason=reason)


def unanswered(error: BaseException) -> bool:
    """Whether an outside service said nothing at all, and nothing was changed there."""
    return isinstance(error, UpstreamFailed) and "status" not in error.details and "reason" in error.details


def refusal(name: str, response: httpx.Response) -> ServiceError | None:
    """The error behind a status that says that asking was in vain; None for an answer to be read."""
    status = response.status_code
    wait = retry_after(response)
    reason = f"{status} {response.reason_phrase}".strip()
    if status == 429:
        wait = UNSAID_PAUSE if wait is None else wait
        return TooMany(f"{name} is asked too often. Try again in {wait:.0f} s.", retry_after=wait, reason=reason)
    if status >= 500:
        return UpstreamFailed(f"{name} has a problem right now.", retry_after=wait, reason=reason, status=status)
    return None


def retry_after(response: httpx.Response, now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for, at most a day; None without a readable one."""
    said = response.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said), LONGEST_PAUSE)
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    at = at.replace(tzinfo=at.tzinfo or UTC)
    return min(max(0.0, (at - (now or datetime.now(UTC))).total_seconds()), LONGEST_PAUSE)
