"""The fake Twitch's chat: lines, announcements, whispers, shoutouts, emotes, and who is there."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from aiohttp import web

from flask_core.testing.fake_twitch_refusals import Refused, known, moderating, permitted

if TYPE_CHECKING:
    from flask_core.testing.fake_twitch import FakeTwitch

_PAGE = 2
_MOST = 500
_COLORS = frozenset({"primary", "blue", "green", "orange", "purple"})


class ChatPages:
    """`/helix/chat/…` and `/helix/whispers`."""

    def __init__(self, twitch: FakeTwitch) -> None:
        self._twitch = twitch

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.post("/helix/chat/messages", self.say), web.post("/helix/chat/announcements", self.announce),
            web.post("/helix/whispers", self.whisper), web.post("/helix/chat/shoutouts", self.shout_out),
            web.get("/helix/chat/chatters", self.chatters), web.get("/helix/chat/emotes/set", self.emotes),
            web.get("/helix/chat/emotes", self.channel_emotes),
        ]  # fmt: skip

    async def say(self, request: web.Request) -> web.Response:
        """A line; `drop_with` holds it back."""
        token, line = known(self._twitch, request), await request.json()
        if token.user is None and not self._twitch.application_may_speak:
            raise Refused(403, "The application may not speak here.")
        if token.user is not None and (token.user.id != line["sender_id"] or "for_source_only" in line):
            raise Refused(400, "for_source_only is the application's, and everybody speaks for themselves.")
        why = self._twitch.drop_with or ("msg_too_long" if len(line["message"]) > self._twitch.longest_line else "")
        if why:
            reason = {"code": why, "message": "no"}
            return web.json_response({"data": [{"message_id": "", "is_sent": False, "drop_reason": reason}]})
        message_id = secrets.token_hex(16)
        said = {**line, "by": "application" if token.user is None else token.user.login}
        self._twitch.said.append(said)
        if self._twitch.on_said is not None:
            self._twitch.on_said(said)
        self._twitch.show_line(line, message_id)
        return web.json_response({"data": [{"message_id": message_id, "is_sent": True, "drop_reason": None}]})

    async def announce(self, request: web.Request) -> web.Response:
        """A line in a box."""
        by = moderating(self._twitch, request, "moderator:manage:announcements")
        asked = await request.json()
        if not asked["message"] or asked.get("color", "primary") not in _COLORS:
            raise Refused(400, "The message or the color is not valid.")
        self._twitch.done.append({"call": "announce", "by": by, **request.query, **asked})
        return web.Response(status=204)

    async def whisper(self, request: web.Request) -> web.Response:
        """Whether it arrives is not told."""
        by = permitted(self._twitch, request, "user:manage:whispers", request.query["from_user_id"])
        if by == "application":
            raise Refused(401, "Whispers take a user access token")
        asked = await request.json()
        if request.query["from_user_id"] == request.query["to_user_id"] or not 0 < len(asked["message"]) <= _MOST:
            raise Refused(400, "Nobody whispers to themselves, or nothing.")
        self._twitch.done.append({"call": "whisper", "by": by, **request.query, **asked})
        return web.Response(status=204)

    async def shout_out(self, request: web.Request) -> web.Response:
        """One channel recommends another."""
        broadcaster, to = request.query["from_broadcaster_id"], request.query["to_broadcaster_id"]
        by = permitted(self._twitch, request, "moderator:manage:shoutouts", request.query["moderator_id"])
        if broadcaster == to or to not in self._twitch.users:
            raise Refused(400, "The broadcaster may not give themselves a Shoutout.")
        if broadcaster not in self._twitch.streams:
            raise Refused(400, "The broadcaster is not streaming live or does not have one or more viewers.")
        self._twitch.done.append({"call": "shoutout", "by": by, **request.query})
        return web.Response(status=204)

    async def chatters(self, request: web.Request) -> web.Response:
        """Who is there, in pages of two, so that somebody who reads the first one only is found out."""
        moderating(self._twitch, request, "moderator:read:chatters")
        there = sorted(self._twitch.chatters.get(request.query["broadcaster_id"], ()))
        start = int(request.query.get("after", "0"))
        page = [self._twitch.users[one] for one in there[start : start + _PAGE]]
        shown = [{"user_id": one.id, "user_login": one.login, "user_name": one.login.capitalize()} for one in page]
        cursor = {"cursor": str(start + _PAGE)} if start + _PAGE < len(there) else {}
        return web.json_response({"data": shown, "pagination": cursor, "total": len(there)})

    async def emotes(self, request: web.Request) -> web.Response:
        """Those of a set."""
        known(self._twitch, request)
        return self._shown(request.query["emote_set_id"])

    async def channel_emotes(self, request: web.Request) -> web.Response:
        """Those of a channel, which are kept under its id."""
        known(self._twitch, request)
        return self._shown(request.query["broadcaster_id"])

    def _shown(self, key: str) -> web.Response:
        names = self._twitch.emotes.get(key, [])
        shown = [
            {"id": f"emote-{name}", "name": name, "images": {"url_1x": f"https://cdn.example/{name}/1.0"}}
            for name in names
        ]
        return web.json_response({"data": shown, "template": ""})
