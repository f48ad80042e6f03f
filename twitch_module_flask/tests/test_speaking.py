"""What the bot says on Twitch: how it is cut, by whom it is said, how often, and never twice."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_core.contracts.module import DELIVER, Deliveries, Delivery, DeliveryResult, DeliveryStatus, Priority
from flask_core.datamodels import Account, Chat
from twitch_module_flask import speaking
from twitch_module_flask.doing.service import Doing
from twitch_module_flask.tests.conftest import Stream, streaming
from twitch_module_flask.tests.helping import add_bot
from twitch_module_flask.wording import LONGEST, lines_of

HERE = "twitch:1337:1337"


async def deliver(stream: Stream, *deliveries: Delivery) -> list[DeliveryResult]:
    """What the router is told."""
    answer = await stream.inst.client("router").call("twitch", DELIVER, Deliveries(deliveries))
    return list(answer.results)


def line(number: int, text: str = "hello", **more: object) -> Delivery:
    """The router's wish to say something."""
    return Delivery(number, f"key-{number}", HERE, Chat(text), 2, **more)  # type: ignore[arg-type]


@pytest.mark.promise("twitch.10")
async def test_with_the_applications_token_a_line_stays_in_its_own_chat(stream: Stream) -> None:
    (done,) = await deliver(stream, line(1))
    assert (done.status, len(done.message_ids)) == (DeliveryStatus.DONE, 1)
    assert stream.twitch.said[0]["for_source_only"] is True
    assert stream.twitch.said[0]["by"] == "application"


@pytest.mark.promise("twitch.10")
async def test_where_the_application_may_not_speak_the_account_does_without_it(stream: Stream) -> None:
    stream.twitch.application_may_speak = False
    (done,) = await deliver(stream, line(1))
    assert done.status is DeliveryStatus.DONE
    assert "for_source_only" not in stream.twitch.said[0]
    assert stream.twitch.said[0]["by"] == "teststreamer"


@pytest.mark.promise("twitch.11")
async def test_no_more_is_said_than_the_budget_and_moderation_goes_first(stream: Stream) -> None:
    began = time.monotonic()
    results = await deliver(stream, *(line(number, f"line {number}") for number in range(100)))
    said = [result for result in results if result.status is DeliveryStatus.DONE]
    late = [result for result in results if result.status is DeliveryStatus.RATE_LIMITED]
    # 90 in half a minute, nine of them kept for moderation; three a second come back meanwhile.
    assert 81 <= len(said) <= 81 + 3 * (time.monotonic() - began)
    assert len(said) + len(late) == 100
    assert late[0].retry_after > 0
    (first,) = await deliver(stream, line(200, priority=Priority.MODERATION))
    assert first.status is DeliveryStatus.DONE


@pytest.mark.promise("twitch.18")
async def test_the_same_key_never_speaks_twice(stream: Stream) -> None:
    first = await deliver(stream, line(1))
    assert await deliver(stream, line(1)) == first
    assert len(stream.twitch.said) == 1


async def test_a_key_that_comes_under_another_number_is_answered_under_that_number(stream: Stream) -> None:
    (first,) = await deliver(stream, line(1))
    (again, new) = await deliver(stream, Delivery(7, "key-1", HERE, Chat("hello"), 2), line(2))
    assert (again.id, again.message_ids, new.id) == (7, first.message_ids, 2)


@pytest.mark.promise("twitch.18")
async def test_what_was_sent_and_not_answered_is_unknown_and_stays_so(stream: Stream) -> None:
    helix = stream.inst.services["twitch"].http
    stream.twitch.delay = 30
    original = helix.request

    async def impatient(method: str, url: str, **parts: object) -> object:
        return await original(method, url, **{**parts, "timeout": 0.2})  # type: ignore[arg-type]

    helix.request = impatient  # type: ignore[method-assign, assignment]
    (done,) = await deliver(stream, line(1))
    assert done.status is DeliveryStatus.UNKNOWN
    stream.twitch.delay = 0
    assert (await deliver(stream, line(1)))[0].status is DeliveryStatus.UNKNOWN
    assert stream.twitch.said == []


@pytest.mark.promise("twitch.19")
@pytest.mark.parametrize("code", ["automod_held", "msg_duplicate", "something_new"])
async def test_what_twitch_holds_back_is_told(stream: Stream, code: str) -> None:
    stream.twitch.drop_with = code
    (done,) = await deliver(stream, line(1))
    assert done.status is DeliveryStatus.FAILED
    assert ("AutoMod" in done.reason) == (code == "automod_held")


