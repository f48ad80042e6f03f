"""A small Twitch: tokens, device codes, EventSub by webhook, chat. Speaks the wire protocol on loopback.

`python -m flask_core.testing.fake_twitch 9002` runs it alone; POST /control/… does what people do at Twitch.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web

CLIENT_ID, CLIENT_SECRET = "fake-client", "fake-client-secret"
_DEVICE_SECONDS, _TOKEN_SECONDS, _APPLICATION_SECONDS = 1_800, 14_400, 5_184_000


@dataclass(frozen=True, slots=True)
class FakeUser:
    """Somebody with an account."""

    id: str
    login: str

    def shown(self) -> dict[str, Any]:
        """As Helix shows a user."""
        return {
            "id": self.id, "login": self.login, "display_name": self.login.capitalize(), "type": "",
            "broadcaster_type": "", "description": "", "profile_image_url": "", "created_at": "2019-03-04T12:00:00Z",
        }  # fmt: skip


@dataclass(slots=True)
class Issued:
    """A token that was given out; `user` is None for the application's."""

    user: FakeUser | None
    scopes: list[str]
    refresh: str
    alive: bool = True


@dataclass(slots=True)
class Device:
    """A code that was shown."""

    user_code: str
    scopes: list[str]
    answer: str = "authorization_pending"
    user: FakeUser | None = None


