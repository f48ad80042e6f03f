"""The WebSocket protocol, as pages speak it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from browser_source_core_module_flask.pages import MOST_UNSENT, SILENCE_SECONDS, Audience, Page
from browser_source_core_module_flask.tests.conftest import HERE, LIVE, Screen, Studio, World, card, show
from flask_core.contracts import browser_source as contract
from flask_core.datamodels import General, Media, Ticker

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.promise("browser_source.1")
async def test_a_page_that_reconnects_gets_what_is_on_screen_with_the_rest_of_its_time(studio: Studio) -> None:
    secret = await studio.overlay()
    async with studio.page(secret) as page:
        await page.says_hello()
        await studio.display(card("stays", seconds=0), show(Media("track", title="Song", duration=300)))
        first, second = await page.hears("show"), await page.hears("show")
        assert second["seq"] == first["seq"] + 1
    async with studio.page(secret) as page:
        state = await page.says_hello()
        assert state["seq"] == second["seq"]
        song, stays = sorted(state["items"], key=lambda item: str(item["lane"]), reverse=True)
        assert (stays["data"], stays["seconds"]) == ({"title": "stays"}, None)
        assert song["data"]["title"] == "Song"
        assert 290 < song["seconds"] < 300
        await page.says("resync")
        assert len((await page.hears("state"))["items"]) == 2


async def test_a_page_is_welcomed_with_what_it_needs_to_know(studio: Studio) -> None:
    async with studio.page(await studio.overlay(), origin="http://localhost") as page:
        await page.says("hello", protocols=[2, 1])
        welcome = await page.hears("welcome")
        assert (welcome["v"], welcome["protocol"], welcome["heartbeat"]) == (1, 1, 25)
        assert welcome["widgets"] == ["ticker", "media", "general", "alerts"]
        assert datetime.fromisoformat(welcome["server_time"]) - datetime.now(UTC) < timedelta(minutes=1)


@pytest.mark.promise("browser_source.4")
async def test_the_address_of_a_widget_shows_that_widget_only(studio: Studio) -> None:
    secret = await studio.overlay(widget="ticker")
    assert await studio.status_of(f"/overlay/{secret}/ticker") == 200
    assert await studio.status_of(f"/overlay/{secret}/alerts") == 404
    assert await studio.status_of(f"/overlay/{secret}/weather") == 404
    client = studio.service.app.test_client()
    html = (await (await client.get(f"/overlay/{secret}")).get_data()).decode()
    assert 'id="ticker"' in html
    assert 'id="alerts"' not in html
    async with studio.page(secret) as page:
        await page.says_hello()
        await studio.display(card("not for you"), show(Ticker("for you")))
        assert (await page.hears("show"))["data"]["text"] == "for you"
        await page.says("resync")
        assert [item["lane"] for item in (await page.hears("state", "show"))["items"]] == ["ticker"]


@pytest.mark.promise("browser_source.4")
async def test_another_community_sees_nothing_of_this_one(studio: Studio) -> None:
    ours, theirs = await studio.overlay("Ours"), await studio.overlay("Theirs", here=3)
    async with studio.page(ours) as here, studio.page(theirs) as there:
        await here.says_hello()
        await there.says_hello()
        await studio.display(card("ours"))
        await here.hears("show")
        await studio.display(card("theirs", here=3))
        assert (await there.hears("show"))["data"]["title"] == "theirs"
        await there.says("resync")
        assert [item["data"]["title"] for item in (await there.hears("state"))["items"]] == ["theirs"]


@pytest.mark.promise("browser_source.16")
@pytest.mark.parametrize("protocols", [[2], [], None, 1, "1"])
async def test_a_page_that_speaks_no_protocol_of_ours_is_closed_with_4406(studio: Studio, protocols: object) -> None:
    async with studio.page(await studio.overlay()) as page:
        await page.says("hello", protocols=protocols)
        assert await page.closed_with() == 4406


async def test_a_page_of_another_site_is_refused(studio: Studio) -> None:
    async with studio.page(await studio.overlay(), origin="https://evil.example") as page:
        assert await page.closed_with() == 1008


async def test_what_a_page_says_wrongly_is_passed_over(studio: Studio) -> None:
    async with studio.page(await studio.overlay()) as page:
        for wrong in ("{", "[]", '"x"', '{"type": "dance"}', '{"no": "type"}'):
            await page.socket.send(wrong)
        assert (await page.says_hello())["items"] == []


async def test_off_air_a_page_is_shown_nothing_until_its_scene_is_back(studio: Studio) -> None:
    async with studio.page(await studio.overlay()) as page:
        await page.says_hello()
        await page.says("visible", visible=False)
        await page.says("resync")
        await page.hears("state")
        await studio.display(card("later"))
        assert (await studio.ask(contract.ITEMS, contract.ListItems(HERE, state="showing"))).items == ()
        await page.says("visible", visible=True)
        assert (await page.hears("show"))["data"]["title"] == "later"


async def test_one_overlay_has_room_for_so_many_pages(studio: Studio) -> None:
    secret = await studio.overlay()
    audience = studio.audience
    audience._per_overlay = 1
    async with studio.page(secret) as page:
        await page.says_hello()
        async with studio.page(secret) as second:
            assert await second.closed_with() == 4429
    async with studio.page(secret) as page:
        await page.says_hello()


@pytest.mark.promise("browser_source.2")
async def test_markup_travels_as_text_and_the_page_admits_no_foreign_script(studio: Studio) -> None:
    secret = await studio.overlay()
    response = await studio.service.app.test_client().get(f"/overlay/{secret}")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert response.headers["Cache-Control"] == "no-store"
    async with studio.page(secret) as page:
        await page.says_hello()
        await studio.display(show(General("list", {"title": HOSTILE, "rows": [{"name": HOSTILE}]})))
        assert (await page.hears("show"))["data"] == {"title": HOSTILE, "rows": [{"name": HOSTILE}]}


async def test_moderators_skip_clear_pause_and_resume(studio: Studio) -> None:
    async def control(act: str, lane: str = "") -> str:
        done = await studio.ask(contract.CONTROL, msgspec.convert(
            {"community_id": HERE, "act": act, "lane": lane}, contract.Control), who="ben")  # fmt: skip
        return str(done.said)

    async with studio.page(await studio.overlay()) as page:
        await page.says_hello()
        await studio.display(card("one", seconds=0), card("two", seconds=0))
        await page.hears("show")
        assert await control("skip") == "Skipped #1."
        assert (await page.hears("hide"))["reason"] == "skipped"
        assert (await page.hears("show"))["data"]["title"] == "two"
        assert await control("pause") == "Overlay paused; items are kept."
        await studio.display(card("three", seconds=0))
        assert (await studio.ask(contract.ITEMS, contract.ListItems(HERE))).paused
        assert await control("clear", "general") == "Cleared general (1 waiting dropped)."
        await page.hears("hide")
        assert await control("resume") == "Overlay goes on."
        tested = await studio.ask(contract.TEST, contract.Test(HERE, "card"))
        assert tested.said == "Sent test #4 to 1 page."
        assert (await page.hears("show"))["data"]["title"] == "Test card"
        await control("clear")
        replayed = await studio.ask(contract.REPLAY, contract.ItemOf(HERE, 3))
        assert replayed.said == "Replaying #3 three."
        assert (await page.hears("show"))["data"]["title"] == "three"


async def test_an_item_is_hidden_when_its_time_is_over(studio: Studio) -> None:
    async with studio.page(await studio.overlay()) as page:
        await page.says_hello()
        await studio.display(card("short", seconds=0.05))
        number = (await page.hears("show"))["number"]
        hidden = await page.hears("hide")
        assert (hidden["number"], hidden["reason"]) == (number, "over")


async def test_silent_pages_are_pinged_and_then_closed() -> None:
    audience, page = Audience(5, 5), Page(1, "live", "all", None)
    audience.join(LIVE, page)
    audience.check(page.heard_at + 10)
    assert page.unsent.empty()
    audience.check(page.heard_at + SILENCE_SECONDS - 5)
    assert msgspec.json.decode(str(page.unsent.get_nowait()))["type"] == "ping"
    audience.check(page.heard_at + SILENCE_SECONDS + 1)
    assert page.unsent.get_nowait() == 4408


async def test_a_slow_page_gets_one_state_instead_of_everything(studio: Studio) -> None:
    async with studio.page(await studio.overlay()) as screen:
        await screen.says_hello()
        (page,) = studio.audience.everybody()
        for number in range(MOST_UNSENT + 1):
            page.send(f'{{"type": "show", "number": {number}}}')
        assert (await screen.hears("state", "show"))["type"] == "state"
        assert (await screen.hears("show"))["number"] == MOST_UNSENT


async def test_the_audience_is_told_of_the_first_page_and_the_last() -> None:
    audience, told = Audience(2, 2), []
    audience.on_first = lambda place: told.append(("first", place))
    audience.on_last = lambda place: told.append(("last", place))
    one, two = Page(1, "live", "all", None), Page(1, "live", "all", None)
    assert audience.admits(1)
    audience.join(LIVE, one)
    audience.join(LIVE, two)
    assert not audience.admits(2)
    for page in (one, one, two, two):
        audience.leave(LIVE, page)
    assert told == [("first", LIVE), ("last", LIVE)]


async def test_after_a_gap_every_page_is_given_the_state(world: World) -> None:
    page, shy = world.a_page_opens(), world.a_page_opens()
    page.greeted = True
    world.screens.runner._hand_on(LIVE, "", b"")
    assert shy.unsent.empty()
    assert page.missed
    assert not page.unsent.empty()


async def test_a_displays_request_has_1_to_100_items(studio: Studio) -> None:
    from flask_core.errors import InvalidInput

    for count in (0, 101):
        with pytest.raises(InvalidInput, match="1 to 100"):
            await studio.display(*(card("x") for _ in range(count)))


async def test_pages_come_and_go_without_a_trace(studio: Studio) -> None:
    secret = await studio.overlay()

    async def visit() -> None:
        async with studio.page(secret) as page:
            await Screen.says_hello(page)

    await asyncio.gather(*(visit() for _ in range(10)))
    assert studio.audience.everybody() == []
