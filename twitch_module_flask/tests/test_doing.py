"""What the bot does in a channel: moderation and roles, by which token, and what is told when it may not."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from flask_core.contracts.module import Delivery, DeliveryResult, DeliveryStatus
from flask_core.database import AsyncDAL
from flask_core.datamodels import Form, General, GrantRole, Media, PlatformRequest, RunCommand, Ticker
from flask_core.migrations import migrate_module
from flask_core.sending_repository import SendingRepository
from twitch_module_flask.config import MODULE
from twitch_module_flask.tests.conftest import Stream
from twitch_module_flask.tests.helping import HERE, add_bot, allow, deliver, eve, moderate, wish

DONE, FAILED = DeliveryStatus.DONE, DeliveryStatus.FAILED
NOT_PERMITTED, UNSUPPORTED = DeliveryStatus.NOT_PERMITTED, DeliveryStatus.UNSUPPORTED


async def test_somebody_is_timed_out_banned_let_back_and_warned(stream: Stream) -> None:
    eve(stream)
    assert (await wish(stream, moderate("timeout", seconds=300, reason="links"))).status is DONE
    assert stream.twitch.banned == {("1337", "77"): 300}
    assert (await wish(stream, moderate("ban", reason="r" * 600))).status is DONE
    assert stream.twitch.banned == {("1337", "77"): 0}
    assert (await wish(stream, moderate("ban"))).reason == "Banned already."
    assert (await wish(stream, moderate("unban"))).status is DONE
    assert stream.twitch.banned == {}
    assert (await wish(stream, moderate("unban"))).reason == "Was not banned."
    assert (await wish(stream, moderate("warn"))).status is DONE
    told = [(one["call"], one["by"], one.get("reason")) for one in stream.twitch.done]
    assert told == [
        ("timeout", "application", "links"), ("ban", "application", "r" * 500), ("unban", "application", None),
        ("warn", "application", "Please mind the rules of this chat."),
    ]  # fmt: skip


@pytest.mark.parametrize(("seconds", "kept"), [(0, 1), (9_999_999, 1_209_600)])
async def test_a_time_out_lasts_as_long_as_twitch_knows_them(stream: Stream, seconds: int, kept: int) -> None:
    await wish(stream, moderate("timeout", seconds=seconds))
    assert stream.twitch.banned == {("1337", "77"): kept}


async def test_one_line_is_deleted_and_never_all_of_them(stream: Stream) -> None:
    stream.twitch.written = {"m1": ("1337", "77"), "m2": ("1337", "1337")}
    assert (await wish(stream, moderate("delete", message_id="m1"))).status is DONE
    gone = await wish(stream, moderate("delete", message_id="m1"))
    assert (gone.status, gone.reason) == (FAILED, "This message is gone already, or older than six hours.")
    anns = await wish(stream, moderate("delete", message_id="m2"))
    assert (anns.status, "moderators" in anns.reason) == (FAILED, True)
    nothing = await wish(stream, moderate("delete"))
    assert (nothing.status, nothing.reason) == (FAILED, "No message is named.")
    assert len(stream.twitch.did("delete")) == 1


async def test_moderators_are_not_banned_and_whoever_asked_is_told_so(stream: Stream) -> None:
    stream.twitch.moderators.add(("1337", "77"))
    refused = await wish(stream, moderate("timeout", seconds=60))
    assert (refused.status, refused.reason) == (FAILED, "Twitch bans no moderators and not the streamer.")


async def test_a_bot_that_is_no_moderator_says_how_it_becomes_one(stream: Stream) -> None:
    await add_bot(stream, moderates=False)
    refused = await wish(stream, moderate("ban"))
    assert refused.reason == "The bot is no moderator there: type /mod waddlebot in the channel's chat."
    assert stream.twitch.banned == {}


@pytest.mark.promise("twitch.10")
async def test_where_the_application_may_not_the_account_does_and_is_asked_first_from_then_on(stream: Stream) -> None:
    await add_bot(stream)
    stream.twitch.application_refused.add("/moderation/bans")
    for number in range(2):
        assert (await wish(stream, moderate("timeout", seconds=60 + number))).status is DONE
    assert [one["by"] for one in stream.twitch.did("timeout")] == ["waddlebot", "waddlebot"]
    # The application was tried once, with a token that was renewed on the way; then the account did both.
    assert stream.twitch.calls.count("POST /helix/moderation/bans") == 4
    assert (await wish(stream, moderate("warn"))).status is DONE
    assert stream.twitch.did("warn")[0]["by"] == "application"


@pytest.mark.promise("twitch.18")
async def test_the_same_key_never_acts_twice_and_means_one_thing(stream: Stream) -> None:
    ban = Delivery(1, "one", HERE, moderate("ban"), stream.community_id)
    first = await deliver(stream, ban)
    stream.twitch.banned.clear()
    assert await deliver(stream, ban) == first
    assert stream.twitch.banned == {}
    (other,) = await deliver(stream, Delivery(2, "one", HERE, moderate("unban"), stream.community_id))
    assert (other.status, other.reason) == (FAILED, "This key was used for something else.")


@pytest.mark.promise("twitch.18")
async def test_a_time_out_of_which_nothing_is_known_may_be_done_again(stream: Stream) -> None:
    helix = stream.inst.services["twitch"].http
    original = helix.request

    async def impatient(method: str, url: str, **parts: object) -> object:
        return await original(method, url, **{**parts, "timeout": 0.2})  # type: ignore[arg-type]

    await wish(stream, moderate("warn"))
    helix.request, stream.twitch.delay = impatient, 30  # type: ignore[method-assign, assignment]
    ban = Delivery(1, "one", HERE, moderate("ban"), stream.community_id)
    assert (await deliver(stream, ban))[0].status is DeliveryStatus.UNKNOWN
    helix.request, stream.twitch.delay = original, 0  # type: ignore[method-assign]
    assert (await deliver(stream, ban))[0].status is DONE


async def test_troubles_of_twitch_are_tried_three_times(stream: Stream) -> None:
    stream.twitch.fail_with = [500, 503]
    assert (await wish(stream, moderate("warn"))).status is DONE
    stream.twitch.fail_with = [500] * 5
    failed = await wish(stream, moderate("warn"))
    assert (failed.status, failed.reason) == (FAILED, "Twitch refused this (500).")


async def test_a_counter_that_is_empty_puts_everything_off_until_twitch_says(stream: Stream) -> None:
    # Enough of them for what is asked in the background meanwhile.
    stream.twitch.limited = [40] * 10
    began = time.time()
    late = await wish(stream, moderate("warn"))
    assert late.status is DeliveryStatus.RATE_LIMITED
    assert 40 - (time.time() - began) - 1 <= late.retry_after <= 41
    stream.twitch.limited.clear()
    again = await wish(stream, moderate("warn"))
    assert (again.status, again.retry_after > 30) == (DeliveryStatus.RATE_LIMITED, True)
    assert stream.twitch.did("warn") == []


async def test_roles_are_the_streamers_to_give_and_what_was_held_before_is_told(stream: Stream) -> None:
    eve(stream)
    lacks = await wish(stream, GrantRole("grant", "vip", "77"))
    assert (lacks.status, "channel:manage:vips" in lacks.reason) == (NOT_PERMITTED, True)
    await allow(stream, "control")
    assert (await wish(stream, GrantRole("grant", "vip", "77"))).status is DONE
    assert (await wish(stream, GrantRole("grant", "vip", "77"))).status is DeliveryStatus.HELD_BEFORE
    both = await wish(stream, GrantRole("grant", "moderator", "77"))
    assert (both.status, "at once" in both.reason) == (FAILED, True)
    assert (await wish(stream, GrantRole("revoke", "vip", "77"))).status is DONE
    assert (await wish(stream, GrantRole("revoke", "vip", "77"))).reason == "Had not got it."
    assert (await wish(stream, GrantRole("grant", "moderator", "77"))).status is DONE
    assert (await wish(stream, GrantRole("grant", "moderator", "77"))).status is DeliveryStatus.HELD_BEFORE
    assert (await wish(stream, GrantRole("revoke", "moderator", "77"))).status is DONE
    assert {one["by"] for one in stream.twitch.done} == {"teststreamer"}


async def test_no_vip_is_made_where_all_places_are_taken(stream: Stream) -> None:
    eve(stream)
    await allow(stream, "control")
    stream.twitch.most_vips = 0
    full = await wish(stream, GrantRole("grant", "vip", "77"))
    assert (full.status, full.reason) == (FAILED, "All VIP places are taken.")


@pytest.mark.parametrize(
    "action",
    [
        Form("Name?", (), "x"), Media("image"), Ticker("x"), General("card"), RunCommand("!x"),
        GrantRole("grant", "bard", "77"), PlatformRequest("scheduled_event", {}),
    ],
)  # fmt: skip
async def test_what_twitch_has_not_got_is_unsupported(stream: Stream, action: object) -> None:
    result = await wish(stream, action)  # type: ignore[arg-type]
    assert (result.status, result.reason != "") == (UNSUPPORTED, True)


async def test_a_channel_that_is_not_connected_is_not_acted_in(stream: Stream) -> None:
    nowhere = await wish(stream, moderate("ban"), channel="twitch:5:5")
    assert (nowhere.status, nowhere.reason) == (NOT_PERMITTED, "This Twitch channel is not connected.")


async def test_a_key_is_begun_once_whoever_else_begins_it_in_the_same_batch(database_url: str) -> None:
    migrate_module(MODULE, database_url)
    database, now = AsyncDAL(database_url, schema=MODULE.name), datetime(2026, 11, 26, tzinfo=UTC)
    async with database.connected():
        sendings = SendingRepository(database)
        first = await sendings.begin([("a", "x"), ("b", "y"), ("a", "x"), ("b", "z")], now)
        assert [(one.new, one.other) for one in first] == [(True, False), (True, False), (False, False), (False, True)]
        said = DeliveryResult(1, DONE, ("m1",))
        await sendings.end([("a", said)])
        again = await sendings.begin([("a", "x"), ("a", "other"), ("b", "y"), ("c", "w")], now)
        assert [one.result for one in again] == [said, None, None, None]
        assert [(one.new, one.other) for one in again] == [(False, False), (False, True), (False, False), (True, False)]
        await sendings.take_back(["c"])
        assert (await sendings.begin([("c", "else")], now))[0].new
