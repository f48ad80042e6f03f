"""A small StreamElements: channels by name, the bot's public commands, and the rest for the channel's own token."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from flask_core.testing.loopback import on_loopback


@dataclass
class FakeStreamElements:
    """Tests fill the lists and read `calls`. Without the `token` only what is public is told."""

    name: str = "grace"
    id: str = "5f0000000000000000000001"
    token: str = field(
        default_factory=lambda: f"{secrets.token_hex(12)}.{secrets.token_hex(40)}.{secrets.token_hex(20)}"
    )
    commands: list[dict[str, Any]] = field(default_factory=list)
    default: list[dict[str, Any]] = field(default_factory=list)
    timers: list[dict[str, Any]] = field(default_factory=list)
    filters: dict[str, Any] = field(default_factory=dict)
    counters: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    limited: list[float] = field(default_factory=list)
    url: str = ""


class _Pages:
    def __init__(self, elements: FakeStreamElements) -> None:
        self._elements = elements

    def routes(self) -> list[web.RouteDef]:
        elements, bot = self._elements, "/kappa/v2/bot"
        return [
            web.get("/kappa/v2/channels/me", self.behind_token(self._channel)),
            web.get("/kappa/v2/channels/{name}", self.channel),
            web.get(f"{bot}/commands/{{id}}/public", self.public),
            web.get(f"{bot}/commands/{{id}}/default", self.behind_token(lambda: elements.default)),
            web.get(f"{bot}/commands/{{id}}", self.behind_token(lambda: elements.commands)),
            web.get(f"{bot}/timers/{{id}}", self.behind_token(lambda: elements.timers)),
            web.get(f"{bot}/filters/{{id}}", self.behind_token(lambda: elements.filters)),
            web.get(f"{bot}/{{id}}/counters", self.behind_token(lambda: elements.counters)),
        ]

    async def channel(self, request: web.Request) -> web.Response:
        self._elements.calls.append(request.path)
        if request.match_info["name"].lower() != self._elements.name:
            return web.json_response({"statusCode": 404, "error": "Not Found"}, status=404)
        return web.json_response(self._channel())

    async def public(self, request: web.Request) -> web.Response:
        """What viewers see: the hidden ones are missing."""
        self._elements.calls.append(request.path)
        return web.json_response([item for item in self._elements.commands if not item.get("hidden")])

    def behind_token(self, answer: Any) -> Any:
        async def told(request: web.Request) -> web.Response:
            elements = self._elements
            elements.calls.append(request.path)
            if elements.limited:
                return web.json_response({}, status=429, headers={"Retry-After": f"{elements.limited.pop(0):.0f}"})
            if request.headers.get("Authorization") != f"Bearer {elements.token}":
                return web.json_response({"statusCode": 401, "error": "Unauthorized"}, status=401)
            return web.json_response(answer())

        return told

    def _channel(self) -> dict[str, Any]:
        return {"_id": self._elements.id, "username": self._elements.name, "provider": "twitch", "alias": "grace"}


@asynccontextmanager
async def running_streamelements(port: int = 0) -> AsyncIterator[FakeStreamElements]:
    """A StreamElements on loopback, at `elements.url`."""
    elements = FakeStreamElements()
    app = web.Application()
    app.add_routes(_Pages(elements).routes())
    async with on_loopback(app, port) as elements.url:
        yield elements
