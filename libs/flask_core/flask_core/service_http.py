"""The lean HTTP leg between modules: one aiohttp session, bounded in flight, a breaker per module."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import aiohttp

from flask_core.breaker import Breaker
from flask_core.errors import Unavailable, UnknownOutcome

IN_FLIGHT_PER_MODULE = 64
_RETRY_WAITS = (0.2, 0.5, 1.0)


class ServiceTransport:
    """Sends encoded operations to other modules.

    httpx's pool is the dearest part of the way of an event (docs/decisions/0004), so this leg speaks
    aiohttp directly; everything that leaves the installation goes through `http_client`.
    """

    def __init__(self) -> None:
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
        breaker = self.breakers.setdefault(module, Breaker(failures=5, within=30, probe_after=15))
        try:
            async with asyncio.timeout(timeout):
                return await self._with_retries(breaker, module, method, url, body=body, token=token)
        except TimeoutError:
            breaker.failed()
            raise UnknownOutcome(f"The {module} module is not answering right now.") from None

    async def _with_retries(
        self, breaker: Breaker, module: str, method: str, url: str, *, body: bytes, token: str
    ) -> tuple[int, bytes, Mapping[str, str]]:
        for wait in (*_RETRY_WAITS, None):
            if not breaker.allows():
                raise Unavailable(f"The {module} module is not answering right now.", retry_after=15)
            try:
                answer = await self._send_once(method, url, body, token)
            except aiohttp.ClientConnectorError as error:
                breaker.failed()
                if wait is None:
                    raise Unavailable(f"The {module} module is not answering right now.", retry_after=5) from error
            except (aiohttp.ClientError, OSError) as error:
                breaker.failed()
                raise UnknownOutcome(f"The {module} module is not answering right now.") from error
            else:
                if answer[0] != 503 or wait is None:
                    breaker.succeeded()
                    return answer
            await asyncio.sleep(wait)
        raise AssertionError("the last try returns or raises")

    async def _send_once(self, method: str, url: str, body: bytes, token: str) -> tuple[int, bytes, Mapping[str, str]]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        async with self._open().request(method, url, data=body or None, headers=headers, allow_redirects=False) as got:
            return got.status, await got.read(), got.headers

    async def close(self) -> None:
        """End the session; a later call opens a new one."""
        if self._session is not None:
            await self._session.close()
            self._session = None
