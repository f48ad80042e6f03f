"""A small Nightbot: OAuth with scopes, its REST with pages, limits and refusals. On loopback.

`python -m flask_core.testing.fake_nightbot 9005` runs it alone, with one channel that says yes to everybody.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web

from flask_core.testing.loopback import on_loopback

CLIENT_ID, CLIENT_SECRET = "fake-nightbot-client", "fake-nightbot-secret"
_TOKEN_SECONDS = 2_592_000
_MOST_PER_PAGE = 100


@dataclass(slots=True)
class Grant:
    """What somebody agreed to: the scopes, and the address that the code is for."""

    scopes: list[str]
    redirect_uri: str


@dataclass
class FakeNightbot:
    """Tests fill the lists, read `calls`, `tokens` and `revoked`, and play the owner with `go`.

    `limited` are seconds to wait, each answered once with 429; `broken` are statuses, each answered once.
    """

    channel: dict[str, Any] = field(default_factory=lambda: {"_id": "n1", "name": "grace", "displayName": "Grace"})
    commands: list[dict[str, Any]] = field(default_factory=list)
    default: list[dict[str, Any]] = field(default_factory=list)
    timers: list[dict[str, Any]] = field(default_factory=list)
    filters: list[dict[str, Any]] = field(default_factory=list)
    regulars: list[dict[str, Any]] = field(default_factory=list)
    playlist: list[dict[str, Any]] = field(default_factory=list)
    song_settings: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, list[str]] = field(default_factory=dict)
    refreshes: dict[str, list[str]] = field(default_factory=dict)
    revoked: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    limited: list[float] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    url: str = ""

    def go(self, url: str, *, answer: str = "yes") -> str:
        """Path and query of ours to which the channel's owner is sent back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT_ID), asked
        back = urlsplit(asked["redirect_uri"]).path
        if answer != "yes":
            return f"{back}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = secrets.token_hex(16)
        self.codes[code] = Grant(asked["scope"].split(), asked["redirect_uri"])
        return f"{back}?{urlencode({'code': code, 'state': asked['state']})}"

    def issue(self, scopes: list[str]) -> dict[str, Any]:
        """New tokens."""
        token, refresh = secrets.token_hex(20), secrets.token_hex(20)
        self.tokens[token] = self.refreshes[refresh] = scopes
        return {
            "access_token": token, "refresh_token": refresh, "token_type": "bearer", "expires_in": _TOKEN_SECONDS,
            "scope": " ".join(scopes),
        }  # fmt: skip


class _Pages:
    def __init__(self, nightbot: FakeNightbot) -> None:
        self._nightbot = nightbot

    def routes(self) -> list[web.RouteDef]:
        bot = self._nightbot
        return [
            web.get("/oauth2/authorize", self.authorize), web.post("/oauth2/token", self.token),
            web.post("/oauth2/token/revoke", self.revoke), web.get("/1/me", self.me),
            web.get("/1/commands", self.listed("commands", "commands", lambda: bot.commands)),
            web.get("/1/commands/default", self.listed("commands_default", "commands", lambda: bot.default)),
            web.get("/1/timers", self.listed("timers", "timers", lambda: bot.timers)),
            web.get("/1/spam_protection", self.listed("spam_protection", "filters", lambda: bot.filters)),
            web.get("/1/regulars", self.paged("regulars", "regulars", lambda: bot.regulars)),
            web.get("/1/song_requests", self.songs),
            web.get(
                "/1/song_requests/playlist", self.paged("song_requests_playlist", "playlist", lambda: bot.playlist)
            ),
        ]  # fmt: skip

    async def authorize(self, request: web.Request) -> web.Response:
        """Nobody looks at a page here: the owner agrees at once."""
        redirect = urlsplit(request.query["redirect_uri"])
        raise web.HTTPFound(f"{redirect.scheme}://{redirect.netloc}{self._nightbot.go(str(request.url))}")

    async def token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _refused(401, "invalid client credentials")
        if form.get("grant_type") == "refresh_token":
            scopes = self._nightbot.refreshes.pop(form.get("refresh_token", ""), None)
        else:
            grant = self._nightbot.codes.pop(form.get("code", ""), None)
            scopes = grant.scopes if grant and grant.redirect_uri == form.get("redirect_uri") else None
        return _refused(400, "invalid grant") if scopes is None else web.json_response(self._nightbot.issue(scopes))

    async def revoke(self, request: web.Request) -> web.Response:
        token = str((await request.post()).get("token", ""))
        self._nightbot.tokens.pop(token, None)
        self._nightbot.refreshes.pop(token, None)
        self._nightbot.revoked.append(token)
        return web.json_response({"status": 200})

    async def me(self, request: web.Request) -> web.Response:
        if (refused := self._refusal(request, "")) is not None:
            return refused
        return web.json_response({"status": 200, "user": self._nightbot.channel, "authorization": {}})

    async def songs(self, request: web.Request) -> web.Response:
        if (refused := self._refusal(request, "song_requests")) is not None:
            return refused
        return web.json_response({"status": 200, "settings": self._nightbot.song_settings})

    def listed(self, scope: str, name: str, items: Any) -> Any:
        async def answer(request: web.Request) -> web.Response:
            if (refused := self._refusal(request, scope)) is not None:
                return refused
            return web.json_response({"_total": len(items()), "status": 200, name: items()})

        return answer

    def paged(self, scope: str, name: str, items: Any) -> Any:
        async def answer(request: web.Request) -> web.Response:
            if (refused := self._refusal(request, scope)) is not None:
                return refused
            limit, offset = int(request.query.get("limit", "25")), int(request.query.get("offset", "0"))
            some = items()[offset : offset + min(limit, _MOST_PER_PAGE)]
            return web.json_response({"_total": len(items()), "status": 200, name: some})

        return answer

    def _refusal(self, request: web.Request, scope: str) -> web.Response | None:
        bot = self._nightbot
        bot.calls.append(request.path_qs)
        if bot.limited:
            again = {"Retry-After": f"{bot.limited.pop(0):.0f}"}
            return web.json_response({"status": 429, "message": "rate limit exceeded"}, status=429, headers=again)
        if bot.broken:
            return _refused(bot.broken.pop(0), "broken")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in bot.tokens:
            return _refused(401, "invalid token")
        return _refused(403, "missing scope") if scope and scope not in bot.tokens[token] else None


def _refused(status: int, word: str) -> web.Response:
    return web.json_response({"status": status, "message": word}, status=status)


@asynccontextmanager
async def running_nightbot(port: int = 0) -> AsyncIterator[FakeNightbot]:
    """A Nightbot on loopback, at `nightbot.url`."""
    nightbot = FakeNightbot()
    app = web.Application()
    app.add_routes(_Pages(nightbot).routes())
    async with on_loopback(app, port) as nightbot.url:
        yield nightbot


async def _alone(port: int) -> None:
    async with running_nightbot(port) as nightbot:
        sys.stdout.write(f"{nightbot.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_alone(int(sys.argv[1])))
