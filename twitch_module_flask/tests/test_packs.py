"""What is switched on is asked for, what was not allowed is paused and says so, and a grant lets it go on."""

from __future__ import annotations

from typing import Any

import pytest

from flask_core.contracts import twitch
from flask_core.errors import InvalidInput, NotFound, TooMany
from flask_core.testing.installation import until
from twitch_module_flask import seen_back
from twitch_module_flask.scopes import PACKS, scopes_for
from twitch_module_flask.tests.conftest import Stream

HYPE = {"channel.hype_train.begin", "channel.hype_train.end"}


async def choose(stream: Stream, **more: Any) -> None:
    """Ann saves the settings of her channel."""
    asked = twitch.ChannelSettings("1337", stream.community_id, **more)
    await stream.portal.client.call("twitch", twitch.SET_CHANNEL, asked, acting=stream.owner)


def asked_for(stream: Stream, grant: twitch.Grant) -> set[str]:
    """The rights that a code stands for."""
    return set(next(one for one in stream.twitch.devices.values() if one.user_code == grant.user_code).scopes)


async def pack(stream: Stream, name: twitch.Pack) -> twitch.PackState:
    """How a pack of Ann's channel stands."""
    return next(one for one in (await stream.status()).channels[0].packs if one.pack == name)


def told(stream: Stream) -> set[str]:
    """What Twitch tells about Ann's channel."""
    return {one["type"] for one in stream.enabled}


async def test_only_what_is_switched_on_is_asked_for(unconnected: Stream) -> None:
    grant = await unconnected.start()
    assert asked_for(unconnected, grant) == set(scopes_for("broadcaster", is_the_bot=True))
    assert not asked_for(unconnected, grant) & {*PACKS["control"], *PACKS["more"], *PACKS["whispers"]}
    more = await unconnected.start(packs=("control",))
    assert asked_for(unconnected, more) == asked_for(unconnected, grant) | set(PACKS["control"])


async def test_a_pack_that_is_added_asks_for_the_old_and_the_new(stream: Stream) -> None:
    before = set((await stream.status()).accounts[0].scopes)
    await choose(stream, packs=("moderation", "events", "more"))
    grant = await stream.start(expected_user_id="1337")
    assert asked_for(stream, grant) == before | set(PACKS["more"])
    await choose(stream, packs=("moderation",))
    grant = await stream.start(expected_user_id="1337")
    # What was allowed once is asked for again: a new grant takes nothing away.
    assert asked_for(stream, grant) == before


@pytest.mark.promise("twitch.17")
async def test_what_is_not_allowed_is_paused_with_its_reason_and_goes_on_with_the_grant(stream: Stream) -> None:
    await choose(stream, packs=("moderation", "events", "more"))
    paused = await pack(stream, "more")
    assert paused.on
    assert paused.reason.startswith("paused, because teststreamer has not allowed channel:read:charity")
    status = await stream.shows(lambda status: status.channels[0].failed)
    failed = {one.type: one.reason for one in status.channels[0].failed}
    assert failed["channel.hype_train.begin"] == (
        "paused, because teststreamer has not allowed channel:read:hype_train"
    )
    assert not HYPE & told(stream)
    assert (await stream.status()).channels[0].reading
    grant = await stream.start(expected_user_id="1337")
    stream.twitch.approve(grant.user_code, stream.ann)
    await stream.ended(grant)
    await until(lambda: told(stream) >= HYPE, "what was paused")
    assert (await pack(stream, "more")).reason == ""
    assert not (await stream.shows(lambda status: not status.channels[0].failed)).channels[0].failed


async def test_what_is_switched_off_is_told_no_more_and_stays_allowed(stream: Stream) -> None:
    assert "channel.follow" in told(stream)
    await choose(stream, packs=("moderation",))
    await until(lambda: "channel.follow" not in told(stream), "the end of follows")
    assert "channel.chat.message" in told(stream)
    assert "moderator:read:followers" in (await stream.status()).accounts[0].scopes
    await choose(stream, packs=("moderation", "events"))
    await until(lambda: "channel.follow" in told(stream), "follows")


async def test_settings_are_kept_and_heard_in_the_next_answer(stream: Stream) -> None:
    eve = stream.twitch.add_user("7", "eve")
    await choose(stream, reply_style="mention", parts=1)
    listed = await stream.portal.client.call(
        "twitch", twitch.CHANNELS, twitch.OfCommunity(stream.community_id), acting=stream.owner
    )
    assert [(one.login, one.reply_style, one.parts) for one in listed.items] == [("teststreamer", "mention", 1)]
    stream.inst.services["twitch"]._background["subscriptions"].__self__._forget()  # type: ignore[attr-defined]
    assert (await stream.answer(eve, "!ping")).startswith("@Eve Pong")
    assert "reply_parent_message_id" not in stream.twitch.said[-1]
    with pytest.raises(InvalidInput, match="No such bot"):
        await choose(stream, bot_user_id="4711")
    elsewhere = twitch.ChannelSettings("1337", stream.community_id + 1)
    with pytest.raises(NotFound):
        await stream.portal.client.call("twitch", twitch.SET_CHANNEL, elsewhere, acting=stream.owner)