async def test_a_trouble_of_twitch_is_tried_three_times(stream: Stream) -> None:
    stream.twitch.fail_with = [500, 503]
    assert (await deliver(stream, line(1)))[0].status is DeliveryStatus.DONE
    stream.twitch.fail_with = [500, 500, 500]
    (done,) = await deliver(stream, line(2))
    assert (done.status, done.reason) == (DeliveryStatus.FAILED, "Twitch refused this (500).")


async def test_a_token_that_ended_is_renewed_on_the_way(stream: Stream) -> None:
    for token in stream.twitch.tokens.values():
        token.alive = token.user is not None
    assert (await deliver(stream, line(1)))[0].status is DeliveryStatus.DONE


async def test_in_a_channel_that_is_not_connected_nothing_is_said(stream: Stream) -> None:
    (nowhere,) = await deliver(stream, Delivery(3, "c", "twitch:5:5", Chat("x"), 2))
    assert (nowhere.status, nowhere.reason) == (DeliveryStatus.NOT_PERMITTED, "This Twitch channel is not connected.")


async def test_a_mention_names_the_person(stream: Stream) -> None:
    await deliver(stream, Delivery(1, "a", HERE, Chat("hi", mention=True), 2, account=Account("7", "eve", "Eve")))
    assert stream.twitch.said[0]["message"] == "@Eve hi"


@pytest.mark.promise("twitch.12")
def test_a_long_text_arrives_in_three_parts_without_split_words() -> None:
    text = " ".join(f"word{number}" for number in range(180))
    assert len(text) > 1_400 - 200
    lines = lines_of(text, time_zone="UTC", most=3)
    assert len(lines) == 3
    assert " ".join(lines) == text
    assert len(lines_of(text * 3, time_zone="UTC", most=3)) == 3
    assert lines_of(text * 3, time_zone="UTC", most=3)[-1].endswith("…")


@pytest.mark.promise("twitch.12")
@pytest.mark.parametrize("text", ["/ban ann", ".ban ann", "!ban ann"])
def test_words_never_become_a_command(text: str) -> None:
    (said,) = lines_of(text, time_zone="UTC", most=3)
    assert said == "\u2060" + text
    assert lines_of(text, time_zone="UTC", most=3, verbatim_start=True) == [text]


def test_a_time_is_the_communitys_and_new_lines_become_dots() -> None:
    said = lines_of("at ⟦t:2026-03-13T19:00:00Z⟧\nor ⟦t:never⟧", time_zone="Europe/Berlin", most=3)
    assert said == ["at Fri 13 Mar 20:00 CET · or never"]


@given(st.text(max_size=3_000), st.integers(1, 5))
def test_no_line_is_too_long_and_none_is_empty(text: str, most: int) -> None:
    lines = lines_of(text, time_zone="UTC", most=most)
    assert len(lines) <= most
    assert all(0 < len(one) <= LONGEST for one in lines)


async def test_three_parts_are_said_one_after_the_other(tmp_path: Path) -> None:
    async with streaming(f"sqlite://{tmp_path}/t.db", TWITCH_PARTS="2") as stream:
        await stream.connect()
        (done,) = await deliver(stream, line(1, "word " * 150))
        assert (done.status, len(done.message_ids)) == (DeliveryStatus.DONE, 2)


@pytest.mark.promise("twitch.11")
async def test_who_does_not_moderate_says_one_line_a_second_in_a_channel(stream: Stream) -> None:
    await add_bot(stream, moderates=False)
    first, second = await deliver(stream, line(1, "one"), line(2, "two"))
    assert (first.status, second.status) == (DeliveryStatus.DONE, DeliveryStatus.RATE_LIMITED)
    assert 0 < second.retry_after <= 1
    assert [one["message"] for one in stream.twitch.said] == ["one"]


async def test_the_parts_of_a_text_wait_for_each_other_where_the_bot_does_not_moderate(stream: Stream) -> None:
    await add_bot(stream, moderates=False)
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    endings = [getattr(end, "__self__", None) for end in stream.inst.services["twitch"]._endings]
    (doing,) = [one for one in endings if isinstance(one, Doing)]
    doing._can.speaking._sleep = pause
    assert (await deliver(stream, line(1, "word " * 150)))[0].status is DeliveryStatus.DONE
    (late,) = await deliver(stream, line(2))
    assert (pauses, late.status, 1 < late.retry_after <= 2) == ([1.0], DeliveryStatus.RATE_LIMITED, True)


async def test_elsewhere_the_budget_of_a_plain_account_is_smaller(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking, "PLAIN_SECONDS", 0.0)
    await add_bot(stream, moderates=False)
    results = await deliver(stream, *(line(number, f"line {number}") for number in range(20)))
    assert sum(result.status is DeliveryStatus.DONE for result in results) == 16
