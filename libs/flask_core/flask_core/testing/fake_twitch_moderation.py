"""The fake Twitch's moderation: bans, time-outs, warnings, deleted lines, and who is moderator or VIP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from flask_core.testing.fake_twitch_refusals import Refused, known, moderating, permitted

if TYPE_CHECKING:
    from flask_core.testing.fake_twitch import FakeTwitch

_LONGEST, _MOST_REASON = 1_209_600, 500
_BANS = "moderator:manage:banned_users"


class ModerationPages:
    """`/helix/moderation/…` and `/helix/channels/vips`."""

    def __init__(self, twitch: FakeTwitch) -> None:
        self._twitch = twitch

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.post("/helix/moderation/bans", self.ban), web.delete("/helix/moderation/bans", self.unban),
            web.delete("/helix/moderation/chat", self.delete), web.post("/helix/moderation/warnings", self.warn),
            web.get("/helix/moderation/moderators", self.moderators),
            web.get("/helix/moderation/channels", self.moderated),
            web.post("/helix/moderation/moderators", self.add_moderator),
            web.delete("/helix/moderation/moderators", self.remove_moderator),
            web.get("/helix/channels/vips", self.vips), web.post("/helix/channels/vips", self.add_vip),
            web.delete("/helix/channels/vips", self.remove_vip),
        ]  # fmt: skip

    async def moderated(self, request: web.Request) -> web.Response:
        """What somebody moderates, a few channels a page; by their own token."""
        user_id = request.query["user_id"]
        permitted(self._twitch, request, "user:read:moderated_channels", user_id)
        theirs = sorted(broadcaster for broadcaster, moderator in self._twitch.moderators if moderator == user_id)
        start = int(request.query.get("after", "0"))
        end = start + min(int(request.query.get("first", "20")), self._twitch.most_per_page)
        page = [{"broadcaster_id": one} for one in theirs[start:end]]
        cursor = {"cursor": str(end)} if end < len(theirs) else {}
        return web.json_response({"data": page, "pagination": cursor})

    async def ban(self, request: web.Request) -> web.Response:
        """With a duration it is a time-out."""
        by, asked = moderating(self._twitch, request, _BANS), (await request.json())["data"]
        pair = (request.query["broadcaster_id"], asked["user_id"])
        seconds = asked.get("duration")
        if (seconds is not None and not 1 <= seconds <= _LONGEST) or len(asked.get("reason", "")) > _MOST_REASON:
            raise Refused(400, "The duration or reason is not valid.")
        if pair[0] == pair[1] or pair in self._twitch.moderators:
            raise Refused(400, "The user specified in the user_id field may not be banned.")
        if self._twitch.banned.get(pair) == 0:
            raise Refused(400, "The user specified in the user_id field is already banned.")
        self._twitch.banned[pair] = seconds or 0
        self._did("timeout" if seconds else "ban", by, pair, reason=asked.get("reason", ""), seconds=seconds or 0)
        shown = {"broadcaster_id": pair[0], "moderator_id": request.query["moderator_id"], "user_id": pair[1]}
        return web.json_response({"data": [shown]})

    async def unban(self, request: web.Request) -> web.Response:
        """A ban or time-out ends."""
        by = moderating(self._twitch, request, _BANS)
        pair = (request.query["broadcaster_id"], request.query["user_id"])
        if self._twitch.banned.pop(pair, None) is None:
            raise Refused(400, "The user specified in the user_id query parameter is not banned.")
        self._did("unban", by, pair)
        return web.Response(status=204)

    async def delete(self, request: web.Request) -> web.Response:
        """One line; without an id it would be all of them, which no test wants."""
        by = moderating(self._twitch, request, "moderator:manage:chat_messages")
        written = self._twitch.written.get(request.query["message_id"])
        if written is None:
            raise Refused(404, "The message was not found or is older than 6 hours.")
        if written in self._twitch.moderators or written[0] == written[1]:
            raise Refused(400, "You may not delete another moderator's messages.")
        del self._twitch.written[request.query["message_id"]]
        self._did("delete", by, written, message_id=request.query["message_id"])
        return web.Response(status=204)

    async def warn(self, request: web.Request) -> web.Response:
        """Somebody has to read a reason."""
        by = moderating(self._twitch, request, "moderator:manage:warnings")
        asked = (await request.json())["data"]
        if not 0 < len(asked["reason"]) <= _MOST_REASON:
            raise Refused(400, "The reason is not valid.")
        pair = (request.query["broadcaster_id"], asked["user_id"])
        self._did("warn", by, pair, reason=asked["reason"])
        return web.json_response({"data": [{"broadcaster_id": pair[0], "user_id": pair[1], "reason": asked["reason"]}]})

    async def moderators(self, request: web.Request) -> web.Response:
        """All, or one."""
        permitted(self._twitch, request, "moderation:read", request.query["broadcaster_id"])
        return self._listed(request, self._twitch.moderators)

    async def add_moderator(self, request: web.Request) -> web.Response:
        """A moderator more."""
        by, pair = self._granting(request, "channel:manage:moderators")
        if pair in self._twitch.moderators or pair[0] == pair[1]:
            raise Refused(400, "The user is already a moderator in the broadcaster's chat room.")
        if pair in self._twitch.vips:
            raise Refused(422, "The user is a VIP. To make them a moderator, you must first remove them as a VIP.")
        self._twitch.moderators.add(pair)
        self._did("moderator", by, pair)
        return web.Response(status=204)

    async def remove_moderator(self, request: web.Request) -> web.Response:
        """A moderator less."""
        by, pair = self._granting(request, "channel:manage:moderators")
        if pair not in self._twitch.moderators:
            raise Refused(400, "The user is not a moderator in the broadcaster's chat room.")
        self._twitch.moderators.remove(pair)
        self._did("no moderator", by, pair)
        return web.Response(status=204)

    async def vips(self, request: web.Request) -> web.Response:
        """All, or one."""
        permitted(self._twitch, request, "channel:read:vips", request.query["broadcaster_id"])
        return self._listed(request, self._twitch.vips)

    async def add_vip(self, request: web.Request) -> web.Response:
        """A VIP more, while there are places."""
        by, pair = self._granting(request, "channel:manage:vips")
        if pair in self._twitch.vips or pair in self._twitch.moderators:
            raise Refused(422, "The user is already a VIP or a moderator.")
        if sum(channel == pair[0] for channel, _ in self._twitch.vips) >= self._twitch.most_vips:
            raise Refused(409, "The broadcaster does not have available VIP slots.")
        self._twitch.vips.add(pair)
        self._did("vip", by, pair)
        return web.Response(status=204)

    async def remove_vip(self, request: web.Request) -> web.Response:
        """A VIP less."""
        by, pair = self._granting(request, "channel:manage:vips")
        if pair not in self._twitch.vips:
            raise Refused(422, "The user is not a VIP in the broadcaster's channel.")
        self._twitch.vips.remove(pair)
        self._did("no vip", by, pair)
        return web.Response(status=204)

    def _granting(self, request: web.Request, scope: str) -> tuple[str, tuple[str, str]]:
        known(self._twitch, request)
        pair = (request.query["broadcaster_id"], request.query["user_id"])
        if pair[1] not in self._twitch.users:
            raise Refused(400, "The ID in user_id was not found.")
        return permitted(self._twitch, request, scope, pair[0]), pair

    def _listed(self, request: web.Request, pairs: set[tuple[str, str]]) -> web.Response:
        """A page of two."""
        broadcaster, only = request.query["broadcaster_id"], request.query.getall("user_id", [])
        found = sorted(user for channel, user in pairs if channel == broadcaster and (not only or user in only))
        start = int(request.query.get("after", "0"))
        shown = [
            {"user_id": one, "user_login": self._login(one), "user_name": self._login(one).capitalize()}
            for one in found[start : start + 2]
        ]
        cursor = {"cursor": str(start + 2)} if start + 2 < len(found) else {}
        return web.json_response({"data": shown, "pagination": cursor})

    def _login(self, user_id: str) -> str:
        user = self._twitch.users.get(user_id)
        return user.login if user else f"user{user_id}"

    def _did(self, call: str, by: str, pair: tuple[str, str], **more: object) -> None:
        self._twitch.done.append({"call": call, "by": by, "channel": pair[0], "user": pair[1], **more})
