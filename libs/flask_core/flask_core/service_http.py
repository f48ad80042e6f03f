"""The lean HTTP leg between modules: one aiohttp session, bounded in flight, a breaker per module."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import aiohttp
from yarl import URL

from flask_core.breaker import Breaker
from flask_core.errors import Unavailable, UnknownOutcome

IN_FLIGHT_PER_MODULE = 64
_RETRY_WAITS = (0.2, 0.5, 1.0)
_PROBE_REFUSED_AFTER = 2.0
_UNKNOWN_OUTCOME = b'"unknown_outcome"'


@dataclass(slots=True)
class _Call:
    """One call with all its tries; `under_way` while a request may have reached the module and has no answer."""

    module: str
    method: str
    url: str
    body: bytes
    token: str
    breaker: Breaker
    under_way: bool = False

    @property
    def sentence(self) -> str:
        return f"The {self.module} module is not answering right now."


class ServiceTransport:
    """Sends encoded operations to other modules.

    httpx's pool is the dearest part of the way of an event (docs/decisions/0004), so this leg speaks
    aiohttp directly; everything that leaves the installation goes through `http_client`.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._session: aiohttp.ClientSession | None = None
        self.breakers: dict[str, Breaker] = {}

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=0, limit_per_host=IN_FLIGHT_PER_MODULE, keepalive_timeout=30)
            # `send` keeps the time; aiohttp's own five minutes would leave a timer behind for every call.
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session

    async def send(
        self, module: str, method: str, url: str, *, body: bytes, token: str, timeout: float
    ) -> tuple[int, bytes, Mapping[str, str]]:
        """Status, body and headers. Retried while the connection is refused and on 503, inside `timeout` seconds.

        Raises Unavailable when nothing was sent, UnknownOutcome when it was and no answer came.
        """
        breaker = self.breakers.get(module)
        if breaker is None:
            breaker = self.breakers[module] = Breaker(failures=5, within=30, probe_after=15, clock=self._clock)
        call = _Call(module, method, url, body, token, breaker)
        try:
            async with asyncio.timeout(timeout):
                return await self._with_retries(call)
        except TimeoutError:
            if not call.under_way:
                raise Unavailable(call.sentence, retry_after=5) from None
            breaker.failed()
            raise UnknownOutcome(call.sentence) from None

    async def _with_retries(self, call: _Call) -> tuple[int, bytes, Mapping[str, str]]:
        for wait in _RETRY_WAITS:
            answer = await self._try(call)
            if answer is not None and (answer[0] != 503 or _UNKNOWN_OUTCOME in answer[1][:80]):
                return answer
            await self._sleep(wait * random.uniform(0.8, 1.2))
        answer = await self._try(call)
        if answer is None:
            raise Unavailable(call.sentence, retry_after=5)
        return answer

    async def _try(self, call: _Call) -> tuple[int, bytes, Mapping[str, str]] | None:
        """The answer; None when the connection was refused, so that nothing was sent."""
        if not call.breaker.allows():
            raise Unavailable(call.sentence, retry_after=max(1.0, call.breaker.wait))
        call.under_way = True
        try:
            answer = await self._send_once(call)
        except aiohttp.ClientConnectorError:
            # Nobody is there yet, as while everything starts: that is told at once, so look again soon.
            call.breaker.failed(probe_after=_PROBE_REFUSED_AFTER)
            call.under_way = False
            return None
        except (aiohttp.ClientError, OSError) as error:
            call.breaker.failed()
            raise UnknownOutcome(call.sentence) from error
        call.under_way = False
        call.breaker.succeeded()
        return answer

    async def _send_once(self, call: _Call) -> tuple[int, bytes, Mapping[str, str]]:
        headers = {"Authorization": f"Bearer {call.token}", "Content-Type": "application/json"}
        request = self._open().request(
            call.method, URL(call.url, encoded=True), data=call.body or None, headers=headers, allow_redirects=False
        )
        async with request as got:
            return got.status, await got.read(), got.headers

    async def close(self) -> None:
        """End the session; a later call opens a new one."""
        if self._session is not None:
            await self._session.close()
            self._session = None
