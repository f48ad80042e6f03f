"""A small Slack: workspaces, Web API with its limits, Socket Mode, signed deliveries, OAuth. On loopback.

`python -m flask_core.testing.fake_slack 9004` runs it alone.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from flask_core.testing.fake_slack_deliveries import Deliveries
from flask_core.testing.fake_slack_openid import OpenId
from flask_core.testing.fake_slack_sockets import Sockets
from flask_core.testing.loopback import on_loopback

APP_ID, CLIENT_ID, CLIENT_SECRET = "A0FAKE", "111.222", "fake-slack-client-secret"
SIGNING_SECRET, APP_TOKEN = "fake-slack-signing-secret", "xapp-fake"
RESPONSE_USES, RESPONSE_SECONDS, TRIGGER_SECONDS = 5, 1_800.0, 3.0
_CHANNEL_BURST = 4.0


@dataclass(slots=True)
class FakeMember:
    """Somebody in a workspace; display names are not unique."""

    id: str
    name: str
    display_name: str = ""
    is_admin: bool = False
    is_owner: bool = False
    is_primary_owner: bool = False
    is_bot: bool = False

    def shown(self, team_id: str) -> dict[str, Any]:
        """As `users.info` shows somebody."""
        return {
            "id": self.id, "team_id": team_id, "name": self.name, "deleted": False, "is_bot": self.is_bot,
            "is_admin": self.is_admin, "is_owner": self.is_owner, "is_primary_owner": self.is_primary_owner,
            "real_name": self.name.title(),
            "profile": {"display_name": self.display_name or self.name, "real_name": self.name.title()},
        }  # fmt: skip


@dataclass
class FakeWorkspace:
    """A team with its people, its channels and the bot's token; `channels` are names by id."""

    team_id: str
    name: str
    bot_token: str
    bot_user_id: str
    bot_id: str
    scopes: set[str]
    members: dict[str, FakeMember] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    bot_in: set[str] = field(default_factory=set)
    archived: set[str] = field(default_factory=set)
    groups: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    groups_off: set[str] = field(default_factory=set)
    free_plan: bool = False
    refresh_token: str = ""
    admin_token: str = ""
    asked_with: str = ""

    def add_member(self, user_id: str, name: str, **more: Any) -> FakeMember:
        """Somebody new."""
        self.members[user_id] = member = FakeMember(user_id, name, **more)
        return member

    def add_channel(self, channel_id: str, name: str, *, with_bot: bool = True) -> str:
        """A channel, by its id."""
        self.channels[channel_id] = name
        if with_bot:
            self.bot_in.add(channel_id)
        return channel_id


@dataclass(slots=True)
class Response:
    """Where the answer to a command or click goes."""

    until: float
    uses: int = 0
    said: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class FakeSlack:
    """Tests read `said`, `views`, `calls`, and act for people with `deliveries`.

    `errors` are answers to give by method, each once: Slack's word, or a number of seconds to wait (429).
    `post` takes the place of HTTP on the way to our address. `limits` is False to take everything at any speed.
    With `echoes` the bot's own messages are told to it as events, as the real one does.
    """

    workspaces: dict[str, FakeWorkspace] = field(default_factory=dict)
    said: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[tuple[str, str]] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)
    homes: list[dict[str, Any]] = field(default_factory=list)
    shared: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    errors: dict[str, list[str | float]] = field(default_factory=dict)
    responses: dict[str, Response] = field(default_factory=dict)
    triggers: dict[str, float] = field(default_factory=dict)
    codes: dict[str, tuple[FakeWorkspace, str]] = field(default_factory=dict)
    revoked: list[str] = field(default_factory=list)
    refreshes: int = 0
    token_seconds: int = 0
    delay: float = 0
    limits: bool = True
    echoes: bool = False
    url: str = ""
    post: Callable[[dict[str, str], bytes], Awaitable[tuple[int, dict[str, str], str]]] | None = None
    clock: Callable[[], float] = time.monotonic
    _full: dict[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.openid = OpenId(CLIENT_ID, CLIENT_SECRET)
        self.sockets = Sockets(self)
        self.deliveries = Deliveries(self)

    @property
    def api_url(self) -> str:
        """What a client takes for https://slack.com/api/."""
        return f"{self.url}/api/"

    def add_workspace(self, team_id: str, name: str, scopes: set[str] | None = None) -> FakeWorkspace:
        """A team in which the app is installed."""
        suffix = team_id.removeprefix("T")
        made = FakeWorkspace(team_id, name, f"xoxb-{suffix}", f"UBOT{suffix}", f"B{suffix}", set(scopes or ()))
        made.add_member(made.bot_user_id, "waddlebot", is_bot=True)
        self.workspaces[team_id] = made
        return made

    def workspace_of(self, token: str) -> FakeWorkspace | None:
        """Whose token it is."""
        if token in self.revoked:
            return None
        return next((one for one in self.workspaces.values() if token in {one.bot_token, one.admin_token}), None)

    def code(self, workspace: FakeWorkspace, installer: str) -> str:
        """What comes back to the redirect address when `installer` presses Allow."""
        code = secrets.token_hex(8)
        self.codes[code] = (workspace, installer)
        return code

    def new_tokens(self, workspace: FakeWorkspace) -> dict[str, Any]:
        """Tokens as OAuth answers them; with `token_seconds` they rotate."""
        if not self.token_seconds:
            return {"access_token": workspace.bot_token}
        workspace.bot_token, workspace.refresh_token = f"xoxe.xoxb-{secrets.token_hex(6)}", secrets.token_hex(8)
        return {
            "access_token": workspace.bot_token, "refresh_token": workspace.refresh_token,
            "expires_in": self.token_seconds,
        }  # fmt: skip

    def new_trigger(self) -> str:
        """A `trigger_id`, good once and for three seconds."""
        trigger = secrets.token_hex(10)
        self.triggers[trigger] = self.clock() + TRIGGER_SECONDS
        return trigger

    def new_response_url(self) -> str:
        """An address that takes five answers in half an hour."""
        token = secrets.token_hex(10)
        self.responses[token] = Response(self.clock() + RESPONSE_SECONDS)
        return f"{self.url}/response/{token}"

    def wait_for(self, channel: str) -> float:
        """Seconds that a sender to `channel` has to wait; 0 takes one."""
        if not self.limits:
            return 0
        left, at = self._full.get(channel, (_CHANNEL_BURST, self.clock()))
        left = min(_CHANNEL_BURST, left + self.clock() - at)
        self._full[channel] = (left - 1 if left >= 1 else left, self.clock())
        return 0 if left >= 1 else 1

    def lines(self) -> list[str]:
        """The texts of everything said, wherever."""
        return [str(one.get("text", "")) for one in self.said]


def make_app(slack: FakeSlack) -> web.Application:
    """The server."""
    from flask_core.testing.fake_slack_pages import add_pages  # noqa: PLC0415 (it needs what stands above)

    app = web.Application()
    add_pages(app, slack)
    return app


@asynccontextmanager
async def running_slack(port: int = 0) -> AsyncIterator[FakeSlack]:
    """A Slack on loopback, at `slack.url`."""
    slack = FakeSlack()
    async with on_loopback(make_app(slack), port) as slack.url:
        try:
            yield slack
        finally:
            await slack.sockets.close()


async def _alone(port: int) -> None:
    async with running_slack(port) as slack:
        sys.stdout.write(f"{slack.api_url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_alone(int(sys.argv[1])))
