"""The overlay from the chat."""

from __future__ import annotations

import pytest

from browser_source_core_module_flask.tests.conftest import World, card, happened
from flask_core.datamodels import MessageType, Role

MODERATOR = Role.MODERATOR
LIVE_CHANNEL = "twitch:1:2"


async def test_viewers_may_not_touch_the_overlay(world: World) -> None:
    for line in ("!overlay", "!overlay skip", "!overlay test", '!ticker "hi"'):
        assert await world.chat.say(line) == "Only moderators can do that."


async def test_the_status_says_what_shows_and_what_waits(world: World) -> None:
    async def say(line: str) -> str:
        return await world.chat.say(line, role=MODERATOR, channel=LIVE_CHANNEL)

    assert await say("!overlay") == "No overlay is connected. Set one up in the portal, under Overlays."
    await world.show(card("one"), card("two"))
    assert (await say("!overlay status")).startswith("No overlay is connected. 2 items wait.")
    world.a_page_opens()
    assert await say("!overlay") == "1 page connected. Showing: nothing. Waiting: 2."
    await world.time_passes()
    world.a_page_opens()
    assert await say("!overlay") == "2 pages connected. Showing: #1 one. Waiting: 1."


async def test_testing_skipping_and_clearing(world: World) -> None:
    async def say(line: str) -> str:
        return await world.chat.say(line, role=MODERATOR, platform="twitch", channel=LIVE_CHANNEL)

    assert await say("!overlay skip") == "Nothing is showing."
    assert "Test one of: ticker, card, follow" in await say("!overlay test weather")
    for what in ("", "raid", "ticker", "card"):
        await say(f"!overlay test {what}")
    assert [item.said for item in await world.items()][-2:] == ["Kim raids with 42", "Kim follows"]
    await world.time_passes()
    world.a_page_opens()
    await world.time_passes()
    assert await say("!overlay skip alerts") == "Skipped #1."


async def test_a_ticker_line_tells_its_place(world: World) -> None:
    assert await world.chat.say("!ticker hello there", role=MODERATOR) == "Ticker item #1 is next."
    assert await world.chat.say("!ticker and again", role=MODERATOR) == "Ticker item #2 is 2. in line."
    assert [item.said for item in await world.items(stage="preview")] == ["and again", "hello there"]


async def test_the_same_execution_queues_one_line(world: World) -> None:
    for _ in range(2):
        await world.chat.say("!ticker hello", role=MODERATOR, execution_id="once")
    assert len(await world.items(stage="preview")) == 1


async def test_the_newest_alert_is_replayed_without_a_number(world: World) -> None:
    async def say(line: str) -> str:
        return await world.chat.say(line, role=MODERATOR)

    assert await say("!overlay replay") == "Nothing to show again."
    assert await say("!overlay replay 7") == "No item #7 in the last 24 hours."
    world.a_page_opens()
    await world.hear(happened(MessageType.RAID, amount=3))
    await world.show(card("card"))
    await world.time_passes()
    await world.time_passes(20)
    assert await say("!overlay replay") == "Replaying #1 Kim raids with 3."
    assert await say("!overlay replay 2") == "Replaying #2 card."


@pytest.mark.parametrize("lane", ["", "General"])
async def test_pausing_keeps_items_and_clearing_drops_them(world: World, lane: str) -> None:
    async def say(line: str) -> str:
        return await world.chat.say(line, role=MODERATOR)

    world.a_page_opens("preview")
    assert await say("!overlay pause") == "Overlay paused; items are kept."
    await say("!overlay test card")
    await world.time_passes(stage="preview")
    assert await world.on_screen("preview") == []
    assert await say("!overlay resume") == "Overlay goes on."
    await world.time_passes(stage="preview")
    assert await world.on_screen("preview") == ["Test card"]
    said = await say(f"!overlay clear {lane}")
    assert said == f"Cleared {lane.lower() or 'everything'} (0 waiting dropped)."
    assert await world.on_screen("preview") == []
