"""What Slack tells over HTTPS: what is believed, kept, answered in time, and counted once."""

from __future__ import annotations

import json
import time

import pytest

from flask_core.datamodels import MessageType
from flask_core.errors import Unavailable
from flask_core.testing.fake_slack_deliveries import body_of, signed_headers
from slack_module_flask.tests.conftest import Town


def line(town: Town, text: str = "hello", event_id: str = "") -> bytes:
    message = town.slack.deliveries.message("C1", "U2", text)
    return body_of("events_api", town.slack.deliveries.wrapped(town.team, message, event_id))


@pytest.mark.promise("slack.1")
async def test_what_is_signed_and_fresh_is_believed_and_nothing_else(town: Town) -> None:
    body = line(town)
    assert (await town.post(signed_headers(body), body))[0] == 200
    assert (await town.post(signed_headers(body), body[:-1] + b" "))[0] == 401
    assert (await town.post(signed_headers(body, secret="another"), body))[0] == 401
    without = {name: value for name, value in signed_headers(body).items() if name != "X-Slack-Signature"}
    assert (await town.post(without, body))[0] == 401
    for ago in (301, -301):
        assert (await town.post(signed_headers(body, at=int(time.time()) - ago), body))[0] == 401
    assert (await town.post(signed_headers(body) | {"X-Slack-Request-Timestamp": "²"}, body))[0] == 401


async def test_the_address_answers_its_challenge_when_it_is_signed(town: Town) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    status, _, answer = await town.post(signed_headers(body), body)
    assert (status, json.loads(answer)) == (200, {"challenge": "abc"})
    assert (await town.post({}, body))[0] == 401


async def test_what_is_too_large_or_no_delivery_is_refused(town: Town) -> None:
    for body, status in ((b"x" * (1024 * 1024 + 1), 413), (b"{", 400), (b'{"type":"event_callback"}', 200)):
        assert (await town.post(signed_headers(body), body))[0] == status


async def test_what_has_other_fields_is_refused_once_and_not_repeated(town: Town) -> None:
    told = await town.event("file_shared", file_id="F1")
    assert told.statuses == [400]


@pytest.mark.promise("slack.2")
async def test_a_line_that_comes_again_is_one_line(town: Town) -> None:
    body = line(town, "!quote", "Ev1")
    for number in range(4):
        again = {"X-Slack-Retry-Num": str(number)} if number else {}
        assert (await town.post(signed_headers(body) | again, body))[0] == 200
    assert [trace.text for trace in await town.settled(1)] == ["!quote"]
    assert (await town.status()).retries == 3


@pytest.mark.promise("slack.4")
async def test_what_could_be_kept_nowhere_comes_again_and_is_taken(town: Town) -> None:
    away = town.inst.runtime.modules.pop("router")
    database = town.inst.services["slack"].database
    working = database.write

    async def broken(unit: object) -> object:
        raise Unavailable("The database is away.")

    database.write = broken  # type: ignore[method-assign, assignment]
    body = line(town, "!quote", "Ev1")
    assert (await town.post(signed_headers(body), body))[0] == 503
    town.inst.runtime.modules["router"] = away
    database.write = working  # type: ignore[method-assign]
    assert (await town.post(signed_headers(body) | {"X-Slack-Retry-Num": "1"}, body))[0] == 200
    assert [trace.text for trace in await town.settled(1)] == ["!quote"]


async def test_another_workspace_or_app_is_answered_and_dropped(town: Town) -> None:
    town.slack.add_workspace("T9", "Strangers")
    stranger = town.slack.workspaces["T9"]
    told = await town.slack.deliveries.say(stranger, "C1", "U1", "!quote")
    assert told.statuses == [200]
    assert await town.settled() == []


@pytest.mark.promise("slack.5")
async def test_a_mention_runs_once_and_is_one_message_and_one_mention(town: Town) -> None:
    said = await town.answer(f"<@{town.team.bot_user_id}> commands", "U2")
    assert said["thread_ts"]
    traces = await town.settled(2)
    kinds = sorted(trace.message_type for trace in traces)
    assert kinds == [MessageType.APP_MENTION, MessageType.CHAT]
    assert len(town.slack.said) == 1
