"""What comes over sockets is held until it is kept, and asking Twitch leaves room for chat."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from flask_core.datamodels import MessageType
from flask_core.errors import InvalidInput, Unavailable
from flask_core.testing.fake_twitch import signed_headers
from flask_core.testing.installation import until
from twitch_module_flask.eventsub.api import Pace
from twitch_module_flask.eventsub.intake import Intake
from twitch_module_flask.models import Notification
from twitch_module_flask.tests.conftest import SECRET, WEBHOOK, Stream, recorded, traces_of
from twitch_module_flask.tests.test_conduit import stream as stream  # noqa: PLC0414 - a fixture
from twitch_module_flask.tests.test_stream import NOTIFIED


def told(number: int) -> Notification:
    return Notification(f"m-{number}", "notification", datetime.now(UTC), {})


@pytest.mark.promise("twitch.3")
async def test_what_could_be_kept_nowhere_is_held_and_taken_later_in_order() -> None:
    taken: list[str] = []
    away, pauses = asyncio.Event(), list[float]()

    async def take(message: Notification) -> None:
        if not away.is_set():
            raise Unavailable("away")
        taken.append(message.message_id)

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 7:
            away.set()

    intake = Intake(take, sleep=pause)
    for number in range(250):
        await intake.hear(told(number))
    await intake.close()
    assert taken == [f"m-{number}" for number in range(250)]
    assert pauses == [0.5, 1, 2, 2, 2, 2, 2]


async def test_a_broken_message_stops_no_other() -> None:
    taken: list[str] = []

    async def take(message: Notification) -> None:
        if message.message_id == "m-1":
            raise InvalidInput("broken")
        if message.message_id == "m-2":
            raise RuntimeError("a fault of ours")
        taken.append(message.message_id)

    intake = Intake(take)
    for number in range(4):
        await intake.hear(told(number))
    await intake.close()
    assert taken == ["m-0", "m-3"]


async def test_when_too_much_waits_reading_waits() -> None:
    stuck = asyncio.Event()
    intake = Intake(lambda _: stuck.wait())  # type: ignore[arg-type, return-value]
    hearing = asyncio.create_task(hear_many(intake, 3_000))
    await until(intake._waiting.full, "a full queue")
    assert not hearing.done()
    stuck.set()
    await hearing
    await intake.close()


async def hear_many(intake: Intake, number: int) -> None:
    for one in range(number):
        await intake.hear(told(one))


async def test_a_quarter_of_twitchs_counter_is_left_to_chat() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    pace = Pace(lambda: 100.0, sleep)
    pace.saw({"ratelimit-limit": "800", "ratelimit-remaining": "201", "ratelimit-reset": "130"})
    await pace.turn()
    pace.saw({"ratelimit-limit": "800", "ratelimit-remaining": "199", "ratelimit-reset": "130"})
    await pace.turn()
    pace.saw({"ratelimit-limit": "?"})
    assert waited == [30]


@pytest.mark.promise("twitch.1")
@pytest.mark.parametrize("name", NOTIFIED)
async def test_every_captured_notification_is_the_same_event_over_a_socket(stream: Stream, name: str) -> None:
    headers, body = recorded(name)
    payload: dict[str, Any] = json.loads(body)
    subscription = next(one for one in stream.enabled if one["type"] == payload["subscription"]["type"])
    message_id = headers["Twitch-Eventsub-Message-Id"]
    await stream.twitch.deliver(subscription, payload["event"], message_id)
    found = await traces_of(stream, lambda trace: trace.event_id == f"twitch:{message_id}")
    assert found[0].channel == "twitch:1337:1337"


@pytest.mark.promise("twitch.4")
async def test_over_a_conduit_no_challenge_is_answered(stream: Stream) -> None:
    asked = next(one for one in stream.enabled if one["type"] == "channel.follow")
    said = json.dumps({"challenge": "c-1", "subscription": {**asked, "secret": ""}}).encode()
    headers = signed_headers(SECRET, said, "webhook_callback_verification", "channel.follow")
    assert (await stream.web.post(WEBHOOK, data=said, headers=headers)).status_code == 404


async def test_what_is_new_to_us_is_left_out_and_counted(stream: Stream) -> None:
    tomorrow = {**stream.enabled[0], "type": "channel.of.tomorrow"}
    await stream.twitch.deliver(tomorrow, {"broadcaster_user_id": "1337"})
    await stream.twitch.deliver(next(one for one in stream.enabled if one["type"] == "channel.cheer"), {"bits": "?"})
    page = lambda: stream.inst.services["twitch"].metrics.page().decode()  # noqa: E731
    await until(lambda: 'ignored_total{why="unknown type"} 1.0' in page(), "the first to be counted")
    await until(lambda: 'ignored_total{why="other fields"} 1.0' in page(), "the second to be counted")


async def test_a_title_and_its_category_show_on_the_tile(stream: Stream) -> None:
    event = {"broadcaster_user_id": "1337", "title": "Tea", "category_id": "9", "category_name": "Cooking"}
    await stream.twitch.notify("channel.update", event)
    channel = (await stream.shows(lambda status: status.channels[0].title)).channels[0]
    assert (channel.title, channel.category) == ("Tea", "Cooking")
    await traces_of(stream, lambda trace: trace.message_type == MessageType.STREAM_UPDATE)
