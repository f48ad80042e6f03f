"""What the fake Slack tells: over a socket where there is one, else signed over HTTPS with retries."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp

if TYPE_CHECKING:
    from flask_core.testing.fake_slack import FakeSlack, FakeWorkspace

ANSWER_SECONDS = 3.0
_OK, _REDIRECT = 200, 300


@dataclass(slots=True)
class Told:
    """How a delivery ended: the statuses of all tries, and the last answer."""

    statuses: list[int] = field(default_factory=list)
    answer: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0

    @property
    def taken(self) -> bool:
        """Whether Slack has its 2xx or acknowledgement."""
        return bool(self.statuses) and _OK <= self.statuses[-1] < _REDIRECT


class Deliveries:
    """`pauses` are the seconds before the three retries, which Slack spreads over minutes."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack
        self._ids = itertools.count(1)
        self._times = itertools.count(1)
        self.address = ""
        self.pauses: tuple[float, ...] = (0.0, 0.05, 0.1)
        self.seconds = ANSWER_SECONDS
        self.retries = 0
        self._echoes: set[asyncio.Task[Told]] = set()
        self.session: aiohttp.ClientSession | None = None

    def ts(self) -> str:
        """The time of a message, which is its name."""
        return f"{int(time.time())}.{next(self._times):06d}"

    async def event(self, workspace: FakeWorkspace, event: dict[str, Any], event_id: str = "") -> Told:
        """Something of the Events API."""
        return await self.send("events_api", self.wrapped(workspace, event, event_id))

    def wrapped(self, workspace: FakeWorkspace, event: dict[str, Any], event_id: str = "") -> dict[str, Any]:
        """An event in its envelope."""
        from flask_core.testing.fake_slack import APP_ID  # noqa: PLC0415 (it needs what stands here)

        return {
            "token": "verification", "team_id": workspace.team_id, "api_app_id": APP_ID, "event": event,
            "type": "event_callback", "event_id": event_id or f"Ev{next(self._ids):08d}",
            "event_time": int(time.time()),
            "authorizations": [{"team_id": workspace.team_id, "user_id": workspace.bot_user_id, "is_bot": True}],
        }  # fmt: skip

    def message(self, channel: str, user: str, text: str, **more: Any) -> dict[str, Any]:
        """A line that somebody wrote."""
        kind = {"C": "channel", "G": "group", "D": "im"}.get(channel[:1], "channel")
        ts = more.pop("ts", "") or self.ts()
        return {"type": "message", "channel": channel, "user": user, "text": text, "ts": ts, "event_ts": ts,
                "channel_type": kind, **more}  # fmt: skip

    async def say(self, workspace: FakeWorkspace, channel: str, user: str, text: str, **more: Any) -> Told:
        """Somebody writes a line; a mention of the bot comes a second time, as `app_mention`."""
        event = self.message(channel, user, text, **more)
        told = await self.event(workspace, event)
        if f"<@{workspace.bot_user_id}>" in text and event["channel_type"] != "im":
            mention = {name: value for name, value in event.items() if name != "channel_type"}
            await self.event(workspace, {**mention, "type": "app_mention"})
        return told

    def echo(self, workspace: FakeWorkspace, channel: str, text: str, ts: str) -> None:
        """The app hears itself a moment later."""
        event = self.message(channel, workspace.bot_user_id, text, ts=ts, bot_id=workspace.bot_id)
        task = asyncio.create_task(self.event(workspace, event))
        self._echoes.add(task)
        task.add_done_callback(self._echoes.discard)

    async def command(self, workspace: FakeWorkspace, channel: str, user: str, text: str) -> Told:
        """`/waddlebot text`."""
        from flask_core.testing.fake_slack import APP_ID  # noqa: PLC0415

        name = workspace.members[user].name if user in workspace.members else user
        return await self.send("slash_commands", {
            "command": "/waddlebot", "text": text, "team_id": workspace.team_id, "channel_id": channel,
            "user_id": user, "user_name": name, "api_app_id": APP_ID, "trigger_id": self._slack.new_trigger(),
            "response_url": self._slack.new_response_url(), "channel_name": workspace.channels.get(channel, "direct"),
        })  # fmt: skip

    async def click(self, workspace: FakeWorkspace, channel: str, user: str, button: dict[str, Any]) -> Told:
        """Somebody presses a button of a message."""
        action = {"type": "button", "block_id": "b", "action_ts": self.ts(), **button}
        return await self.interaction(workspace, user, {
            "type": "block_actions", "actions": [action], "channel": {"id": channel, "name": "general"},
            "container": {"type": "message", "channel_id": channel, "message_ts": "1.1"},
            "response_url": self._slack.new_response_url(),
        })  # fmt: skip

    async def shortcut(self, workspace: FakeWorkspace, user: str, callback: str) -> Told:
        """Somebody picks a shortcut."""
        return await self.interaction(workspace, user, {"type": "shortcut", "callback_id": callback})

    async def submit(self, workspace: FakeWorkspace, user: str, view: dict[str, Any], values: dict[str, Any]) -> Told:
        """Somebody submits a modal that was opened."""
        shown = {**view, "id": "V1", "hash": secrets.token_hex(4), "state": {"values": values}}
        return await self.interaction(workspace, user, {"type": "view_submission", "view": shown})

    async def interaction(self, workspace: FakeWorkspace, user: str, payload: dict[str, Any]) -> Told:
        """Anything interactive."""
        from flask_core.testing.fake_slack import APP_ID  # noqa: PLC0415

        name = workspace.members[user].name if user in workspace.members else user
        return await self.send("interactive", {
            "team": {"id": workspace.team_id, "domain": workspace.name}, "api_app_id": APP_ID,
            "user": {"id": user, "username": name, "team_id": workspace.team_id},
            "trigger_id": self._slack.new_trigger(), **payload,
        })  # fmt: skip

    async def send(self, kind: str, payload: dict[str, Any]) -> Told:
        """Over a socket when the app has one."""
        began = time.perf_counter()
        if self._slack.sockets.open:
            envelope = await self._slack.sockets.send(kind, payload)
            answer = json.dumps(envelope.answer) if envelope.answer else ""
            statuses = [0] * (envelope.tries - 1) + [_OK if envelope.acknowledged.is_set() else 0]
            return Told(statuses, answer, {}, time.perf_counter() - began)
        told = await self.over_http(body_of(kind, payload), kind)
        told.seconds = time.perf_counter() - began
        return told

    async def over_http(self, body: bytes, kind: str = "events_api", retries: bool = True) -> Told:
        """Post it, again at most three times; only events are repeated."""
        told = Told()
        pauses = (None, *self.pauses) if retries and kind == "events_api" else (None,)
        for number, pause in enumerate(pauses):
            if pause is not None:
                await asyncio.sleep(pause)
                self.retries += 1
            headers = signed_headers(body, kind)
            if number:
                headers |= {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_error"}
            await self._post(told, headers, body)
            if told.taken or told.headers.get("x-slack-no-retry") == "1":
                break
        return told

    async def _post(self, told: Told, headers: dict[str, str], body: bytes) -> None:
        try:
            async with asyncio.timeout(self.seconds):
                status, answered, told.answer = await (self._slack.post or self._network)(headers, body)
        except (TimeoutError, aiohttp.ClientError):
            told.statuses.append(0)
            return
        told.statuses.append(status)
        told.headers = {name.lower(): value for name, value in answered.items()}

    async def _network(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], str]:
        session = self.session or aiohttp.ClientSession()
        try:
            async with session.post(self.address, data=body, headers=headers) as answer:
                return answer.status, dict(answer.headers), await answer.text()
        finally:
            if session is not self.session:
                await session.close()


def body_of(kind: str, payload: dict[str, Any]) -> bytes:
    """The body as it is posted: events as JSON, commands as a form, the rest as JSON in a form."""
    if kind == "events_api":
        return json.dumps(payload).encode()
    return urlencode(payload if kind == "slash_commands" else {"payload": json.dumps(payload)}).encode()


def signed_headers(body: bytes, kind: str = "events_api", *, at: int = 0, secret: str = "") -> dict[str, str]:
    """The headers with which Slack sends `body`."""
    from flask_core.testing.fake_slack import SIGNING_SECRET  # noqa: PLC0415

    stamp = str(at or int(time.time()))
    signed = f"v0:{stamp}:".encode() + body
    digest = hmac.new((secret or SIGNING_SECRET).encode(), signed, hashlib.sha256).hexdigest()
    form = "application/json" if kind == "events_api" else "application/x-www-form-urlencoded"
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}", "Content-Type": form}
