"""Announcements, whispers, repetitions, and texts that Twitch finds too long."""

from __future__ import annotations

import pytest

from flask_core.contracts.module import Delivery, DeliveryStatus
from flask_core.datamodels import Account, Chat
from twitch_module_flask import speaking
from twitch_module_flask.doing.whispering import NEW_PER_DAY
from twitch_module_flask.tests.conftest import Stream
from twitch_module_flask.tests.helping import HERE, add_bot, allow, deliver, eve, wish

DONE, UNCONFIRMED = DeliveryStatus.DONE, DeliveryStatus.UNCONFIRMED
RATE_LIMITED, FAILED = DeliveryStatus.RATE_LIMITED, DeliveryStatus.FAILED


@pytest.mark.parametrize(("color", "said"), [("green", "green"), ("", None), ("pink", None)])
async def test_an_announcement_has_the_colour_that_was_asked_for(stream: Stream, color: str, said: str | None) -> None:
    assert (await wish(stream, Chat("Raid at nine!", style="announce", color=color))).status is DONE
    (done,) = stream.twitch.did("announce")
    assert (done["message"], done.get("color"), done["by"]) == ("Raid at nine!", said, "application")
    assert stream.twitch.said == []


@pytest.mark.promise("twitch.11")
async def test_announcements_are_within_the_budget_too(stream: Stream) -> None:
    results = [await wish(stream, Chat(f"line {number}", style="announce")) for number in range(100)]
    assert len(stream.twitch.did("announce")) == sum(one.status is DONE for one in results) < 100
    assert results[-1].status is RATE_LIMITED


@pytest.mark.promise("twitch.12")
async def test_a_long_announcement_comes_in_parts_and_without_commands(stream: Stream) -> None:
    await wish(stream, Chat("/ban ann " + "word " * 150, style="announce"))
    said = [one["message"] for one in stream.twitch.did("announce")]
    assert (len(said), said[0].startswith("\u2060/ban")) == (2, True)


async def test_whispers_are_never_confirmed(stream: Stream) -> None:
    await add_bot(stream, "whispers")
    eve(stream)
    result = await wish(stream, Chat("psst", private=True))
    assert (result.status, "whether it arrived" in result.reason) == (UNCONFIRMED, True)
    (whispered,) = stream.twitch.did("whisper")
    assert (whispered["by"], whispered["to_user_id"], whispered["message"]) == ("waddlebot", "77", "psst")
    direct = await wish(stream, Chat("psst again"), channel="twitch:dm:77", account=None)
    assert direct.status is UNCONFIRMED


async def test_without_the_right_to_whisper_the_router_is_told_so(stream: Stream) -> None:
    result = await wish(stream, Chat("psst", private=True))
    assert (result.status, "user:manage:whispers" in result.reason) == (DeliveryStatus.NOT_PERMITTED, True)


async def test_no_more_than_three_whispers_go_out_in_a_second(stream: Stream) -> None:
    await add_bot(stream, "whispers")
    wishes = [
        Delivery(number, f"w{number}", HERE, Chat("psst", private=True), 2, account=Account("77"))
        for number in range(30)
    ]
    results = await deliver(stream, *wishes)
    late = [one for one in results if one.status is RATE_LIMITED]
    assert late
    assert len(stream.twitch.did("whisper")) == len(results) - len(late)


async def test_the_bot_whispers_to_so_many_new_people_a_day_and_to_known_ones_on(stream: Stream) -> None:
    await add_bot(stream, "whispers")
    shared = stream.inst.services["twitch"].shared
    assert (await wish(stream, Chat("hello", private=True))).status is UNCONFIRMED
    today = next(iter(key for key in vars(shared)["_values"] if "new-whispers" in key))
    await shared.increment(today, 60, by=NEW_PER_DAY - 1)
    stranger = await wish(stream, Chat("hello", private=True), account=Account("78", "mia"))
    assert (stranger.status, "as many new people" in stranger.reason) == (FAILED, True)
    assert (await wish(stream, Chat("hello again", private=True))).status is UNCONFIRMED


async def test_nobody_whispers_to_themselves(stream: Stream) -> None:
    await allow(stream, "whispers")
    result = await wish(stream, Chat("psst", private=True), account=Account("1337"))
    assert (result.status, result.reason) == (FAILED, "Nobody whispers to themselves.")


async def test_whoever_does_not_moderate_says_nothing_twice_in_the_same_letters(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking, "PLAIN_SECONDS", 0.0)
    await add_bot(stream, moderates=False)
    for _ in range(3):
        await wish(stream, Chat("hello"))
    said = [line["message"] for line in stream.twitch.said]
    assert (said[0], len(set(said))) == ("hello", 3)
    assert [line.replace("\U000e0000", "").strip() for line in said] == ["hello"] * 3


async def test_a_moderator_may_repeat_itself(stream: Stream) -> None:
    for _ in range(2):
        await wish(stream, Chat("hello"))
    assert [line["message"] for line in stream.twitch.said] == ["hello", "hello"]


async def test_a_line_that_twitch_finds_too_long_is_said_in_two(stream: Stream) -> None:
    stream.twitch.longest_line = 300
    text = "word " * 90
    result = await wish(stream, Chat(text))
    assert (result.status, len(result.message_ids)) == (DONE, 2)
    assert " ".join(line["message"] for line in stream.twitch.said) == text.strip()


@pytest.mark.promise("twitch.19")
async def test_what_twitch_says_against_an_announcement_is_told(stream: Stream) -> None:
    await add_bot(stream)
    stream.twitch.moderators.clear()
    result = await wish(stream, Chat("Raid!", style="announce"))
    assert (result.status, result.reason != "") == (FAILED, True)


@pytest.mark.promise("twitch.10")
async def test_an_account_that_had_to_speak_goes_on_speaking(stream: Stream) -> None:
    stream.twitch.application_may_speak = False
    for number in range(3):
        assert (await wish(stream, Chat(f"line {number}"))).status is DONE
    assert stream.twitch.calls.count("POST /helix/chat/messages") == 4
    assert {line["by"] for line in stream.twitch.said} == {"teststreamer"}
