"""The addresses of the fake Twitch: `oauth2`, `helix` by noun, and `control` for another process that plays people."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

from aiohttp import web

from flask_core.testing.fake_twitch import Device, FakeTwitch
from flask_core.testing.fake_twitch_authorizing import challenge_of
from flask_core.testing.fake_twitch_channels import ChannelPages
from flask_core.testing.fake_twitch_chat import ChatPages
from flask_core.testing.fake_twitch_conduits import ConduitPages
from flask_core.testing.fake_twitch_moderation import ModerationPages
from flask_core.testing.fake_twitch_refusals import CLIENT_ID, CLIENT_SECRET, Refused, known
from flask_core.testing.fake_twitch_subscriptions import SubscriptionPages

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def add_pages(app: web.Application, twitch: FakeTwitch) -> None:
    """All of them."""
    auth, control = _Auth(twitch), _Control(twitch)
    told, conduits = SubscriptionPages(twitch), ConduitPages(twitch)
    app.middlewares.append(_refusals(twitch))
    app.add_routes([
        web.post("/oauth2/device", auth.device), web.post("/oauth2/token", auth.token),
        web.get("/oauth2/validate", auth.validate), web.post("/oauth2/revoke", auth.revoke),
        *ChatPages(twitch).routes(), *ModerationPages(twitch).routes(), *ChannelPages(twitch).routes(),
        web.get("/helix/eventsub/subscriptions", told.listed), web.post("/helix/eventsub/subscriptions", told.make),
        web.delete("/helix/eventsub/subscriptions", told.end),
        web.get("/helix/eventsub/conduits", conduits.conduits), web.post("/helix/eventsub/conduits", conduits.make),
        web.patch("/helix/eventsub/conduits", conduits.resize), web.delete("/helix/eventsub/conduits", conduits.delete),
        web.get("/helix/eventsub/conduits/shards", conduits.shards),
        web.patch("/helix/eventsub/conduits/shards", conduits.bind), web.get("/ws", twitch.sockets.serve),
        web.post("/control/users", control.add_user), web.post("/control/approve", control.approve),
        web.post("/control/notify", control.notify), web.get("/control/said", control.said),
    ])  # fmt: skip


def _refusals(twitch: FakeTwitch) -> Any:
    @web.middleware
    async def refusing(request: web.Request, handler: Any) -> web.StreamResponse:
        twitch.calls.append(f"{request.method} {request.path}")
        if twitch.delay:
            await asyncio.sleep(twitch.delay)
        if twitch.fail_with and request.path.startswith("/helix"):
            return web.json_response({"error": "broken"}, status=twitch.fail_with.pop(0))
        if twitch.limited and request.path.startswith("/helix"):
            again = {"Ratelimit-Remaining": "0", "Ratelimit-Reset": f"{time.time() + twitch.limited.pop(0):.0f}"}
            return web.json_response({"error": "Too Many Requests"}, status=429, headers=again)
        try:
            answer: web.StreamResponse = await handler(request)
        except Refused as refused:
            return web.json_response({"status": refused.status, "message": refused.word}, status=refused.status)
        if request.path.startswith("/helix"):
            full = f"{time.time() + 60:.0f}"
            answer.headers.update({"Ratelimit-Limit": "800", "Ratelimit-Remaining": "799", "Ratelimit-Reset": full})
        return answer

    return refusing


class _Auth:
    def __init__(self, twitch: FakeTwitch) -> None:
        self._twitch = twitch

    async def device(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("client_id") != CLIENT_ID:
            raise Refused(400, "invalid client")
        code, user_code = secrets.token_hex(10), secrets.token_hex(4).upper()
        self._twitch.devices[code] = Device(user_code, str(form["scopes"]).split())
        shown = {"device_code": code, "user_code": user_code, "expires_in": 1_800, "interval": 1}
        return web.json_response({**shown, "verification_uri": f"https://www.twitch.tv/activate?public={user_code}"})

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("client_id") != CLIENT_ID or form.get("client_secret", CLIENT_SECRET) != CLIENT_SECRET:
            raise Refused(403, "invalid client secret")
        grants = {
            "client_credentials": lambda: self._twitch.issue(None, []),
            "refresh_token": lambda: self._refreshed(str(form["refresh_token"])),
            _DEVICE_GRANT: lambda: self._by_code(str(form["device_code"])),
            "authorization_code": lambda: self._by_redirect({name: str(value) for name, value in form.items()}),
        }
        return web.json_response(grants[str(form["grant_type"])]())

    def _refreshed(self, refresh: str) -> dict[str, Any]:
        found = next((one for one in self._twitch.tokens.values() if one.refresh == refresh), None)
        if found is None or self._twitch.refuse_refresh:
            raise Refused(400, "Invalid refresh token")
        found.alive, found.refresh = False, ""
        return self._twitch.issue(found.user, found.scopes)

    def _by_code(self, code: str) -> dict[str, Any]:
        device = self._twitch.devices.get(code)
        if device is None:
            raise Refused(400, "invalid device code")
        if device.user is None:
            raise Refused(400, device.answer)
        del self._twitch.devices[code]
        return self._twitch.issue(device.user, device.scopes)

    def _by_redirect(self, form: dict[str, str]) -> dict[str, Any]:
        """A code works once, for the address and the verifier that it was asked for with."""
        if "code_verifier" in form and not self._twitch.knows_pkce:
            raise Refused(400, "unexpected parameter")
        way = self._twitch.ways.pop(form["code"], None)
        if way is None or way.redirect_uri != form["redirect_uri"]:
            raise Refused(400, "Invalid authorization code")
        if self._twitch.knows_pkce and challenge_of(form.get("code_verifier", "")) != way.challenge:
            raise Refused(400, "Invalid code verifier")
        return self._twitch.issue(way.user, way.scopes)

    async def validate(self, request: web.Request) -> web.Response:
        token = known(self._twitch, request, "OAuth ")
        user = token.user
        who = {"user_id": user.id, "login": user.login} if user else {}
        return web.json_response({"client_id": CLIENT_ID, "scopes": token.scopes, "expires_in": 14_400, **who})

    async def revoke(self, request: web.Request) -> web.Response:
        form = await request.post()
        if known := self._twitch.tokens.get(str(form["token"])):
            known.alive = False
            return web.Response()
        raise Refused(400, "Invalid token")


class _Control:
    def __init__(self, twitch: FakeTwitch) -> None:
        self._twitch = twitch

    async def add_user(self, request: web.Request) -> web.Response:
        asked = await request.json()
        return web.json_response(self._twitch.add_user(asked["id"], asked["login"]).shown())

    async def approve(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self._twitch.approve(asked["user_code"], self._twitch.users[asked["user_id"]])
        return web.Response(status=204)

    async def notify(self, request: web.Request) -> web.Response:
        asked = await request.json()
        status = await self._twitch.notify(asked["type"], asked["event"], asked.get("message_id", ""))
        return web.json_response({"status": status})

    async def said(self, request: web.Request) -> web.Response:
        return web.json_response(self._twitch.said[int(request.query.get("after", "0")) :])
