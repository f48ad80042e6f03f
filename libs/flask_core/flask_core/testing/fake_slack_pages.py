"""The Web API of the fake Slack, `response_url`, the socket's address and OAuth."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from flask_core.testing.fake_slack import (
    APP_ID,
    APP_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    RESPONSE_USES,
    FakeSlack,
    FakeWorkspace,
)
from flask_core.testing.fake_slack_files import Files
from flask_core.testing.fake_slack_groups import listed, members, switch, update
from flask_core.testing.fake_slack_speech import Speech

type Fields = dict[str, Any]
type Method = Callable[[FakeWorkspace, Fields], Awaitable[Fields]]


class Refused(Exception):
    """Slack says no, with its word for it."""


def add_pages(app: web.Application, slack: FakeSlack) -> None:
    """All of them."""
    api = _Api(slack)
    app.add_routes([
        web.post("/api/{method}", api.serve), web.get("/api/{method}", api.serve),
        web.get("/openid/connect/keys", slack.openid.show_keys),
        web.get("/link/", slack.sockets.serve), web.post("/response/{token}", api.respond),
        web.post("/upload/{file}", api.files.upload),
    ])  # fmt: skip


class _Api:
    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack
        speech, self.files = Speech(slack), Files(slack)
        self._methods: dict[str, Method] = {
            "auth.test": self._test, "auth.revoke": self._revoke, "apps.uninstall": self._revoke,
            "users.info": self._user, "users.list": self._users,
            "conversations.list": self._channels, "conversations.info": self._channel,
            "usergroups.list": self._groups, "usergroups.users.list": self._in_group,
            "usergroups.users.update": self._regroup, "usergroups.enable": self._enable,
            "usergroups.disable": self._disable, "files.getUploadURLExternal": self.files.begin,
            "files.completeUploadExternal": self.files.complete,
            "chat.postMessage": speech.post, "chat.postEphemeral": speech.post_ephemeral,
            "chat.delete": speech.delete, "views.open": speech.open_view, "views.publish": speech.publish,
            "chat.getPermalink": speech.permalink,
        }  # fmt: skip

    async def serve(self, request: web.Request) -> web.Response:
        method, given = request.match_info["method"], await _fields(request)
        self._slack.calls.append(method)
        if self._slack.delay:
            await asyncio.sleep(self._slack.delay)
        if queued := self._slack.errors.get(method):
            answer = queued.pop(0)
            return _busy(answer) if isinstance(answer, float | int) else _refused(answer)
        header = request.headers.get("Authorization", "")
        if (of_openid := self._slack.openid.answers(method, header, given)) is not None:
            return web.json_response(of_openid)
        try:
            return await self._answer(method, header, given)
        except Refused as refused:
            return _refused(str(refused))

    async def _answer(self, method: str, header: str, given: Fields) -> web.Response:
        token = header.removeprefix("Bearer ") or str(given.get("token", ""))
        if method == "apps.connections.open":
            if token != APP_TOKEN:
                raise Refused("invalid_auth")
            return web.json_response({"ok": True, "url": self._slack.sockets.new_url()})
        if method == "oauth.v2.access":
            return self._access(header, given)
        workspace, handler = self._slack.workspace_of(token), self._methods.get(method)
        if handler is None:
            raise Refused("unknown_method")
        if workspace is None:
            raise Refused("invalid_auth")
        if method == "chat.postMessage" and (wait := self._slack.wait_for(str(given.get("channel")))):
            return _busy(wait)
        workspace.asked_with = token
        answer = await handler(workspace, given)
        if "error" in answer:
            return _refused(answer["error"], answer.get("needed", ""))
        return web.json_response({"ok": True, **answer}, headers={"X-OAuth-Scopes": ",".join(sorted(workspace.scopes))})

    async def respond(self, request: web.Request) -> web.Response:
        """Take one of five answers to a command or a click."""
        response = self._slack.responses.get(request.match_info["token"])
        if response is None or response.uses >= RESPONSE_USES or self._slack.clock() > response.until:
            return web.Response(status=404, text="expired_url")
        response.uses += 1
        said = await request.json()
        response.said.append(said)
        self._slack.said.append({**said, "by": "response_url", "ephemeral": said.get("response_type") != "in_channel"})
        return web.json_response({"ok": True})

    def _access(self, header: str, given: Fields) -> web.Response:
        import base64  # noqa: PLC0415

        basic = base64.b64decode(header.removeprefix("Basic ")).decode() if header.startswith("Basic ") else ""
        client = basic or f"{given.get('client_id')}:{given.get('client_secret')}"
        if client != f"{CLIENT_ID}:{CLIENT_SECRET}":
            raise Refused("bad_client_secret")
        if given.get("grant_type") == "refresh_token":
            found = [one for one in self._slack.workspaces.values() if one.refresh_token == given["refresh_token"]]
            if not found:
                raise Refused("invalid_refresh_token")
            self._slack.refreshes += 1
            return self._granted(found[0], "")
        if given.get("code") not in self._slack.codes:
            raise Refused("invalid_code")
        workspace, installer = self._slack.codes.pop(str(given["code"]))
        return self._granted(workspace, installer)

    def _granted(self, workspace: FakeWorkspace, installer: str) -> web.Response:
        return web.json_response({
            "ok": True, "app_id": APP_ID, "token_type": "bot", "scope": ",".join(sorted(workspace.scopes)),
            "bot_user_id": workspace.bot_user_id, "team": {"id": workspace.team_id, "name": workspace.name},
            "enterprise": None, "authed_user": {"id": installer}, **self._slack.new_tokens(workspace),
        })  # fmt: skip

    async def _test(self, workspace: FakeWorkspace, _: Fields) -> Fields:
        return {"url": f"https://{workspace.name.lower()}.slack.com/", "team": workspace.name, "user": "waddlebot",
                "team_id": workspace.team_id, "user_id": workspace.bot_user_id, "bot_id": workspace.bot_id}  # fmt: skip

    async def _revoke(self, workspace: FakeWorkspace, _: Fields) -> Fields:
        self._slack.revoked.append(workspace.bot_token)
        return {"revoked": True}

    async def _user(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        member = workspace.members.get(str(given.get("user")))
        return {"user": member.shown(workspace.team_id)} if member else {"error": "user_not_found"}

    async def _users(self, workspace: FakeWorkspace, _: Fields) -> Fields:
        return {"members": [one.shown(workspace.team_id) for one in workspace.members.values()]}

    async def _channels(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        ids = sorted(workspace.channels)
        at, limit = int(given.get("cursor") or 0), int(given.get("limit") or 100)
        more = {"next_cursor": str(at + limit) if at + limit < len(ids) else ""}
        listed = [_channel_of(workspace, one) for one in ids[at : at + limit]]
        return {"channels": listed, "response_metadata": more}

    async def _channel(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        channel = str(given.get("channel"))
        if channel not in workspace.channels:
            return {"error": "channel_not_found"}
        return {"channel": _channel_of(workspace, channel)}

    async def _groups(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        return listed(workspace, given)

    async def _in_group(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        return members(workspace, given)

    async def _regroup(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        return update(workspace, given)

    async def _enable(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        return switch(workspace, given, on=True)

    async def _disable(self, workspace: FakeWorkspace, given: Fields) -> Fields:
        return switch(workspace, given, on=False)


def _channel_of(workspace: FakeWorkspace, channel: str) -> Fields:
    return {"id": channel, "name": workspace.channels[channel], "is_channel": True,
            "is_private": channel.startswith("G"), "is_archived": channel in workspace.archived,
            "is_member": channel in workspace.bot_in}  # fmt: skip


async def _fields(request: web.Request) -> Fields:
    """What was asked, as JSON or as a form whose lists are JSON."""
    given: Fields = dict(request.query)
    if request.content_type == "application/json":
        return {**given, **(await request.json())}
    posted = dict(await request.post())
    for name in ("blocks", "view"):
        if isinstance(posted.get(name), str):
            posted[name] = json.loads(str(posted[name]))
    return {**given, **posted}


def _busy(seconds: float) -> web.Response:
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": str(max(1, round(seconds)))})


def _refused(word: str, needed: str = "") -> web.Response:
    if word.isdigit():
        return web.Response(status=int(word), text="broken")
    return web.json_response({"ok": False, "error": word, **({"needed": needed} if needed else {})})
