"""What other modules ask about Twitch: answered once for everybody, and honestly while Twitch is away."""

from __future__ import annotations

from typing import Any

import pytest

from flask_core.contracts import twitch, twitch_lookups
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, NotFound, NotReady, Unavailable
from twitch_module_flask.tests.conftest import Stream
from twitch_module_flask.tests.helping import eve


async def ask(stream: Stream, operation: Any, asked: Any, by: str = "labels") -> Any:
    """What a module is answered."""
    return await stream.inst.client(by).call("twitch", operation, asked)


async def test_a_channel_is_told_once_in_half_a_minute(stream: Stream) -> None:
    stream.twitch.go_live("1337", viewers=3)
    stream.twitch.playing["1337"] = "33214"
    stream.twitch.followers["1337", "77"] = "2020-01-05T12:00:00Z"
    channel = await ask(stream, twitch_lookups.CHANNEL, twitch_lookups.ChannelId("1337"))
    assert (channel.login, channel.live, channel.viewers, channel.category) == ("teststreamer", True, 3, "Fortnite")
    assert (channel.followers, channel.started_at is not None) == (1, True)
    stream.twitch.stop("1337")
    assert await ask(stream, twitch_lookups.CHANNEL, twitch_lookups.ChannelId("1337")) == channel
    assert stream.twitch.calls.count("GET /helix/streams") == 1


@pytest.mark.parametrize("unknown", ["4711", "", "no-number", "1" * 5_000])
async def test_an_unknown_channel_is_not_found(stream: Stream, unknown: str) -> None:
    with pytest.raises(NotFound):
        await ask(stream, twitch_lookups.CHANNEL, twitch_lookups.ChannelId(unknown or "0"))


async def test_while_twitch_is_away_it_is_told_when_to_ask_again(stream: Stream) -> None:
    stream.twitch.fail_with = [500] * 3
    with pytest.raises(Unavailable) as away:
        await ask(stream, twitch_lookups.CHANNEL, twitch_lookups.ChannelId("1337"))
    assert (away.value.retry_after or 0) > 0
    stream.twitch.fail_with, stream.twitch.limited = [], [40] * 3
    with pytest.raises(Unavailable) as busy:
        await ask(stream, twitch_lookups.CHANNEL, twitch_lookups.ChannelId("1337"))
    assert (busy.value.retry_after or 0) > 30


async def test_clips_and_emotes_are_listed(stream: Stream) -> None:
    stream.twitch.clips.append({
        "id": "a", "url": "https://clips.twitch.tv/a", "broadcaster_id": "1337", "creator_name": "Eve", "title": "wow",
        "view_count": 9, "duration": 28.5, "created_at": "2026-11-20T12:00:00Z", "thumbnail_url": "https://x.example/a",
    })  # fmt: skip
    clips = await ask(stream, twitch_lookups.CLIPS, twitch_lookups.ClipQuery("1337", first=5))
    assert [(one.id, one.creator, one.views, one.seconds) for one in clips.items] == [("a", "Eve", 9, 28.5)]
    stream.twitch.emotes["0"] = ["Kappa", "PogChamp"]
    emotes = await ask(stream, twitch_lookups.EMOTES, twitch_lookups.EmoteQuery("0"))
    assert [one.name for one in emotes.items] == ["Kappa", "PogChamp"]
    assert emotes.items[0].url.endswith("/Kappa/1.0")


async def test_the_highest_role_is_told(stream: Stream) -> None:
    stream.twitch.moderators.add(("1337", "1"))
    stream.twitch.vips |= {("1337", "2"), ("1337", "3")}
    stream.twitch.subscribers |= {("1337", "3"), ("1337", "4")}
    roles = [
        (await ask(stream, twitch_lookups.ROLES, twitch_lookups.RoleQuery("1337", user))).role
        for user in ("1337", "1", "2", "3", "4", "5")
    ]
    assert roles == [Role.OWNER, Role.MODERATOR, Role.VIP, Role.VIP, Role.SUBSCRIBER, Role.VIEWER]
    by_key = await ask(stream, twitch_lookups.ROLES, twitch_lookups.RoleQuery("twitch:1337:1337", "1"))
    assert by_key.role is Role.MODERATOR
    with pytest.raises(NotFound):
        await ask(stream, twitch_lookups.ROLES, twitch_lookups.RoleQuery("5", "6"))


async def test_all_who_hold_a_role_are_listed_over_all_pages_and_to_labels_only(stream: Stream) -> None:
    eve(stream)
    stream.twitch.vips |= {("1337", user) for user in ("1", "2", "3", "77")}
    asked = twitch_lookups.HolderQuery("twitch_vip", "1337")
    holders = await ask(stream, twitch_lookups.HOLDERS, asked)
    assert [one.user_id for one in holders.items] == ["1", "2", "3", "77"]
    assert holders.items[-1] == twitch_lookups.Holder("77", "eve", "Eve")
    with pytest.raises(Forbidden):
        await ask(stream, twitch_lookups.HOLDERS, asked, by="memories")


async def test_without_the_right_to_see_them_the_right_is_named(stream: Stream) -> None:
    for token in stream.twitch.tokens.values():
        token.scopes = [scope for scope in token.scopes if scope != "channel:read:vips"]
    with pytest.raises(NotReady, match="channel:read:vips") as refused:
        await ask(stream, twitch_lookups.HOLDERS, twitch_lookups.HolderQuery("twitch_vip", "1337"))
    assert refused.value.status == 422


async def test_users_are_known_for_a_day(stream: Stream) -> None:
    eve(stream)
    found = await ask(stream, twitch.USER, twitch.UserQuery(login="@Eve"))
    stream.twitch.users.clear()
    assert await ask(stream, twitch.USER, twitch.UserQuery(login="eve")) == found
    with pytest.raises(NotFound):
        await ask(stream, twitch.USER, twitch.UserQuery(login="nobody here & nowhere"))
