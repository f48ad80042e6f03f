"""What Twitch really sends, posted over the network to the whole house: taken or refused, and what comes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from tests.on_air import RECORDINGS, WEBHOOK, OnAir, going_on_air, recorded, renewed
from twitch_module_flask.webhook import MOST_BYTES

FILES = sorted(path.stem for path in RECORDINGS.glob("*.json"))
# What each notification becomes, and what the overlay's alert says; "" where nobody is alerted.
NOTIFIED = {
    "alias-gift": ("subscription", ""),
    "alias-subscribe": ("subscription", "testviewer subscribes"),
    "channel.ban": ("ban", ""),
    "channel.channel_points_custom_reward_redemption.add": (
        "redemption",
        "testviewer redeems Test Reward from CLI",
    ),
    "channel.cheer": ("cheer", "testviewer cheers 100 bits"),
    "channel.follow-v2": ("follow", "testviewer follows"),
    "channel.raid": ("raid", "testviewer raids with 74663"),
    "channel.subscribe": ("subscription", ""),
    "channel.subscription.gift": ("subgift", "testviewer gives 5 subscriptions"),
    "channel.subscription.message": ("resub", "testviewer subscribes for 92 months"),
    "redelivery-1-first": ("cheer", "testviewer cheers 250 bits"),
    "redelivery-2-retrigger": ("cheer", "testviewer cheers 250 bits"),
    "stream.offline": ("stream_offline", ""),
    "stream.online": ("stream_online", ""),
}
ELSE = {"unsigned", "verification-channel.follow", "revocation-authorization_revoked"}
UNSIGNED, OLD = "This message is not signed by Twitch.", "This message is too old."


@pytest_asyncio.fixture
async def unconnected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OnAir]:
    async with going_on_air(tmp_path, monkeypatch) as made:
        yield made


@pytest_asyncio.fixture
async def on_air(unconnected: OnAir) -> OnAir:
    await unconnected.connect()
    return unconnected


def test_every_recording_has_an_expectation() -> None:
    assert set(FILES) == NOTIFIED.keys() | ELSE


@pytest.mark.promise("twitch.1")
@pytest.mark.parametrize("name", [name for name in FILES if name not in ELSE])
async def test_a_notification_leaves_its_trace_and_shows_on_the_overlay(on_air: OnAir, name: str) -> None:
    message_type, alert = NOTIFIED[name]
    sent = renewed(name)
    async with on_air.overlay() as overlay:
        assert (await on_air.deliver(sent))[:2] == (204, "")
        trace = await on_air.trace(sent.event_id)
        assert (trace.message_type, trace.channel) == (message_type, "twitch:1337:1337")
        assert ("testviewer is" in trace.steps[0].said) is not message_type.startswith("stream_")
        if not alert:
            # Nothing is shown for it: the next alert is that of something else.
            alert = "testviewer cheers 42 bits"
            other = renewed("channel.cheer", recorded("channel.cheer").body.replace(b'"bits":100', b'"bits":42'))
            assert (await on_air.deliver(other))[0] == 204
        assert await overlay.alert() == alert
    assert trace.event_id.partition(":")[2] in await on_air.house.page(f"{on_air.house.here}/traces")


async def test_a_stream_that_begins_and_ends_shows_on_its_page(on_air: OnAir) -> None:
    page = f"{on_air.house.here}/platforms/twitch"
    await on_air.deliver(renewed("stream.online"))
    assert "● live" in await on_air.house.page(page)
    await on_air.deliver(renewed("stream.offline"))
    assert "● live" not in await on_air.house.page(page)


async def test_a_recording_sent_again_as_it_was_is_too_old(unconnected: OnAir) -> None:
    for name in FILES:
        status, said, _ = await unconnected.deliver(recorded(name))
        assert (status, (UNSIGNED if name == "unsigned" else OLD) in said) == (403, True), name


@pytest.mark.promise("twitch.2")
@pytest.mark.parametrize(("seconds", "status"), [(590, 204), (610, 403), (-590, 204), (-610, 403)])
async def test_ten_minutes_are_the_most_that_a_delivery_may_be_apart(
    unconnected: OnAir, seconds: int, status: int
) -> None:
    assert (await unconnected.deliver(renewed("channel.cheer", ago=timedelta(seconds=seconds))))[0] == status


@pytest.mark.promise("twitch.1")
async def test_what_is_unsigned_or_altered_is_refused_and_leaves_nothing(on_air: OnAir) -> None:
    cheer = renewed("channel.cheer")
    others = [
        recorded("unsigned"),
        replace(cheer, body=cheer.body.replace(b'"bits":100', b'"bits":900')),
        replace(cheer, headers=cheer.headers | {"Twitch-Eventsub-Message-Id": "another"}),
        replace(cheer, headers=cheer.headers | {"Twitch-Eventsub-Message-Signature": "sha256="}),
        replace(cheer, headers={k: v for k, v in cheer.headers.items() if not k.endswith("Timestamp")}),
    ]
    for delivery in others:
        status, said, _ = await on_air.deliver(delivery)
        assert (status, UNSIGNED in said) == (403, True), delivery.headers
    async with on_air.overlay() as overlay:
        assert (await on_air.deliver(cheer))[0] == 204
        assert await overlay.alert() == "testviewer cheers 100 bits"
    assert (await on_air.house.page(f"{on_air.house.here}/traces")).count("/traces/twitch") == 1


@pytest.mark.promise("twitch.2")
async def test_what_is_sent_twice_happens_once(on_air: OnAir) -> None:
    async with on_air.overlay() as overlay:
        for name in ("redelivery-1-first", "redelivery-2-retrigger", "redelivery-1-first"):
            assert (await on_air.deliver(renewed(name)))[0] == 204
        assert await overlay.alert() == "testviewer cheers 250 bits"
        sent = renewed("channel.raid")
        await on_air.deliver(sent)
        await on_air.trace(sent.event_id)
    assert (await on_air.house.page(f"{on_air.house.here}/overlays")).count("cheers 250 bits") == 1


@pytest.mark.parametrize("in_pieces", [False, True])
async def test_more_than_a_mebibyte_is_refused_before_it_is_all_there(unconnected: OnAir, in_pieces: bool) -> None:
    sent = renewed("channel.cheer", b" " * MOST_BYTES + recorded("channel.cheer").body)
    if in_pieces:
        pieces = [sent.body[begin : begin + 65_536] for begin in range(0, len(sent.body), 65_536)]
        framing, said = "Transfer-Encoding: chunked", b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in pieces)
    else:
        framing, said = f"Content-Length: {len(sent.body)}", b""
    lines = [f"POST {WEBHOOK} HTTP/1.1", "Host: here", framing, *(f"{k}: {v}" for k, v in sent.headers.items())]
    assert await unconnected.begins("\r\n".join([*lines, "", ""]).encode() + said) == "HTTP/1.1 413"


@pytest.mark.promise("twitch.4")
async def test_a_challenge_is_echoed_for_what_was_asked_for_alone(unconnected: OnAir) -> None:
    challenge = renewed("verification-channel.follow")
    assert (await unconnected.deliver(challenge))[0] == 404
    await unconnected.connect()
    assert (await unconnected.deliver(challenge))[0] == 404
    await unconnected.waits_for("channel.follow")
    assert await unconnected.deliver(challenge) == (200, "60a0a782-d98a-c777-bb6d-7b0e5bbb4bc3", "text/plain")
    assert await unconnected.subscription("channel.follow") == "enabled"


@pytest.mark.promise("twitch.21")
async def test_a_revocation_marks_the_subscription_and_the_page_says_what_to_do(on_air: OnAir) -> None:
    assert (await on_air.deliver(renewed("revocation-authorization_revoked")))[:2] == (204, "")
    assert await on_air.subscription("channel.follow") == "refused"
    status = await on_air.status()
    assert [failed.type for failed in status.channels[0].failed] == ["channel.follow"]
    assert "Connect teststreamer again" in await on_air.house.page(f"{on_air.house.here}/platforms/twitch")


@pytest.mark.promise("memories.1")
async def test_a_quote_of_the_chat_gets_its_number_in_the_chat(on_air: OnAir) -> None:
    said = await on_air.answer(on_air.ann, '!memories add quote "Tea first." by Ann', badges=["broadcaster"])
    assert said["message"] == "Saved as quote #1."
    assert (said["broadcaster_id"], said["sender_id"], said["by"]) == ("1337", "1337", "application")
    assert said["reply_parent_message_id"]


async def test_a_line_that_replies_keeps_what_it_replies_to(on_air: OnAir) -> None:
    mo = on_air.twitch.add_user("78", "mo")
    reply = {"parent_message_id": "m-1", "parent_user_id": "4242", "parent_user_login": "testviewer",
             "parent_user_name": "TestViewer", "parent_message_body": "The tea is cold."}  # fmt: skip
    said = await on_air.answer(mo, "@TestViewer !quote add", badges=["moderator"], reply=reply)
    assert said["message"] == "Saved as quote #1."
    assert (await on_air.answer(mo, "!quote 1"))["message"].startswith('#1: "The tea is cold." — TestViewer')
