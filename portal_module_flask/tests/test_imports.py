"""Ann moves in from Nightbot, with nothing but her browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
import pytest_asyncio

from flask_core.testing.fake_nightbot import CLIENT_ID, CLIENT_SECRET, FakeNightbot, running_nightbot
from portal_module_flask.tests.house import House, new_house

SOME = ["router_module_flask", "community_module_flask", "identity_core_module_flask", "alias_interaction_module_flask",
        "memories_interaction_module_flask", "portal_module_flask", "browser_source_core_module_flask"]  # fmt: skip


@dataclass
class MovingIn:
    """Ann's house beside a Nightbot where her channel is."""

    house: House
    nightbot: FakeNightbot

    @property
    def page(self) -> str:
        """Where imports begin."""
        return f"{self.house.here}/commands/own/imports"

    async def settled(self, path: str) -> str:
        """The page of an import, as soon as it waits for nothing."""
        html = await self.house.page(path)
        while "data-waiting" in html:
            html = await self.house.page(path)
        return html

    async def brought(self, text: str) -> tuple[str, str]:
        """Lines that Ann pastes: the page that she comes to, and what it shows."""
        path = await self.house.send(f"{self.page}/file", on=self.page, text=text)
        return path, await self.settled(path)


@pytest_asyncio.fixture
async def moving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MovingIn]:
    async with running_nightbot() as nightbot:
        settings = {
            "ALIAS_NIGHTBOT_URL": nightbot.url, "NIGHTBOT_CLIENT_ID": CLIENT_ID, "ALIAS_IMPORT_PAUSE_MS": "0",
            "NIGHTBOT_CLIENT_SECRET": CLIENT_SECRET, "ALIAS_PUBLIC_URL": "http://localhost",
        }  # fmt: skip
        async with new_house(SOME, f"sqlite://{tmp_path}/h.db", monkeypatch, settings=settings) as house:
            await house.settle_in()
            yield MovingIn(house, nightbot)


async def test_nightbot_is_connected_looked_at_taken_over_and_taken_back(moving: MovingIn) -> None:
    house = moving.house
    moving.nightbot.commands = [
        {"_id": "1", "name": "!hug", "message": "$(user) hugs $(touser)", "coolDown": 5, "userLevel": "everyone"},
        {"_id": "2", "name": "!staff", "message": "hello staff", "coolDown": 5, "userLevel": "helpers"},
        {"_id": "3", "name": "!Quote", "message": "ours was better", "coolDown": 5, "userLevel": "everyone"},
    ]
    html = await house.send(f"{moving.page}/nightbot", 200, on=moving.page)
    link = re.search(rf'href="({moving.nightbot.url}/oauth2/authorize[^"]+)"', html)
    assert link is not None
    path = (await house.look(moving.nightbot.go(unescape(link[1])), 303))[1]["Location"]
    html = await moving.settled(path)
    assert "1 is ready, 1 should be looked at: without a look they come switched off, 1 is in the way" in html
    assert "Grace: !hug" in html
    assert "Grace hugs Grace" in html
    assert "!quote belongs to WaddleBot itself" in html
    # The one that is in the way gets another name, the other a look.
    (row,) = re.findall(r'id="name-(\d+)"[^>]*>(?=(?:(?!</tr>).)*ours was better)', html, re.DOTALL)[:1]
    where = await house.send(f"{path}/rows/{row}", on=path, choice="rename", name="oldquote", of_status="conflict")
    assert where == f"{path}?status=conflict#row-{row}"
    await house.send(f"{path}/choices", on=path, of="review", choice="accept")
    await house.send(f"{path}/apply", on=path)
    html = await moving.settled(path)
    assert "3 new" in html
    assert await house.say("!oldquote") == "ours was better"
    assert await house.say("!hug @Ben") == "Dee hugs @Ben"
    assert "Tick the box" in await house.send(f"{path}/undo", 400, on=path)
    await house.send(f"{path}/undo", on=path, sure="yes")
    assert "Taken back" in await moving.settled(path)
    assert "taken back" in await house.page(moving.page)


async def test_a_no_at_nightbot_is_told(moving: MovingIn) -> None:
    assert "Nothing was fetched" in await moving.house.page("/connect/nightbot/callback?error=access_denied&state=x")
    html, _ = await moving.house.look("/connect/nightbot/callback?code=x&state=x", 400)
    assert "not begun here" in html


async def test_pasted_lines_are_enough_and_a_refusal_stands_on_the_page(moving: MovingIn) -> None:
    house = moving.house
    _, html = await moving.brought("!commands add -cd=7 !socials find us at example.org")
    assert "1 is ready" in html
    html = await house.send(f"{moving.page}/file", 400, on=moving.page, text="hello")
    assert "This holds no commands" in html
    html = await house.send(f"{moving.page}/streamelements", 400, on=moving.page, channel="../x")
    assert "name of the channel" in html
    assert '"commands":' in (await house.look(f"{house.here}/commands/own/export"))[0]


async def test_an_import_of_elsewhere_is_no_page(moving: MovingIn) -> None:
    await moving.house.page(f"{moving.page}/999", 404)
    path, _ = await moving.brought("!commands add !a b")
    await moving.house.send(f"{path}/rows/999", 404, on=path, choice="skip")
    await moving.house.send(f"{path}/rows/1", 400, on=path, choice="burn")


async def test_both_bots_are_compared_before_the_old_one_goes(moving: MovingIn) -> None:
    house = moving.house
    path, html = await moving.brought("!commands add !hi hello")
    shadow = f"{house.here}/commands/own/shadow"
    assert f'{shadow}?import={path.rpartition("/")[2]}"' in html
    assert "Nothing is compared" in await house.page(shadow)
    begin = f"{shadow}?import={path.rpartition('/')[2]}"
    number = path.rpartition("/")[2]
    refused = await house.post(shadow, on=begin, bot="OldBot", days="15", of=number)
    assert "1 to 14 days" in (await refused.get_data()).decode()
    assert (await house.post(shadow, on=begin, bot="OldBot", days="3", of=number)).status_code == 303
    html = await house.page(shadow)
    assert "Listening to OldBot until" in html
    assert "Nobody has used a command yet" in html
    await house.send(f"{shadow}/stop", on=shadow)
    assert "Nothing is compared" in await house.page(shadow)
