"""A small Twitch: tokens, device codes, EventSub over all transports, chat. Speaks the wire protocol on loopback.

`python -m flask_core.testing.fake_twitch 9002` runs it alone; POST /control/… does what people do at Twitch.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from flask_core.testing.fake_twitch_authorizing import Authorizing
from flask_core.testing.fake_twitch_doings import Doings
from flask_core.testing.fake_twitch_notifying import Notifying, signed_headers
from flask_core.testing.fake_twitch_refusals import CLIENT_ID, CLIENT_SECRET
from flask_core.testing.loopback import on_loopback

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "signed_headers"]
_DEVICE_SECONDS, _TOKEN_SECONDS, _APPLICATION_SECONDS = 1_800, 14_400, 5_184_000


@dataclass(frozen=True, slots=True)
class FakeUser:
    """Somebody with an account."""

    id: str
    login: str
    email: str = ""

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
class FakeTwitch(Notifying, Doings, Authorizing):
    """Tests read `said`, set `drop_with` and `fail_with`, and act for people with `approve`, `notify`, `revoke`.

    What is said in a chat is told to whoever reads it while it `echoes`. `refuses` is a status by the type of
    notification that is asked for. `post` takes the place of HTTP on the way to a webhook; `on_said` hears every line;
    `lost` is what no shard of a conduit could take.
    """

    users: dict[str, FakeUser] = field(default_factory=dict)
    said: list[dict[str, Any]] = field(default_factory=list)
    tokens: dict[str, Issued] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    drop_with: str = ""
    fail_with: list[int] = field(default_factory=list)
    refuse_refresh: bool = False
    refuses: dict[str, int] = field(default_factory=dict)
    application_may_speak: bool = True
    longest_line: int = 500
    max_total_cost: int = 10_000
    url: str = ""
    delay: float = 0
    on_said: Callable[[dict[str, Any]], None] | None = None
    echoes: bool = True

    def add_user(self, user_id: str, login: str, email: str = "") -> FakeUser:
        """Somebody new."""
        self.users[user_id] = user = FakeUser(user_id, login, email)
        return user

    def approve(self, user_code: str, user: FakeUser) -> None:
        """`user` types the code and says yes."""
        device = self._device(user_code)
        device.user, device.answer = user, ""

    def deny(self, user_code: str, answer: str = "access_denied") -> None:
        """Somebody types the code and says no; or another answer of Twitch's."""
        self._device(user_code).answer = answer

    def show_line(self, line: dict[str, Any], message_id: str) -> None:
        """A line that somebody said over the API is seen by everybody who reads the chat."""
        channel, speaker = self.users.get(line["broadcaster_id"]), self.users.get(line["sender_id"])
        if not self.echoes or channel is None or speaker is None:
            return
        event = chat_message(channel, speaker, line["message"], message_id=message_id)
        for one in self.about("channel.chat.message", channel.id):
            if one["condition"]["broadcaster_user_id"] == channel.id:
                self.soon(self.deliver(one, event))

    def _device(self, user_code: str) -> Device:
        return next(device for device in self.devices.values() if device.user_code == user_code)

    def end_token(self, token: str) -> None:
        """A token is worth nothing any more."""
        self.tokens[token].alive = False

    def signed_in(self) -> set[str]:
        """Whoever has given this client a token that still holds."""
        return {token.user.id for token in self.tokens.values() if token.user is not None and token.alive}

    def issue(self, user: FakeUser | None, scopes: list[str]) -> dict[str, Any]:
        """A new token."""
        token, refresh = secrets.token_hex(12), secrets.token_hex(12) if user else ""
        self.tokens[token] = Issued(user, scopes, refresh)
        seconds = _TOKEN_SECONDS if user else _APPLICATION_SECONDS
        answer: dict[str, Any] = {"access_token": token, "expires_in": seconds, "token_type": "bearer"}
        return {**answer, "refresh_token": refresh, "scope": scopes} if user else answer


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
    async with on_loopback(make_app(twitch), port, patience=1) as twitch.url:
        twitch.sockets.url = f"ws{twitch.url.removeprefix('http')}/ws"
        try:
            yield twitch
        finally:
            await twitch.sockets.end()


async def _alone(port: int) -> None:
    async with running_twitch(port) as twitch:
        sys.stdout.write(f"{twitch.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_alone(int(sys.argv[1])))