@dataclass
class FakeTwitch:
    """Tests read `said`, set `drop_with` and `fail_with`, and act for people with `approve`, `notify`, `revoke`.

    `refuses` is a status by the type of notification that is asked for. `post` takes the place of HTTP on the way to a
    webhook; `on_said` hears every line.
    """

    users: dict[str, FakeUser] = field(default_factory=dict)
    said: list[dict[str, Any]] = field(default_factory=list)
    moderators: set[tuple[str, str]] = field(default_factory=set)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, Issued] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    drop_with: str = ""
    fail_with: list[int] = field(default_factory=list)
    refuse_refresh: bool = False
    refuses: dict[str, int] = field(default_factory=dict)
    application_may_speak: bool = True
    url: str = ""
    delay: float = 0
    post: Callable[[str, dict[str, str], bytes], Awaitable[tuple[int, str]]] | None = None
    on_said: Callable[[dict[str, Any]], None] | None = None

    def add_user(self, user_id: str, login: str) -> FakeUser:
        """Somebody new."""
        self.users[user_id] = user = FakeUser(user_id, login)
        return user

    def approve(self, user_code: str, user: FakeUser) -> None:
        """`user` types the code and says yes."""
        device = self._device(user_code)
        device.user, device.answer = user, ""

    def deny(self, user_code: str, answer: str = "access_denied") -> None:
        """Somebody types the code and says no; or another answer of Twitch's."""
        self._device(user_code).answer = answer

    def _device(self, user_code: str) -> Device:
        return next(device for device in self.devices.values() if device.user_code == user_code)

    def end_token(self, token: str) -> None:
        """A token is worth nothing any more."""
        self.tokens[token].alive = False

    async def notify(self, kind: str, event: dict[str, Any], message_id: str = "") -> int:
        """Something happens on the channel; the status that the subscriber's webhook answered with."""
        broadcaster = event.get("to_broadcaster_user_id") or event["broadcaster_user_id"]
        found = next(
            one for one in self.subscriptions.values()
            if one["type"] == kind and broadcaster in one["condition"].values() and one["status"] == "enabled"
        )  # fmt: skip
        return (await self._send(found, "notification", {"event": event}, message_id))[0]

    async def revoke(self, kind: str, why: str) -> int:
        """Twitch ends a subscription."""
        found = next(one for one in self.subscriptions.values() if one["type"] == kind)
        found["status"] = why
        return (await self._send(found, "revocation", {}))[0]

    async def _send(
        self, subscription: dict[str, Any], kind: str, more: dict[str, Any], message_id: str = ""
    ) -> tuple[int, str]:
        shown = {name: value for name, value in subscription.items() if name != "secret"}
        body = json.dumps({"subscription": shown, **more}).encode()
        headers = signed_headers(subscription["secret"], body, kind, subscription["type"], message_id=message_id)
        callback = subscription["transport"]["callback"]
        if self.post is not None:
            return await self.post(callback, headers, body)
        async with aiohttp.ClientSession() as session, session.post(callback, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def challenge(self, subscription: dict[str, Any]) -> None:
        """Ask the callback whether it wants what was asked for."""
        challenge = secrets.token_hex(8)
        status, answer = await self._send(subscription, "webhook_callback_verification", {"challenge": challenge})
        right = status == 200 and answer == challenge
        subscription["status"] = "enabled" if right else "webhook_callback_verification_failed"

    def issue(self, user: FakeUser | None, scopes: list[str]) -> dict[str, Any]:
        """A new token."""
        token, refresh = secrets.token_hex(12), secrets.token_hex(12) if user else ""
        self.tokens[token] = Issued(user, scopes, refresh)
        seconds = _TOKEN_SECONDS if user else _APPLICATION_SECONDS
        answer: dict[str, Any] = {"access_token": token, "expires_in": seconds, "token_type": "bearer"}
        return {**answer, "refresh_token": refresh, "scope": scopes} if user else answer


def signed_headers(
    secret: str, body: bytes, kind: str, subscription_type: str, *, message_id: str = "", at: str = ""
) -> dict[str, str]:
    """The headers with which Twitch sends `body`."""
    message_id, at = message_id or secrets.token_hex(16), at or datetime.now(UTC).isoformat().replace("+00:00", "Z")
    digest = hmac.new(secret.encode(), message_id.encode() + at.encode() + body, hashlib.sha256).hexdigest()
    prefix = "Twitch-Eventsub-Message-"
    return {
        f"{prefix}Id": message_id, f"{prefix}Timestamp": at, f"{prefix}Signature": f"sha256={digest}",
        f"{prefix}Type": kind, f"{prefix}Retry": "0", "Twitch-Eventsub-Subscription-Type": subscription_type,
        "Twitch-Eventsub-Subscription-Version": "1", "Content-Type": "application/json",
    }  # fmt: skip


def chat_message(broadcaster: FakeUser, chatter: FakeUser, text: str, **more: Any) -> dict[str, Any]:
    """The event of a chat line, as `channel.chat.message` carries it."""
    badges = [{"set_id": name, "id": "1", "info": ""} for name in more.pop("badges", ())]
    return {
        "broadcaster_user_id": broadcaster.id, "broadcaster_user_login": broadcaster.login,
        "broadcaster_user_name": broadcaster.login.capitalize(), "chatter_user_id": chatter.id,
        "chatter_user_login": chatter.login, "chatter_user_name": chatter.login.capitalize(),
        "message_id": secrets.token_hex(16), "message": {"text": text, "fragments": [{"type": "text", "text": text}]},
        "color": "", "badges": badges, "message_type": "text", "cheer": None, "reply": None,
        "channel_points_custom_reward_id": None, "source_broadcaster_user_id": None, **more,
    }  # fmt: skip


def make_app(twitch: FakeTwitch) -> web.Application:
    """The server."""
    from flask_core.testing.fake_twitch_pages import add_pages  # noqa: PLC0415 (it needs what stands above)

    app = web.Application()
    add_pages(app, twitch)
    return app


@asynccontextmanager
async def running_twitch(port: int = 0) -> AsyncIterator[FakeTwitch]:
    """A Twitch on loopback, at `twitch.url`."""
    twitch = FakeTwitch()
    runner = web.AppRunner(make_app(twitch))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    twitch.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield twitch
    finally:
        await runner.cleanup()


async def _alone(port: int) -> None:
    async with running_twitch(port) as twitch:
        sys.stdout.write(f"{twitch.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_alone(int(sys.argv[1])))
