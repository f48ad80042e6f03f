"""The one way out of the installation: calls to foreign services, and to addresses that somebody typed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, TypedDict, Unpack

import httpx

from flask_core.errors import ServiceError, TooMany
from flask_core.guarded_fetch import Errand, GuardedFetcher
from flask_core.http_failures import UNSAID_PAUSE, refusal, retry_after
from flask_core.http_pauses import Pauses
from flask_core.http_sender import USER_AGENT, Asked, HttpSender
from flask_core.http_targets import Targets
from flask_core.shared_state import SharedState
from flask_core.url_guard import UrlGuard

log = logging.getLogger(__name__)

MOST_BYTES = 8 * 1024 * 1024


class RequestParts(TypedDict, total=False):
    """What a request carries, by httpx's names: `data` is a form, `content` bytes as they are."""

    headers: Mapping[str, str]
    params: Mapping[str, Any]
    json: Any
    content: bytes
    data: Mapping[str, str]


class HttpClient:
    """Calls foreign services for one module. Opens connections at first use, bound to no loop before.

    Answers below 500 except 429 are returned; everything else is raised: TooMany while a credential has
    to wait, UpstreamFailed, and UnknownOutcome when a change was sent and no answer came.
    A host that fails five times in 30 s is left alone for 60 s; for 15 s where it said nothing, for 5 s where it
    could not be reached.
    """

    def __init__(
        self,
        shared: SharedState,
        *,
        fetcher: GuardedFetcher | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        in_flight_per_host: int = 100,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._fetcher = fetcher or GuardedFetcher(UrlGuard())
        self._sender = HttpSender(transport, most_bytes=most_bytes, sleep=sleep)
        self._targets = Targets(in_flight_per_host, clock)
        self._pauses = Pauses(shared, now=now, clock=clock)

    async def request(
        self,
        method: str,
        url: str,
        *,
        timeout: float = 10.0,
        credential: str = "",
        expects: Collection[int] = (),
        name: str = "",
        **parts: Unpack[RequestParts],
    ) -> httpx.Response:
        """Send a request to an address that we chose, within `timeout` seconds in all.

        `credential` names (never is) what the far side counts by; without it the host is counted.
        `expects` are statuses to return that would be raised. `name` is the service in sentences for people.
        """
        request = self._sender.build(method, url, timeout, dict(parts))
        target = self._targets.at(request.url.netloc.decode("ascii"))
        asked = Asked(request, target, name or target.name)
        credential = credential or f"host:{target.name}"
        await self._obey_pause(credential, asked.name)
        target.let_through(asked.name)
        response = await self._sender.send(asked, timeout)
        await self._note_pause(response, credential, asked.name)
        return _judged(response, asked.name, expects)

    async def guarded(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        http_hosts: Collection[str] = (),
        timeout: float = 3.0,
        most_bytes: int = 64 * 1024,
        expects: Collection[int] = (),
        own_breaker: bool = False,
    ) -> httpx.Response:
        """Send a request to an address that somebody else influenced; see url_guard and guarded_fetch.

        `http_hosts` is the community's list of hosts that may be fetched from without TLS; a caller with an
        `own_breaker` decides itself when a host is left alone. Every error
        carries `details["reason"]`, fit to be printed: `blocked address`, `timeout`, `503 Service Unavailable` …
        """
        address = self._fetcher.guard.checked_url(url, http_hosts)
        name = address.host or ""
        target = self._targets.at(f"guarded:{name}:{address.port}")
        if not own_breaker:
            target.let_through(name)
        named = {"User-Agent": USER_AGENT, **(headers or {})}
        try:
            response = await self._fetcher.fetch(
                Errand(method, address, named, content, http_hosts, timeout, most_bytes)
            )
        except ServiceError as error:
            if not own_breaker:
                target.count(reached=error.status < 500)
            raise
        if not own_breaker:
            target.count(reached=response.status_code < 500)
        return _judged(response, name, expects)

    async def pause(self, credential: str, seconds: float) -> None:
        """Let all replicas wait with this credential, as a platform's own headers may ask for."""
        if seconds > 0:
            await self._pauses.begin(credential, seconds)

    def breaker_states(self) -> dict[str, str]:
        """`closed`, `open` or `probing` by host, for health tiles."""
        return self._targets.states()

    async def close(self) -> None:
        """End all connections; a later request opens new ones."""
        await self._sender.close()
        await self._fetcher.close()

    async def _obey_pause(self, credential: str, name: str) -> None:
        left = await self._pauses.left(credential)
        if left > 0:
            left = max(1.0, left)
            raise TooMany(f"{name} is asked too often. Try again in {left:.0f} s.", retry_after=left, reason="busy")

    async def _note_pause(self, response: httpx.Response, credential: str, name: str) -> None:
        wait = retry_after(response)
        if response.status_code == 429 or (response.status_code == 503 and wait is not None):
            wait = UNSAID_PAUSE if wait is None else wait
            log.warning("%s asks us to wait", name, extra={"credential": credential, "seconds": wait})
            await self.pause(credential, wait)


def _judged(response: httpx.Response, name: str, expects: Collection[int]) -> httpx.Response:
    refused = None if response.status_code in expects else refusal(name, response)
    if refused is not None:
        raise refused
    return response
