"""From a chat line on Twitch to the bot's answer on Twitch, and everything else Twitch sends."""

from __future__ import annotations

import pytest

from flask_core.datamodels import MessageType
from flask_core.testing.fake_twitch import signed_headers
from twitch_module_flask.tests.conftest import FIXTURES, SECRET, Stream, recorded, sent_now, traces_of

NOT_NOTIFIED = {"unsigned", "verification-channel.follow", "revocation-authorization_revoked"}
NOTIFIED = sorted(path.stem for path in FIXTURES.iterdir() if path.stem not in NOT_NOTIFIED)


async def test_a_quote_is_added_and_its_number_comes_back_to_the_chat(stream: Stream) -> None:
    said = await stream.answer(stream.ann, '!memories add quote "Tea first." by Ann')
    assert "#1" in said
    assert stream.twitch.said[0]["broadcaster_id"] == "1337"
    assert stream.twitch.said[0]["reply_parent_message_id"]


@pytest.mark.promise("twitch.1")
@pytest.mark.parametrize("name", NOTIFIED)
async def test_every_captured_notification_is_accepted_and_leaves_its_trace(stream: Stream, name: str) -> None:
    body, headers = sent_now(name)
    assert await stream.post(body, headers) == (204, "")
    event_id = f"twitch:{headers['Twitch-Eventsub-Message-Id']}"
    found = await traces_of(stream, lambda trace: trace.event_id == event_id)
    assert found[0].channel == "twitch:1337:1337"


@pytest.mark.promise("twitch.1")
async def test_what_is_unsigned_or_altered_is_refused(stream: Stream) -> None:
    headers, body = recorded("unsigned")
    assert (await stream.post(body, headers))[0] == 403
    body, headers = sent_now("channel.cheer")
    assert (await stream.post(body.replace(b"100", b"900"), headers))[0] == 403
    assert (await stream.post(body, {**headers, "Twitch-Eventsub-Message-Id": "another"}))[0] == 403


async def test_a_recording_as_it_came_is_too_old_by_now(stream: Stream) -> None:
    headers, body = recorded("channel.cheer")
    assert (await stream.post(body, headers))[0] == 403


@pytest.mark.promise("twitch.2")
async def test_the_same_message_twice_is_one_event(stream: Stream) -> None:
    for name in ("redelivery-1-first", "redelivery-2-retrigger"):
        assert (await stream.post(*sent_now(name)))[0] == 204
    assert len(await traces_of(stream, lambda trace: trace.message_type == MessageType.CHEER)) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"[]", 400), (b'{"subscription": 3}', 400), (b'{"subscription": {"type": 7}}', 400),
     (b'{"subscription": {"type": "channel.cheer"}, "event": {"bits": "many"}}', 400),
     (b'{"subscription": {"type": "channel.chat.message"}, "event": null}', 400),
     (b'{"subscription": {"type": "channel.of.tomorrow"}, "event": {}}', 204)],
)  # fmt: skip
async def test_what_is_signed_and_no_message_is_refused_and_what_is_new_is_ignored(
    stream: Stream, body: bytes, status: int
) -> None:
    assert (await stream.post(body, signed_headers(SECRET, body, "notification", "x")))[0] == status


@pytest.mark.parametrize("condition", ['"x"', "[1]", "7"])
async def test_a_revocation_of_something_strange_is_refused(stream: Stream, condition: str) -> None:
    body = f'{{"subscription": {{"type": "channel.cheer", "condition": {condition}}}}}'.encode()
    assert (await stream.post(body, signed_headers(SECRET, body, "revocation", "x")))[0] == 400


async def test_more_than_a_mebibyte_is_not_read(stream: Stream) -> None:
    assert (await stream.post(b"x" * (1024 * 1024 + 1), {}))[0] == 413


async def test_a_stream_that_begins_and_ends_shows_on_the_tile(stream: Stream) -> None:
    await stream.post(*sent_now("stream.online"))
    assert (await stream.status()).channels[0].live
    assert (await stream.status()).channels[0].last_event_at is not None
    await stream.post(*sent_now("stream.offline"))
    assert not (await stream.status()).channels[0].live


@pytest.mark.promise("twitch.9")
async def test_a_line_that_another_channel_shares_is_not_answered(stream: Stream) -> None:
    eve = stream.twitch.add_user("77", "eve")
    await stream.chat(eve, "!ping", source_broadcaster_user_id="4711")
    assert (await stream.answer(eve, "!ping")).startswith("Pong")
    assert len(stream.twitch.said) == 1


async def test_a_command_behind_the_name_that_twitch_adds_to_a_reply_is_heard(stream: Stream) -> None:
    eve = stream.twitch.add_user("77", "eve")
    reply = {"parent_message_id": "m1", "parent_user_id": "1337", "parent_user_login": "teststreamer",
             "parent_user_name": "TestStreamer", "parent_message_body": "hi"}  # fmt: skip
    assert (await stream.answer(eve, "@TestStreamer !ping", reply=reply)).startswith("Pong")


async def test_badges_give_the_role_that_counts_in_this_channel(stream: Stream) -> None:
    eve, mo = stream.twitch.add_user("77", "eve"), stream.twitch.add_user("78", "mo")
    assert await stream.answer(eve, "!why") == "Only moderators can do that. You are viewer here."
    await stream.answer(eve, "!ping")
    assert "Traces" in await stream.answer(mo, "!why", badges=["moderator"])


async def test_our_own_bot_is_not_answered(stream: Stream) -> None:
    bot, eve = stream.twitch.add_user("900", "waddlebot"), stream.twitch.add_user("77", "eve")
    grant = await stream.start("bot")
    stream.twitch.approve(grant.user_code, bot)
    assert (await stream.ended(grant)).login == "waddlebot"
    await stream.chat(bot, "!ping")
    assert (await stream.answer(eve, "!ping")).startswith("Pong")
    assert [line["sender_id"] for line in stream.twitch.said] == ["900"]
