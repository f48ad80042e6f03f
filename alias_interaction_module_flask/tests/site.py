"""A web site on loopback that commands fetch from, and the name service that leads to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from alias_interaction_module_flask.fetching.fetching import Errand, Fetching
from flask_core.guarded_fetch import GuardedFetcher
from flask_core.http_client import HttpClient
from flask_core.shared_memory import MemoryState
from flask_core.testing.loopback import on_loopback
from flask_core.url_guard import UrlGuard


@dataclass(slots=True)
class Site:
    """Pages by path; `asked` are the requests that came. While `gate` is closed nobody is answered."""

    pages: dict[str, web.Response] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=lambda: {"api.test": ["127.0.0.1"]})
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    address: str = ""

    def shows(self, path: str, body: str | bytes, status: int = 200, **headers: str) -> None:
        """Answer `path` from now on."""
        said = {"Content-Type": "text/plain"} | {name.replace("_", "-"): value for name, value in headers.items()}
        content = body.encode() if isinstance(body, str) else body
        self.pages[path] = web.Response(body=content, status=status, headers=said)

    async def answer(self, request: web.Request) -> web.Response:
        """One page."""
        self.asked.append(request)
        await self.gate.wait()
        page = self.pages[request.path]
        return web.Response(body=page.body, status=page.status, headers=page.headers)

    async def lookup(self, host: str) -> list[str]:
        """The name service."""
        return self.names.get(host, [])

    def errand(self, path: str = "/", community_id: int = 2, **more: object) -> Errand:
        """One fetch from here."""
        return Errand(self.address + path, community_id, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def visiting(*, per_minute: int = 30, public_url: str = "") -> AsyncIterator[tuple[Site, Fetching]]:
    """A site, and what fetches from it."""
    site = Site()
    site.gate.set()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.answer)
    async with on_loopback(app) as url:
        port = url.rpartition(":")[2]
        site.address = f"http://api.test:{port}"
        state = MemoryState()
        http = HttpClient(state, fetcher=GuardedFetcher(UrlGuard({f"api.test:{port}"}), site.lookup))
        fetching = Fetching(http, state, public_url=public_url, per_minute=per_minute)
        try:
            yield site, fetching
        finally:
            site.gate.set()
            await fetching.close()
            await http.close()