async def connect_bot(stream: Stream, user_id: str, login: str, community_id: int = 0) -> twitch.Grant:
    """A bot's account is connected, for all or for a community alone."""
    asked = twitch.StartGrant("bot", community_id)
    grant = await stream.portal.client.call("twitch", twitch.START_GRANT, asked, acting=stream.owner)
    user = stream.twitch.users.get(user_id) or stream.twitch.add_user(user_id, login)
    stream.twitch.approve(grant.user_code, user)
    return await stream.ended(grant)


async def test_a_community_may_have_a_bot_of_its_own(stream: Stream) -> None:
    await connect_bot(stream, "90", "waddles")
    assert (await stream.status()).channels[0].bot_login == "waddles"
    await connect_bot(stream, "91", "pingu", stream.community_id)
    assert (await stream.status()).channels[0].bot_login == "pingu"
    await choose(stream, bot_user_id="90")
    assert (await stream.status()).channels[0].bot_login == "waddles"
    await choose(stream, bot_user_id="1337")
    assert (await stream.status()).channels[0].bot_login == "teststreamer"
    taken = await connect_bot(stream, "90", "waddles", stream.community_id)
    assert (taken.state, "waddles is the bot of somebody else" in taken.reason) == (twitch.GrantState.FAILED, True)
    accounts = await stream.portal.client.call(
        "twitch", twitch.ACCOUNTS, twitch.OfCommunity(stream.community_id), acting=stream.owner
    )
    assert {(one.login, one.community_id) for one in accounts.items if one.kind == "bot"} == {
        ("waddles", 0), ("pingu", stream.community_id)
    }  # fmt: skip


async def test_a_bot_stays_one_when_its_own_channel_is_connected(stream: Stream) -> None:
    await connect_bot(stream, "1337", "teststreamer")
    account = (await stream.status()).accounts[0]
    assert (account.kind, account.missing_scopes != ()) == ("bot", True)
    grant = await stream.start(expected_user_id="1337")
    stream.twitch.approve(grant.user_code, stream.ann)
    await stream.ended(grant)
    account = (await stream.status()).accounts[0]
    assert (account.kind, account.missing_scopes) == ("bot", ())


async def test_a_channel_that_is_read_no_more_keeps_its_account(stream: Stream) -> None:
    of = twitch.ChannelOf("1337", stream.community_id)
    await stream.portal.client.call("twitch", twitch.STOP_READING, of, acting=stream.owner)
    status = await stream.status()
    assert (status.channels, [one.login for one in status.accounts]) == ((), ["teststreamer"])
    await until(lambda: not stream.enabled, "the end of everything")
    with pytest.raises(NotFound):
        await stream.portal.client.call("twitch", twitch.STOP_READING, of, acting=stream.owner)


async def test_a_test_tries_everything_once_a_minute(stream: Stream) -> None:
    of = twitch.ChannelOf("1337", stream.community_id)
    tried = await stream.portal.client.call("twitch", twitch.TEST_CHANNEL, of, acting=stream.owner, timeout=20)
    assert [(one.name, one.ok) for one in tried.steps] == [
        ("token", True), ("scopes", True), ("moderator", True), ("subscription", True), ("line", True), ("seen", True)
    ]  # fmt: skip
    assert stream.twitch.said[-1]["message"] == "WaddleBot can speak here."
    with pytest.raises(TooMany, match="once a minute"):
        await stream.portal.client.call("twitch", twitch.TEST_CHANNEL, of, acting=stream.owner, timeout=20)
    status = await stream.status()
    assert status.channels[0].tested == tried
    assert status.channels[0].channel_bot
    assert [(one.login, one.left < one.of) for one in status.budgets] == [("teststreamer", True)]
    assert status.points is not None
    assert (status.points.left, status.points.of) == (799, 800)
    other = twitch.ChannelOf("4711", stream.community_id)
    with pytest.raises(NotFound):
        await stream.portal.client.call("twitch", twitch.TEST_CHANNEL, other, acting=stream.owner)


async def test_a_test_says_what_does_not_work(stream: Stream) -> None:
    stream.twitch.drop_with = "channel_settings"
    await connect_bot(stream, "90", "waddles")
    stream.inst.services["twitch"]._background["subscriptions"].__self__._forget()  # type: ignore[attr-defined]
    of = twitch.ChannelOf("1337", stream.community_id)
    tried = await stream.portal.client.call("twitch", twitch.TEST_CHANNEL, of, acting=stream.owner, timeout=20)
    said = {one.name: one.said for one in tried.steps if not one.ok}
    assert "/mod" in said["moderator"]
    assert "do not let the bot write" in said["line"]
    assert "Nothing was said" in said["seen"]


async def test_a_test_line_that_does_not_come_back_is_told(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_back, "WAIT_SECONDS", 0.2)
    stream.twitch.echoes = False
    of = twitch.ChannelOf("1337", stream.community_id)
    tried = await stream.portal.client.call("twitch", twitch.TEST_CHANNEL, of, acting=stream.owner, timeout=20)
    assert [one.name for one in tried.steps if not one.ok] == ["seen"]
    assert "did not come back" in tried.steps[-1].said
