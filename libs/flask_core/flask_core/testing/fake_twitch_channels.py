"""The fake Twitch's channels: users, streams, titles and categories, clips, markers, followers, subscribers."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from flask_core.testing.fake_twitch_refusals import Refused, known, permitted

if TYPE_CHECKING:
    from flask_core.testing.fake_twitch import FakeTwitch

_MOST_TITLE = 140
_BROADCAST = "channel:manage:broadcast"


class ChannelPages:
    """`/helix/users`, `/helix/channels`, `/helix/streams` and what belongs to them."""

    def __init__(self, twitch: FakeTwitch) -> None:
        self._twitch = twitch

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get("/helix/users", self.users), web.get("/helix/channels", self.channel),
            web.patch("/helix/channels", self.change), web.get("/helix/streams", self.streams),
            web.post("/helix/streams/markers", self.mark), web.get("/helix/clips", self.clips),
            web.post("/helix/clips", self.clip), web.get("/helix/games", self.games),
            web.get("/helix/search/categories", self.search), web.get("/helix/channels/followers", self.followers),
            web.get("/helix/subscriptions", self.subscription),
        ]  # fmt: skip

    async def users(self, request: web.Request) -> web.Response:
        """By login or id; without either whoever the token is of, with the address if that was asked for."""
        token = known(self._twitch, request)
        if not request.query and token.user is not None:
            private = {"email": token.user.email} if "user:read:email" in token.scopes else {}
            return web.json_response({"data": [{**token.user.shown(), **private}]})
        logins, ids = request.query.getall("login", []), request.query.getall("id", [])
        found = [user.shown() for user in self._twitch.users.values() if user.login in logins or user.id in ids]
        return web.json_response({"data": found})

    async def channel(self, request: web.Request) -> web.Response:
        """What a channel is called and about."""
        known(self._twitch, request)
        found = [self._twitch.users[one] for one in request.query.getall("broadcaster_id") if one in self._twitch.users]
        return web.json_response({"data": [self._shown(one.id, one.login) for one in found]})

    async def change(self, request: web.Request) -> web.Response:
        """Another title or category."""
        broadcaster = request.query["broadcaster_id"]
        by, asked = permitted(self._twitch, request, _BROADCAST, broadcaster), await request.json()
        if not 0 < len(asked.get("title", "x")) <= _MOST_TITLE:
            raise Refused(400, "The title field must contain 1 to 140 characters.")
        if asked.get("game_id", "0") not in {"", "0", *self._twitch.categories}:
            raise Refused(400, "The ID in game_id is not valid.")
        if "title" in asked:
            self._twitch.titles[broadcaster] = asked["title"]
        if "game_id" in asked:
            self._twitch.playing[broadcaster] = asked["game_id"]
        self._twitch.done.append({"call": "change", "by": by, "channel": broadcaster, **asked})
        return web.Response(status=204)

    async def streams(self, request: web.Request) -> web.Response:
        """Those that are live."""
        known(self._twitch, request)
        found = [one for one in request.query.getall("user_id") if one in self._twitch.streams]
        return web.json_response({"data": [{**self._shown(one, ""), **self._twitch.streams[one]} for one in found]})

    async def mark(self, request: web.Request) -> web.Response:
        """A marker in the recording."""
        asked = await request.json()
        broadcaster = asked["user_id"]
        by, stream = permitted(self._twitch, request, _BROADCAST, broadcaster), self._twitch.streams.get(broadcaster)
        if stream is None:
            raise Refused(404, "The user is not streaming live.")
        seconds = int((datetime.now(UTC) - datetime.fromisoformat(stream["started_at"])).total_seconds())
        self._twitch.done.append({"call": "marker", "by": by, **asked})
        shown = {"id": secrets.token_hex(4), "position_seconds": seconds, "description": asked.get("description", "")}
        return web.json_response({"data": [shown]})

    async def clip(self, request: web.Request) -> web.Response:
        """The last half minute."""
        broadcaster = request.query["broadcaster_id"]
        by = permitted(self._twitch, request, "clips:edit", broadcaster)
        if broadcaster not in self._twitch.streams:
            raise Refused(404, "Clipping is not possible for an offline channel.")
        clip_id = f"Clip{len(self._twitch.clips)}"
        self._twitch.clips.append({
            "id": clip_id, "url": f"https://clips.twitch.tv/{clip_id}", "broadcaster_id": broadcaster,
            "creator_name": by, "title": request.query.get("title", ""), "view_count": 0, "duration": 30,
            "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "thumbnail_url": f"https://clips.example/{clip_id}.jpg",
        })  # fmt: skip
        self._twitch.done.append({"call": "clip", "by": by, "channel": broadcaster})
        return web.json_response({"data": [{"id": clip_id, "edit_url": "https://clips.twitch.tv/edit"}]}, status=202)

    async def clips(self, request: web.Request) -> web.Response:
        """The best of a channel."""
        known(self._twitch, request)
        found = [one for one in self._twitch.clips if one["broadcaster_id"] == request.query["broadcaster_id"]]
        return web.json_response({"data": found[: int(request.query.get("first", "20"))], "pagination": {}})

    async def games(self, request: web.Request) -> web.Response:
        """By exact name."""
        known(self._twitch, request)
        return self._named([one for one in self._twitch.categories.items() if one[1] == request.query["name"]])

    async def search(self, request: web.Request) -> web.Response:
        """Whatever has one of the words."""
        known(self._twitch, request)
        words = request.query["query"].lower().split()
        return self._named([
            one for one in self._twitch.categories.items() if any(word[:4] in one[1].lower() for word in words)
        ])  # fmt: skip

    def _named(self, found: list[tuple[str, str]]) -> web.Response:
        return web.json_response({"data": [{"id": one, "name": name, "box_art_url": ""} for one, name in found]})

    async def followers(self, request: web.Request) -> web.Response:
        """How many, and for a moderator or the streamer since when somebody follows."""
        broadcaster, user = request.query["broadcaster_id"], request.query.get("user_id", "")
        total = sum(channel == broadcaster for channel, _ in self._twitch.followers)
        if not user:
            known(self._twitch, request)
            return web.json_response({"data": [], "total": total, "pagination": {}})
        permitted(self._twitch, request, "moderator:read:followers", broadcaster)
        since = self._twitch.followers.get((broadcaster, user))
        return web.json_response({"data": [{"user_id": user, "followed_at": since}] if since else [], "total": total})

    async def subscription(self, request: web.Request) -> web.Response:
        """Whether somebody subscribes."""
        broadcaster, user = request.query["broadcaster_id"], request.query["user_id"]
        permitted(self._twitch, request, "channel:read:subscriptions", broadcaster)
        found = (broadcaster, user) in self._twitch.subscribers
        return web.json_response({"data": [{"user_id": user, "tier": "1000"}] if found else []})

    def _shown(self, broadcaster: str, login: str) -> dict[str, Any]:
        category = self._twitch.playing.get(broadcaster, "")
        return {
            "broadcaster_id": broadcaster, "broadcaster_login": login, "game_id": category,
            "game_name": self._twitch.categories.get(category, ""), "title": self._twitch.titles.get(broadcaster, ""),
            "broadcaster_language": "en", "tags": [], "content_classification_labels": [], "delay": 0,
        }  # fmt: skip
