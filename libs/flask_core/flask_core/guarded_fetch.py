"""Fetches from addresses that somebody typed, without lending them our network, cookies or patience."""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache

import aiohttp
import httpx
import yarl

from flask_core.errors import ServiceError, TooLarge, UpstreamFailed
from flask_core.http_failures import FAILURES, not_answering, repeatable
from flask_core.url_guard import CheckedResolver, Lookup, UrlGuard

REDIRECTS = 2
IN_FLIGHT = 50
IN_FLIGHT_PER_HOST = 5
_REDIRECTING = frozenset({301, 302, 303, 307, 308})
_OURS_TO_SET = frozenset({"host", "cookie", "connection", "content-length", "transfer-encoding", "accept-encoding"})
_FOR_ANY_ORIGIN = frozenset({"user-agent", "accept"})
_NOT_PASSED_ON = frozenset({"content-encoding", "content-length", "transfer-encoding", "set-cookie"})


@dataclass(frozen=True, slots=True)
class Errand:
    """What to fetch and within which bounds (`timeout` seconds in all, `most_bytes` of body)."""

    method: str
    url: yarl.URL
    headers: Mapping[str, str]
    content: bytes
    http_hosts: Collection[str]
    timeout: float
    most_bytes: int


@cache
def trusted_certificates() -> ssl.SSLContext:
    """The certificate authorities of this machine, read once for all modules of a process."""
    return ssl.create_default_context()


class GuardedFetcher:
    """GET and HEAD follow at most two redirects, each checked like the first address; others follow none."""

    def __init__(self, guard: UrlGuard, lookup: Lookup | None = None) -> None:
        self.guard = guard
        self._lookup = lookup
        self._resolver: CheckedResolver | None = None
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, errand: Errand) -> httpx.Response:
        """The answer, whatever its status. Raises InvalidInput (guard), TooLarge, UpstreamFailed, UnknownOutcome."""
        name = errand.url.host or ""
        try:
            async with asyncio.timeout(errand.timeout):
                return await self._following(errand)
        except ServiceError:
            raise
        except FAILURES as error:
            raise not_answering(name, error, method=errand.method) from error

    async def close(self) -> None:
        """End the session; a later fetch opens a new one."""
        if self._session is not None and self._resolver is not None:
            await self._session.close()
            await self._resolver.close()
            self._session = self._resolver = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._resolver = CheckedResolver(self.guard, self._lookup)
            connector = aiohttp.TCPConnector(
                resolver=self._resolver,
                use_dns_cache=False,
                force_close=True,
                limit=IN_FLIGHT,
                limit_per_host=IN_FLIGHT_PER_HOST,
                ssl=trusted_certificates(),
            )
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False
            )
        return self._session

    async def _following(self, errand: Errand) -> httpx.Response:
        for _ in range(REDIRECTS + 1):
            response = await self._once(errand)
            target = response.headers.get("location")
            if response.status_code not in _REDIRECTING or not target:
                return response
            if not repeatable(errand.method):
                raise UpstreamFailed(f"{errand.url.host} answered with a redirect.", reason="redirect")
            errand = self._redirected(errand, target)
        raise UpstreamFailed(f"{errand.url.host} redirects too often.", reason="too many redirects")

    def _redirected(self, errand: Errand, target: str) -> Errand:
        try:
            joined = str(errand.url.join(yarl.URL(target)))
        except ValueError:
            raise UpstreamFailed(f"{errand.url.host} redirects to no address.", reason="redirect") from None
        url = self.guard.checked_url(joined, errand.http_hosts)
        if url.origin() == errand.url.origin():
            return replace(errand, url=url)
        kept = {name: value for name, value in errand.headers.items() if name.lower() in _FOR_ANY_ORIGIN}
        return replace(errand, url=url, headers=kept)

    async def _once(self, errand: Errand) -> httpx.Response:
        headers = {name: value for name, value in errand.headers.items() if name.lower() not in _OURS_TO_SET}
        headers["Accept-Encoding"] = "gzip"
        async with self._open().request(
            errand.method, errand.url, headers=headers, data=errand.content or None, allow_redirects=False
        ) as got:
            body = b"" if got.status in _REDIRECTING else await _read(got, errand)
            return httpx.Response(
                got.status,
                headers=[(name, value) for name, value in got.headers.items() if name.lower() not in _NOT_PASSED_ON],
                content=body,
                request=httpx.Request(errand.method, str(errand.url)),
            )


async def _read(got: aiohttp.ClientResponse, errand: Errand) -> bytes:
    body = bytearray()
    async for part in got.content.iter_any():
        body += part
        if len(body) > errand.most_bytes:
            raise _too_long(errand)
    coding = got.headers.get("Content-Encoding", "identity").lower()
    if coding == "identity" or not body:
        return bytes(body)
    if coding not in {"gzip", "x-gzip"}:
        raise UpstreamFailed(f"{errand.url.host} answered in a coding we did not ask for.", reason="not readable")
    return _unpacked(bytes(body), errand)


def _unpacked(packed: bytes, errand: Errand) -> bytes:
    try:
        body = zlib.decompressobj(wbits=31).decompress(packed, errand.most_bytes + 1)
    except zlib.error as error:
        raise UpstreamFailed(f"{errand.url.host} answered something unreadable.", reason="not readable") from error
    if len(body) > errand.most_bytes:
        raise _too_long(errand)
    return body


def _too_long(errand: Errand) -> TooLarge:
    return TooLarge(f"{errand.url.host} answered more than {errand.most_bytes} bytes.", reason="response too long")
