"""The way to a model for an SDK with its own HTTP client: aiohttp below it, guarded where others gave the address.

Only imported together with the SDK: httpx2 is no part of the other modules.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import httpx2
import yarl

from flask_core.errors import ServiceError
from flask_core.guarded_fetch import trusted_certificates
from flask_core.url_guard import CheckedResolver, UrlGuard

MOST_BYTES = 4 * 1024 * 1024
_NOT_PASSED_ON = frozenset({"host", "content-length", "transfer-encoding", "connection"})


class Blocked(httpx2.TransportError):
    """The guard did not let the request out."""


class Wire(httpx2.AsyncBaseTransport):
    """Opens its session at first use; no proxy, no cookies, no redirects."""

    def __init__(self, guard: UrlGuard | None = None) -> None:
        self._guard = guard
        self._resolver: CheckedResolver | None = None
        self._session: aiohttp.ClientSession | None = None
        self._ended = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request; raises httpx2's errors, as the SDK expects."""
        body = await request.aread()
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_PASSED_ON}
        if self._guard is not None:
            headers["accept-encoding"] = "identity"
        timeouts = request.extensions.get("timeout") or {}
        limits = aiohttp.ClientTimeout(total=None, sock_connect=timeouts.get("connect"), sock_read=timeouts.get("read"))
        try:
            url = self._address(str(request.url))
            got = await self._open().request(
                request.method, url, headers=headers, data=body or None, allow_redirects=False, timeout=limits
            )
        except ServiceError as error:
            raise Blocked(error.message, request=request) from error
        except TimeoutError as error:
            raise httpx2.ReadTimeout("no answer in time", request=request) from error
        except (aiohttp.ClientError, OSError) as error:
            raise httpx2.ConnectError("no connection", request=request) from error
        if self._guard is not None and got.headers.get("Content-Encoding", "identity").lower() != "identity":
            # A few bytes could become gigabytes.
            got.close()
            raise httpx2.ReadError("an answer that was not asked for packed", request=request)
        return httpx2.Response(
            got.status,
            headers=[(name, value) for name, value in got.headers.items() if name.lower() != "transfer-encoding"],
            stream=_Body(got, request),
            request=request,
        )

    def _address(self, url: str) -> yarl.URL:
        if self._guard is not None:
            return self._guard.checked_url(url)
        return yarl.URL(url, encoded=True)

    def _open(self) -> aiohttp.ClientSession:
        if self._ended:
            raise httpx2.ConnectError("this way is closed")
        if self._session is None:
            if self._guard is not None:
                self._resolver = CheckedResolver(self._guard)
            connector = aiohttp.TCPConnector(
                resolver=self._resolver, use_dns_cache=self._guard is None, ssl=trusted_certificates(), limit=50
            )
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False
            )
        return self._session

    async def end(self) -> None:
        """End all connections for good."""
        self._ended = True
        await self.aclose()

    async def aclose(self) -> None:
        """End all connections; a later request opens new ones."""
        session = self._session
        if session is not None:
            # Whoever is stopped in here leaves it to the next who closes.
            await session.close()
            if self._session is session:
                self._session = None
        if self._resolver is not None:
            await self._resolver.close()
            self._resolver = None


class _Body(httpx2.AsyncByteStream):
    """What comes back, as it comes."""

    def __init__(self, got: aiohttp.ClientResponse, request: httpx2.Request) -> None:
        self._got = got
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        taken = 0
        try:
            async for part in self._got.content.iter_any():
                taken += len(part)
                if taken > MOST_BYTES:
                    raise httpx2.ReadError("the answer is too long", request=self._request)
                yield part
        except TimeoutError as error:
            raise httpx2.ReadTimeout("no answer in time", request=self._request) from error
        except aiohttp.ClientError as error:
            raise httpx2.ReadError("the connection broke", request=self._request) from error

    async def aclose(self) -> None:
        # Not released: who leaves in the middle wants the other side to stop.
        self._got.close()
