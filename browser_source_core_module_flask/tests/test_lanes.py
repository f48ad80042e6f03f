"""What shows next, for how long, and what becomes of the rest."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from browser_source_core_module_flask.drawing import reading_seconds
from browser_source_core_module_flask.queue_repository import PER_LANE
from browser_source_core_module_flask.tests.conftest import HERE, LIVE, World, card, happened, show
from flask_core.contracts.browser_source import Display
from flask_core.datamodels import General, Media, MessageType, Ticker
from flask_core.errors import InvalidInput, NotFound, TooMany


@pytest.mark.promise("browser_source.5")
async def test_the_more_important_goes_before_ten_that_came_earlier(world: World) -> None:
    world.a_page_opens()
    await world.show(card("on now"), *(card(f"five {n}") for n in range(10)))
    await world.time_passes()
    await world.show(card("urgent", priority=1))
    await world.time_passes(10)
    await world.time_passes(1)
    assert await world.on_screen() == ["urgent"]


@pytest.mark.promise("browser_source.5")
async def test_an_old_unimportant_item_is_shown_before_an_endless_stream_ends(world: World) -> None:
    world.a_page_opens()
    # A media item may wait five minutes; it starts two levels behind and gains one a minute.
    patient = Display(HERE, "patient", Media("track", title="patient"), "router", 7)
    await world.show(patient)
    shown: list[str] = []
    for number in range(16):
        await world.show(show(Media("track", title=f"stream {number}", duration=20)))
        await world.time_passes(20)
        await world.time_passes(1)
        shown += await world.on_screen()
    assert shown[0] == "stream 0"
    assert "patient" in shown
    assert "stream 15" not in shown


@pytest.mark.promise("browser_source.6")
async def test_the_same_key_twice_is_one_item_with_one_number(world: World) -> None:
    first = await world.show(card("ship it", key="quote:1"), card("other"))
    assert await world.show(card("ship it", key="quote:1")) == first[:1]
    assert len(await world.items()) == 2


@pytest.mark.promise("browser_source.6")
async def test_the_same_key_at_once_is_one_item(world: World) -> None:
    numbers = await asyncio.gather(*(world.show(card("ship it", key="quote:1")) for _ in range(10)))
    assert numbers == [[1]] * 10


async def test_another_community_may_use_the_same_key(world: World) -> None:
    await world.show(card("ours", key="quote:1"))
    assert await world.show(card("theirs", key="quote:1", here=3)) == [1]
    assert [item.said for item in await world.items()] == ["ours"]


@pytest.mark.promise("browser_source.7")
async def test_a_full_lane_refuses_an_equal_and_makes_room_for_a_more_important_item(world: World) -> None:
    numbers = await world.show(*(card(f"card {n}") for n in range(PER_LANE)))
    with pytest.raises(TooMany, match="100 items wait for the general already") as refused:
        await world.show(card("one too many"))
    assert refused.value.retry_after == 10
    await world.show(card("urgent", priority=1))
    (gone,) = await world.items("pushed_out")
    assert (gone.number, gone.reason) == (numbers[-1], "something more important came")
    assert len(await world.items("waiting")) == PER_LANE


@pytest.mark.promise("browser_source.7")
async def test_two_that_come_at_once_do_not_share_the_last_place(world: World) -> None:
    await world.show(*(card(f"card {n}") for n in range(PER_LANE - 1)))
    answers = await asyncio.gather(*(world.show(card("last")) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(answer, TooMany) for answer in answers) == 3
    assert len(await world.items("waiting")) == PER_LANE


@pytest.mark.promise("browser_source.10")
async def test_an_alert_waits_for_obs_and_is_shown_when_it_returns_after_14_minutes(world: World) -> None:
    await world.hear(happened(MessageType.RAID, amount=12))
    await world.time_passes(14 * 60)
    assert await world.on_screen() == []
    world.a_page_opens()
    await world.time_passes()
    assert await world.on_screen() == ["Kim raids with 12"]


@pytest.mark.promise("browser_source.10")
async def test_after_16_minutes_it_is_listed_as_expired_and_can_be_shown_again(world: World) -> None:
    await world.hear(happened(MessageType.RAID, amount=12))
    await world.time_passes(16 * 60)
    (expired,) = await world.items("expired")
    assert expired.reason == "no page was there to show it"
    world.a_page_opens()
    done = await world.screens.replay(HERE, expired.number)
    assert done.said == "Replaying #1 Kim raids with 12."
    await world.time_passes()
    assert await world.on_screen() == ["Kim raids with 12"]
    world.now = world.now.replace(day=world.now.day + 2)
    with pytest.raises(NotFound, match="No item #1 in the last 24 hours"):
        await world.screens.replay(HERE, 1)


async def test_a_page_whose_scene_is_off_air_lets_the_lane_wait(world: World) -> None:
    page = world.a_page_opens()
    page.visible = False
    await world.show(card("later"))
    await world.time_passes()
    assert await world.on_screen() == []
    page.visible = True
    await world.time_passes()
    assert await world.on_screen() == ["later"]


async def test_between_two_items_the_screen_is_empty_for_half_a_second(world: World) -> None:
    world.a_page_opens()
    await world.show(card("one"), card("two"))
    await world.time_passes()
    await world.time_passes(9.9)
    assert await world.on_screen() == ["one"]
    await world.time_passes(0.1)
    assert await world.on_screen() == []
    await world.time_passes(0.4)
    assert await world.on_screen() == []
    await world.time_passes(0.1)
    assert await world.on_screen() == ["two"]
    assert [item.state for item in await world.items()] == ["showing", "done"]


@pytest.mark.promise("browser_source.1")
async def test_what_is_on_screen_is_told_with_the_seconds_that_remain(world: World) -> None:
    world.a_page_opens()
    await world.show(card("stays", seconds=0), show(Media("track", title="Song", duration=30)))
    await world.time_passes()
    await world.time_passes(12)
    stays, song = sorted(await world.screens.runner.state(LIVE), key=lambda item: str(item["lane"]))
    assert (stays["data"]["title"], stays["seconds"]) == ("stays", None)
    assert (song["data"]["title"], song["seconds"]) == ("Song", 18)


@pytest.mark.promise("browser_source.11")
async def test_a_ticker_line_stays_for_as_long_as_it_takes_to_read(world: World) -> None:
    world.a_page_opens()
    long = "x" * 200
    # From its first letter at the right edge to its last letter at the left one, 240 pixels a second.
    needed = (200 * 22 + 1_920) / 240
    assert reading_seconds(long) == needed > 26
    await world.show(show(Ticker(long, duration=3)))
    await world.time_passes()
    await world.time_passes(needed - 0.1)
    assert len(await world.items("showing")) == 1
    await world.time_passes(0.2)
    assert len(await world.items("done")) == 1


@pytest.mark.promise("browser_source.11")
@pytest.mark.parametrize("text", ["x" * 201, "", "   "])
async def test_a_ticker_line_has_1_to_200_characters(world: World, text: str) -> None:
    with pytest.raises(InvalidInput, match="1 to 200 characters") as refused:
        await world.show(show(Ticker(text)))
    assert refused.value.details["field"] == "text"
    assert await world.items() == []


@pytest.mark.parametrize(
    ("action", "field"),
    [
        (General("marquee", {}), "template"),
        (General("card", {"title": "x" * 5_001}), "title"),
        (General("card", {"title": {"nested": 1}}), "title"),
        (General("list", {"rows": [{"name": "x" * 5_001}]}), "rows"),
    ],
)
async def test_what_cannot_be_drawn_is_refused_by_the_name_of_its_field(
    world: World, action: General, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await world.show(show(action))
    assert refused.value.details["field"] == field


async def test_lists_are_cut_to_ten_rows_and_empty_fields_left_out(world: World) -> None:
    world.a_page_opens()
    rows = [{"name": f"Player {n}", "points": n, "deep": [1]} for n in range(12)]
    data = {"title": "Best", "note": "", "live": True, "rows": rows, "tags": ("a", 1)}
    await world.show(show(General("leaderboard", data)))
    await world.time_passes()
    (item,) = await world.screens.runner.state(LIVE)
    assert item["data"]["rows"] == [{"name": f"Player {n}", "points": n} for n in range(10)]
    assert "note" not in item["data"]
    assert item["data"]["tags"] == ["a", 1]


async def test_pictures_are_shown_from_https_only(world: World) -> None:
    world.a_page_opens()
    song = Media("track", title="Song", artist="Band", art_url="https://i.example/a.png", url="javascript:alert(1)")
    await world.show(show(song))
    await world.time_passes()
    (item,) = await world.screens.runner.state(LIVE)
    assert item["data"]["art_url"] == "https://i.example/a.png"
    assert "url" not in item["data"]
    assert [item.said for item in await world.items()] == ["Song – Band"]


async def test_what_is_old_is_forgotten_payload_first(world: World) -> None:
    await world.show(card("old"))
    await world.time_passes(130)
    await world.show(card("new"))
    await world.screens.items.sweep(world.now, world.now - timedelta(days=7))
    assert [item.said for item in await world.items()] == ["new", ""]
    await world.screens.items.sweep(world.now, world.now)
    assert [item.said for item in await world.items()] == ["new"]


async def test_nothing_is_more_important_than_the_scale_allows(world: World) -> None:
    await world.show(card("least", priority=2**62), card("most", priority=-(2**62)), card("usual"))
    assert sorted((item.priority, item.said) for item in await world.items()) == [
        (1, "most"), (5, "usual"), (100, "least"),
    ]  # fmt: skip
