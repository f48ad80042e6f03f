"""Followers, a channel's own emotes, and those that other services add to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from flask_core.contracts import twitch_lookups
from flask_core.errors import NotFound, NotReady, Unavailable
from flask_core.testing.loopback import on_loopback
from twitch_module_flask.tests.conftest import Stream, streaming

SEVEN_TV = {"id": "1337", "emote_set": {"id": "set", "emotes": [{"id": "01F", "name": "catJAM"}]}}
BETTER_TTV = {
    "id": "5f", "bots": [], "channelEmotes": [{"id": "a", "code": "monkaS", "imageType": "png"}],
    "sharedEmotes": [{"id": "b", "code": "KKona", "imageType": "png"}],
}  # fmt: skip
FRANKER_FACE_Z = {"room": {"twitch_id": 1337, "set": 9}, "sets": {"9": {"emoticons": [{"id": 27, "name": "LilZ"}]}}}


@dataclass
class Services:
    """The three services on one host: answers by path, and what was asked."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """One page; what is not there is not found, a number is a failure."""
        self.asked.append(request.path)
        said = self.answers.get(request.path)
        if said is None:
            return web.json_response({"message": "not found"}, status=404)
        return web.Response(status=said) if isinstance(said, int) else web.json_response(said)


@dataclass
class Channel:
    """Ann's channel with the services beside it."""

    stream: Stream
    services: Services

    async def emotes(self, source: Any, broadcaster_id: str = "1337") -> list[str]:
        asked = twitch_lookups.ChannelEmoteQuery(broadcaster_id, source)
        found = await self.stream.inst.client("alias").call("twitch", twitch_lookups.CHANNEL_EMOTES, asked)
        return [one.name for one in found.items]

    async def follow(self, user: str, channel: str = "1337") -> twitch_lookups.FollowFacts:
        asked = twitch_lookups.FollowQuery(channel, user)
        return await self.stream.inst.client("alias").call("twitch", twitch_lookups.FOLLOW, asked)


@pytest_asyncio.fixture
async def channel(tmp_path: Path) -> AsyncIterator[Channel]:
    services, app = Services(), web.Application()
    app.router.add_get("/{path:.*}", services.answer)
    async with on_loopback(app) as url:
        given = {
            "TWITCH_SEVENTV_URL": f"{url}/7tv", "TWITCH_BTTV_URL": f"{url}/bttv", "TWITCH_FFZ_URL": f"{url}/ffz",
            "HTTP_GUARD_ALLOW_HOSTS": url.removeprefix("http://"),
        }  # fmt: skip
        async with streaming(f"sqlite://{tmp_path}/t.db", **given) as stream:
            await stream.connect()
            yield Channel(stream, services)


async def test_each_service_is_asked_once_an_hour(channel: Channel) -> None:
    channel.services.answers = {
        "/7tv/users/twitch/1337": SEVEN_TV, "/bttv/cached/users/twitch/1337": BETTER_TTV,
        "/ffz/room/id/1337": FRANKER_FACE_Z,
    }  # fmt: skip
    channel.stream.twitch.emotes["1337"] = ["annHi", "annLove"]
    for _ in range(2):
        assert await channel.emotes("7tv") == ["catJAM"]
        assert await channel.emotes("bttv") == ["monkaS", "KKona"]
        assert await channel.emotes("ffz") == ["LilZ"]
        assert await channel.emotes("twitch") == ["annHi", "annLove"]
    assert len(channel.services.asked) == 3
    assert channel.stream.twitch.calls.count("GET /helix/chat/emotes") == 1


async def test_a_channel_that_a_service_does_not_know_has_none(channel: Channel) -> None:
    assert await channel.emotes("7tv") == await channel.emotes("bttv") == await channel.emotes("ffz") == []
    channel.services.answers["/7tv/users/twitch/7"] = {"emote_set": {"emotes": None}}
    assert await channel.emotes("7tv", "7") == []


@pytest.mark.parametrize("said", [500, 403, "text", {"sharedEmotes": [{"id": 1}]}])
async def test_a_service_that_fails_is_named(channel: Channel, said: object) -> None:
    channel.services.answers["/bttv/cached/users/twitch/1337"] = said
    with pytest.raises(Unavailable, match="BetterTTV"):
        await channel.emotes("bttv")


async def test_what_is_no_channel_is_asked_nowhere(channel: Channel) -> None:
    for odd in ("../7", "", "1" * 30):
        with pytest.raises(NotFound):
            await channel.emotes("7tv", odd or "x")
    assert channel.services.asked == []


async def test_since_when_somebody_follows(channel: Channel) -> None:
    channel.stream.twitch.followers["1337", "77"] = "2020-01-05T12:00:00Z"
    since = (await channel.follow("77")).since
    assert since is not None
    assert since.isoformat() == "2020-01-05T12:00:00+00:00"
    assert (await channel.follow("78", "twitch:1337:1337")).since is None
    with pytest.raises(NotFound):
        await channel.follow("77", "4711")


async def test_followers_that_may_not_be_read_name_the_right(channel: Channel) -> None:
    for token in channel.stream.twitch.tokens.values():
        token.scopes = [scope for scope in token.scopes if scope != "moderator:read:followers"]
    with pytest.raises(NotReady, match="moderator:read:followers"):
        await channel.follow("77")
