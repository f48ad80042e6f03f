"""What only Twitch can do for the router: shoutouts with their pauses, title, category, clips, markers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flask_core.contracts.module import DeliveryStatus
from flask_core.database import AsyncDAL
from flask_core.datamodels import PlatformRequest
from flask_core.migrations import migrate_module
from twitch_module_flask.config import MODULE
from twitch_module_flask.doing.shoutout_repository import ShoutoutRepository
from twitch_module_flask.tests.conftest import Stream
from twitch_module_flask.tests.helping import allow, eve, wish

DONE, FAILED = DeliveryStatus.DONE, DeliveryStatus.FAILED
NOT_PERMITTED, RATE_LIMITED = DeliveryStatus.NOT_PERMITTED, DeliveryStatus.RATE_LIMITED
NOW = datetime(2026, 11, 26, 20, tzinfo=UTC)


async def test_a_shoutout_names_a_channel_by_login_or_id_and_the_next_one_waits(stream: Stream) -> None:
    eve(stream)
    stream.twitch.add_user("78", "mia")
    stream.twitch.go_live("1337")
    assert (await wish(stream, PlatformRequest("shoutout", {"to": "@Eve"}))).status is DONE
    again = await wish(stream, PlatformRequest("shoutout", {"to": "77"}))
    assert (again.status, 3_500 < again.retry_after <= 3_600) == (RATE_LIMITED, True)
    other = await wish(stream, PlatformRequest("shoutout", {"to": "mia"}))
    assert (other.status, 60 < other.retry_after <= 120) == (RATE_LIMITED, True)
    (done,) = stream.twitch.did("shoutout")
    assert (done["to_broadcaster_id"], done["by"]) == ("77", "application")


async def test_a_shoutout_that_was_refused_holds_nobody_back(stream: Stream) -> None:
    eve(stream)
    refused = await wish(stream, PlatformRequest("shoutout", {"to": "eve"}))
    assert (refused.status, refused.reason) == (FAILED, "Twitch shows shoutouts while the stream is live only.")
    stream.twitch.go_live("1337")
    assert (await wish(stream, PlatformRequest("shoutout", {"to": "eve"}))).status is DONE


@pytest.mark.parametrize("arguments", [{}, {"to": ""}, {"to": 5}, {"to": " "}])
async def test_a_shoutout_to_nobody_is_refused(stream: Stream, arguments: dict[str, object]) -> None:
    assert (await wish(stream, PlatformRequest("shoutout", arguments))).reason == "to is missing."
    nobody = await wish(stream, PlatformRequest("shoutout", {"to": "no_such_user"}))
    assert nobody.status is not DONE


async def test_title_category_clip_and_marker_need_the_streamers_right(stream: Stream) -> None:
    requests = {
        "set_title": ({"text": "New"}, "channel:manage:broadcast"),
        "set_category": ({"name": "Fortnite"}, "channel:manage:broadcast"),
        "clip": ({}, "clips:edit"), "marker": ({}, "channel:manage:broadcast"),
    }  # fmt: skip
    for operation, (arguments, scope) in requests.items():
        lacks = await wish(stream, PlatformRequest(operation, arguments))
        assert (lacks.status, scope in lacks.reason) == (NOT_PERMITTED, True)
    await allow(stream, "control")
    stream.twitch.go_live("1337")
    for operation, (arguments, _) in requests.items():
        assert (await wish(stream, PlatformRequest(operation, arguments))).status is DONE
    assert stream.twitch.titles == {"1337": "New"}
    assert stream.twitch.playing == {"1337": "33214"}
    assert {one["by"] for one in stream.twitch.done} == {"teststreamer"}


async def test_what_was_allowed_before_is_asked_for_again(stream: Stream) -> None:
    await allow(stream, "control")
    await allow(stream, "more")
    assert {"control", "more"} <= set((await stream.status()).accounts[0].packs)


async def test_a_clip_is_told_by_its_address(stream: Stream) -> None:
    await allow(stream, "control")
    offline = await wish(stream, PlatformRequest("clip"))
    assert offline.reason == "No stream to clip."
    stream.twitch.go_live("1337")
    assert (await wish(stream, PlatformRequest("clip", {"title": "wow"}))).reason == "https://clips.twitch.tv/Clip0"
    assert stream.twitch.clips[0]["title"] == "wow"


async def test_of_all_shoutouts_of_a_channel_only_one_at_a_time_is_given(database_url: str) -> None:
    migrate_module(MODULE, database_url)
    database = AsyncDAL(database_url, schema=MODULE.name)
    async with database.connected():
        repository = ShoutoutRepository(database)
        await database.write(
            lambda tx: tx.run(
                "INSERT INTO channels (broadcaster_id, login, community_id, bot_is_moderator, live)"
                " VALUES ('1', 'ann', 2, TRUE, TRUE)"
            )
        )
        assert await repository.reserve("1", "7", NOW) == timedelta(0)
        assert await repository.reserve("1", "8", NOW + timedelta(minutes=1)) == timedelta(minutes=1)
        assert await repository.reserve("1", "8", NOW + timedelta(minutes=2)) == timedelta(0)
        assert await repository.reserve("1", "7", NOW + timedelta(minutes=30)) == timedelta(minutes=30)
        assert await repository.reserve("1", "7", NOW + timedelta(minutes=60)) == timedelta(0)
        await repository.take_back("1", "7", NOW + timedelta(minutes=60))
        assert await repository.reserve("1", "7", NOW + timedelta(minutes=61)) == timedelta(0)
        await repository.forget(NOW + timedelta(hours=4))
        assert await repository.reserve("1", "8", NOW) == timedelta(0)
