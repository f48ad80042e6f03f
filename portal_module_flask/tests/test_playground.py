"""The playground: anybody speaks, the bot answers, and everything says why."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from flask_core.auth import utc_now
from flask_core.contracts import browser_source, module
from flask_core.datamodels import Chat, GrantRole
from flask_core.errors import Unavailable
from portal_module_flask.room_repository import RoomRepository
from portal_module_flask.rooms import KEPT
from portal_module_flask.tests.house import FOLDERS, House, new_house


async def test_the_bot_says_hello_and_answers_with_its_reason(house: House) -> None:
    assert "Hello, I am WaddleBot. Type !help." in await house.page(house.playground)
    assert await house.say('!quote add "ship it"', who="Ben") == "Saved as quote #1."
    html = await house.page(f"{house.playground}?as=Ben")
    assert 'placeholder="Write as Ben"' in html
    line = html.split("Saved as quote #1.")[1].split("</li>")[0]
    why = line.split('href="')[1].split('"')[0]
    trace = await house.page(why)
    for step in ("Ben is moderator here", "command !quote add of memories", "moderator needed", "memories answered"):
        assert step in trace
    assert "Saved as quote #1." in trace
    assert why in await house.page(f"{house.here}/traces?q=quote add")
    assert "Nothing is recorded of that." in await house.page(f"{house.here}/traces?q=giveaway")
    assert why in await house.page(f"{house.here}/home")


@pytest.mark.promise("portal.12")
async def test_without_scripts_one_signs_in_chats_and_keeps_a_quote(house: House) -> None:
    browser = house.stranger()
    await browser.sign_in()
    where = await browser.send(
        f"{house.playground}/lines", on=house.playground, **{"as": "Ben", "text": '!quote add "make it work"'}
    )
    assert where == f"{house.playground}?as=Ben#end"
    assert "Saved as quote #1." in await browser.page(where)
    memories = f"{house.here}/memories"
    await browser.send(memories, kind="quote", content="make it right", author="Kent")
    listed = await browser.page(memories)
    assert "make it work" in listed
    assert "make it right" in listed
    await browser.send(f"{house.here}/modules/memories", version="0", own_edit_minutes="30")
    assert 'value="30"' in await browser.page(f"{house.here}/modules/memories")


@pytest.mark.promise("portal.20")
async def test_the_playground_has_a_screen_of_its_own(house: House) -> None:
    await house.say("!ticker hello", who="Ben")
    raid = await house.act("Dee", event="raid")
    await house.trace(raid.event_id)
    client, here, ann = house.inst.client("portal"), house.community_id, await house.ann()
    live = await client.call("browser_source", browser_source.ITEMS, browser_source.ListItems(here), acting=ann)
    preview = browser_source.ListItems(here, stage="preview")
    shown = await client.call("browser_source", browser_source.ITEMS, preview, acting=ann)
    assert live.items == ()
    assert "hello" in [item.said for item in shown.items]
    assert "raids with 42 viewers" in await house.page(house.playground)


async def test_a_person_can_be_added_and_changed(house: House) -> None:
    people = f"{house.playground}/people"
    await house.send(people, on=house.playground, name="Eve", look="slack", role="subscriber")
    assert (await house.say("!ping", who="Eve")).startswith("Pong.")
    await house.send(people, on=house.playground, name="Eve", look="twitch", role="moderator")
    assert (await house.page(house.playground)).count('value="Eve"') == 3  # her button, and she is the one who speaks
    assert await house.say('!quote add "now I may"', who="Eve") == "Saved as quote #1."
    for name, look, why in (("<b>", "slack", "1 to 25 letters"), ("Zoe", "icq", "Choose how this person looks")):
        assert why in await house.send(people, 400, on=house.playground, name=name, look=look)
    lines = f"{house.playground}/lines"
    assert "Nobody of that name" in await house.send(lines, 400, on=house.playground, **{"as": "Zoe", "text": "hi"})
    assert "These can happen: follow" in await house.send(
        lines, 400, on=house.playground, **{"as": "Dee", "event": "flood"}
    )
    assert "1 to 2000 characters" in await house.send(lines, 400, on=house.playground, **{"as": "Dee", "text": " "})
    answer = await house.post(
        lines, on=house.playground, headers={"X-Requested-With": "fetch"}, **{"as": "Dee", "text": ""}
    )
    assert (answer.status_code, (await answer.get_json())["error"]) == (400, "invalid")


async def test_a_room_holds_twenty_people(house: House) -> None:
    people = f"{house.playground}/people"
    for number in range(16):
        await house.send(people, on=house.playground, name=f"Guest{number}", look="discord", role="viewer")
    full = await house.send(people, 409, on=house.playground, name="Late", look="discord", role="viewer")
    assert "at most 20 people" in full
    await house.send(people, on=house.playground, name="Guest3", look="slack", role="vip")


async def test_a_flood_is_stopped_with_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"PORTAL_PLAYGROUND_LINES_PER_MINUTE": "2"}
    async with new_house(FOLDERS, f"sqlite://{tmp_path}/h.db", monkeypatch, settings=settings) as house:
        await house.settle_in()
        for text in ("one", "two"):
            await house.act("Dee", text=text)
        said = await house.send(f"{house.playground}/lines", 429, on=house.playground, **{"as": "Dee", "text": "three"})
        assert "At most 2 lines a minute" in said
        assert [line.text for line in await house.lines() if line.kind == "person"] == ["one", "two"]


async def test_new_lines_come_without_reloading(house: House) -> None:
    before = (await house.lines())[-1].seq
    stream = f"{house.playground}/stream?after={before}"
    async with asyncio.timeout(10), house.web.request(stream) as connection:
        await connection.send_complete()
        said = await house.act("Cy", text="hello there")
        event = await connection.receive()
        await connection.disconnect()
    number, data = event.decode().strip().split("\n")
    assert number == f"id: {said.seq}"
    line = json.loads(data.removeprefix("data: "))
    assert (line["speaker"], line["text"], line["look"]) == ("Cy", "hello there", "slack")


async def test_the_console_says_what_it_can_and_refuses_the_rest(house: House) -> None:
    channel, here = f"console:{house.community_id}:playground", house.community_id
    deliveries = module.Deliveries(
        (
            module.Delivery(1, "a", channel, Chat("once"), here),
            module.Delivery(1, "a", channel, Chat("once"), here),
            module.Delivery(2, "b", channel, GrantRole("grant", "vip", "dee"), here),
            module.Delivery(3, "c", "console:999:playground", Chat("nowhere"), here),
        )
    )
    answer = await house.inst.client("router").call("portal", module.DELIVER, deliveries)
    assert [result.status for result in answer.results] == ["done", "done", "unsupported", "failed"]
    assert [line.text for line in await house.lines()].count("once") == 1


async def test_the_chat_goes_on_without_overlay_and_memories(house: House) -> None:
    for name in ("memories", "browser_source"):
        house.inst.runtime.modules.pop(name)
    assert "The chat goes on without it." in await house.page(house.playground)
    assert await house.say("!quote") == "The memories module is not answering right now."
    away = await house.page(f"{house.here}/memories", 503)
    assert "The memories module is not answering right now." in away
    for way_on in (
        f'href="{house.here}/memories">Try again',
        f'href="{house.playground}"',
        f'href="{house.here}/members"',
    ):
        assert way_on in away


async def test_a_line_is_kept_while_nobody_can_be_told_of_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(_topic: str, _message: bytes) -> None:
        raise Unavailable("The shared store is away.")

    monkeypatch.setattr(house.inst.services["portal"].shared, "publish", away)
    said = await house.act("Dee", text="still here")
    assert said.seq in [line.seq for line in await house.lines()]


async def test_lines_are_forgotten_after_a_day(house: House) -> None:
    await house.say("!ping")
    rooms = RoomRepository(house.inst.services["portal"].database)
    assert await rooms.forget(utc_now() - KEPT) == 0
    assert await rooms.forget(utc_now() + timedelta(seconds=1)) >= 3
    assert await house.lines() == []
