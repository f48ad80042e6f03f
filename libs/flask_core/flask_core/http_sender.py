"""Sends requests through httpx on aiohttp: bounded in time, size and number, retried where that is harmless."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from flask_core import __version__
from flask_core.errors import UpstreamFailed
from flask_core.guarded_fetch import trusted_certificates
from flask_core.http_failures import FAILURES, not_answering, nothing_was_sent, repeatable, retry_after
from flask_core.http_targets import Target

USER_AGENT = f"WaddleBot/{__version__}"
_RETRY_WAITS = (0.2, 0.6)
_TRY_AGAIN = frozenset({502, 503, 504})
_LONGEST_CONNECT = 4.0
_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


@dataclass(slots=True)
class Asked:
    """A request on its way; `name` is the service in sentences for people, `sent` once it may have arrived.

    While `connecting` nobody can have got anything of it.
    """

    request: httpx.Request
    target: Target
    name: str
    sent: bool = False
    connecting: bool = False

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice is the same as sending it once."""
        return repeatable(self.request.method)


_asked: ContextVar[Asked] = ContextVar("asked")
"""Whose connection is being made: aiohttp tells it in the task that asked."""


class HttpSender:
    """One httpx client for all hosts, opened at first use."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        most_bytes: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._given = transport
        self._most_bytes = most_bytes
        self._sleep = sleep
        self._opened: tuple[httpx.AsyncClient, httpx.AsyncBaseTransport] | None = None

    def build(self, method: str, url: str, timeout: float, parts: dict[str, Any]) -> httpx.Request:
        """A request; `parts` as httpx names them. Connecting may take half of `timeout`, so that a retry fits in."""
        limits = httpx.Timeout(timeout, connect=min(_LONGEST_CONNECT, timeout / 2))
        client, _ = self._open()
        return client.build_request(method, _parsed(url), timeout=limits, **parts)

    async def send(self, asked: Asked, timeout: float) -> httpx.Response:
        """The answer, read to its end. Raises UpstreamFailed, or UnknownOutcome when a change may have happened."""
        try:
            async with asyncio.timeout(timeout):
                response = await self._tried(asked)
        except FAILURES as error:
            asked.target.silent(sent=not (asked.connecting or nothing_was_sent(error)))
            sent = asked.sent and not asked.connecting
            raise not_answering(asked.name, error, method=asked.request.method, sent=sent) from error
        asked.target.count(reached=response.status_code < 500)
        return response

    async def close(self) -> None:
        """End all connections; a later request opens new ones."""
        if self._opened is not None:
            client, self._opened = self._opened[0], None
            await client.aclose()

    def _open(self) -> tuple[httpx.AsyncClient, httpx.AsyncBaseTransport]:
        if self._opened is None:
            transport = self._given or AiohttpTransport(client=_session, verify=trusted_certificates())
            client = httpx.AsyncClient(transport=transport, trust_env=False, headers={"User-Agent": USER_AGENT})
            self._opened = client, transport
        return self._opened

    async def _tried(self, asked: Asked) -> httpx.Response:
        for wait in _RETRY_WAITS:
            try:
                response = await self._once(asked)
            except FAILURES as error:
                if not (asked.repeatable or nothing_was_sent(error)):
                    raise
                asked.sent = False
            else:
                if not _worth_another(asked, response):
                    return response
            await self._sleep(wait * random.uniform(0.5, 1.5))
        return await self._once(asked)

    async def _once(self, asked: Asked) -> httpx.Response:
        async with asked.target.places:
            asked.sent, asked.connecting = True, False
            _asked.set(asked)
            # Past the client, which makes requests: we follow no redirect, and one transport serves many
            # credentials, so a cookie of one must not travel with another.
            response = await self._open()[1].handle_async_request(asked.request)
            try:
                return await self._read(response, asked)
            finally:
                await response.aclose()

    async def _read(self, response: httpx.Response, asked: Asked) -> httpx.Response:
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > self._most_bytes:
                raise UpstreamFailed(f"{asked.name} answered more than can be read.", reason="response too long")
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in _DECODED]
        return httpx.Response(response.status_code, headers=headers, content=bytes(body), request=asked.request)


def _worth_another(asked: Asked, response: httpx.Response) -> bool:
    return asked.repeatable and response.status_code in _TRY_AGAIN and retry_after(response) is None


@lru_cache(maxsize=1_000)
def _parsed(url: str) -> httpx.URL:
    return httpx.URL(url)


def _session() -> aiohttp.ClientSession:
    """Without limits of its own: targets bound what is on its way."""
    connector = aiohttp.TCPConnector(limit=0, ssl=trusted_certificates())
    connecting = aiohttp.TraceConfig()
    connecting.on_connection_create_start.append(_knocks)
    connecting.on_connection_create_end.append(_is_let_in)
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, trace_configs=[connecting]
    )


async def _knocks(*_: object) -> None:
    _asked.get().connecting = True


async def _is_let_in(*_: object) -> None:
    _asked.get().connecting = False
