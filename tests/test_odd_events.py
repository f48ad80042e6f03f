"""Whatever people type and platforms send: every event is refused at the door or ends well behind it."""

from __future__ import annotations

import logging
import random
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from flask_core.contracts import router
from flask_core.datamodels import Event
from tests.house import House
from tests.odd_requests import LINES, TEXTS, odd

_BATCHES, _EACH = 12, 20


def odd_event(house: House, number: int, paths: list[str]) -> dict[str, Any]:
    """Two of three are lines of the playground's own people, with a command before odd words."""
    dice = random.Random(number)
    event: dict[str, Any] = {**odd(Event, dice), "channel": f"console:{house.community_id}:main"}
    if number % 3:
        event |= {
            "event_id": f"odd:{number}", "message_type": "chatMessage", "occurred_at": datetime.now(UTC),
            "text": f"!{dice.choice(paths)} {dice.choice(LINES + TEXTS)}", "data": {}, "amount": None, "version": 1,
            "account": {"user_id": f"user-{number % 5}", "moderator": True, "broadcaster": number % 5 == 0},
        }  # fmt: skip
    return event


async def test_no_event_is_given_up_on(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    client = house.inst.client("portal")
    paths = [card.path for service in house.inst.services.values() for card in service.manifest.commands]
    outcomes: list[str] = []
    for batch in range(_BATCHES):
        numbers = range(batch * _EACH, (batch + 1) * _EACH)
        events = tuple(msgspec.Raw(msgspec.json.encode(odd_event(house, number, paths))) for number in numbers)
        answer = await client.call("router", router.INGEST, router.RawBatch(events))
        outcomes += [result.outcome for result in answer.results]
    states: list[router.RouterState] = []
    while not states or states[-1].backlog:
        states.append(await client.call("router", router.STATE, router.Nothing()))
    assert states[-1].dead == 0
    assert outcomes.count("accepted") > _BATCHES * _EACH / 3
    assert [record.getMessage() for record in caplog.records] == []
    assert (await house.say("!ping")).startswith("Pong.")
