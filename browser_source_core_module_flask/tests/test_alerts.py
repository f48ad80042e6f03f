"""What happened on a platform, in words on the screen."""

from __future__ import annotations

from typing import Any

import pytest

from browser_source_core_module_flask.tests.conftest import World, happened
from flask_core.contracts.module import EventsTaken
from flask_core.datamodels import MessageType


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        (MessageType.FOLLOW, {}, "Kim follows"),
        (MessageType.SUBSCRIPTION, {}, "Kim subscribes"),
        (MessageType.RESUB, {"data": {"months": 7}}, "Kim subscribes for 7 months"),
        (MessageType.SUBGIFT, {"amount": 50}, "Kim gives 50 subscriptions"),
        (MessageType.CHEER, {"amount": 100}, "Kim cheers 100 bits"),
        (MessageType.DONATION, {"amount": 1250, "currency": "EUR"}, "Kim donates 12.50 EUR"),
        (MessageType.RAID, {"amount": 12}, "Kim raids with 12"),
        (MessageType.BOOST, {}, "Kim boosts the server"),
        (MessageType.REDEMPTION, {"data": {"reward": "Hydrate"}}, "Kim redeems Hydrate"),
    ],
)
async def test_each_kind_has_its_words(world: World, kind: MessageType, fields: dict[str, Any], said: str) -> None:
    world.a_page_opens()
    assert await world.hear(happened(kind, **fields)) == EventsTaken(1, 0)
    await world.time_passes()
    assert await world.on_screen() == [said]


async def test_nobody_is_alerted_about_chat_or_about_each_gifted_subscription(world: World) -> None:
    gifted = happened(MessageType.SUBSCRIPTION, data={"gifted": True})
    assert await world.hear(happened(MessageType.CHAT), gifted) == EventsTaken(0, 2)
    assert await world.items() == []


async def test_an_anonymous_cheer_is_by_somebody(world: World) -> None:
    await world.hear(happened(MessageType.CHEER, "", amount=5))
    assert [item.said for item in await world.items()] == ["Somebody cheers 5 bits"]


async def test_follows_that_wait_become_one_alert(world: World) -> None:
    await world.hear(happened(MessageType.FOLLOW, "Kim"), happened(MessageType.FOLLOW, "Sam"))
    assert [item.said for item in await world.items("waiting")] == ["Kim and Sam follow"]
    await world.hear(*(happened(MessageType.FOLLOW, f"Fan{n}") for n in range(8)))
    assert [item.said for item in await world.items("waiting")] == ["Kim, Sam and 8 others follow"]
    assert {item.reason for item in await world.items("done")} == {"told with #1"}
    world.now = world.now.replace(minute=5)
    await world.hear(happened(MessageType.FOLLOW, "Late"))
    assert (await world.items("waiting"))[0].said == "Late follows"


async def test_an_event_that_arrives_again_changes_nothing(world: World) -> None:
    kim, sam = (happened(MessageType.FOLLOW, name, event_id=f"twitch:{name}") for name in ("Kim", "Sam"))
    raid = happened(MessageType.RAID, event_id="twitch:raid", amount=3)
    for _ in range(3):
        await world.hear(kim, sam, raid)
    assert [item.said for item in await world.items("waiting")] == ["Kim raids with 3", "Kim and Sam follow"]
    world.a_page_opens()
    await world.time_passes()
    await world.hear(kim, sam)
    assert len(await world.items("waiting")) == 1


async def test_what_the_playground_plays_stays_on_its_own_screen(world: World) -> None:
    await world.hear(happened(MessageType.RAID, amount=3), simulated=True)
    assert await world.items() == []
    assert [item.said for item in await world.items(stage="preview")] == ["Kim raids with 3"]
