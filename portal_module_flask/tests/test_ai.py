"""The AI on its pages: chosen, tried, asked, and what came of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from flask_core.testing.fake_openai import Failure, FakeOpenAI
from portal_module_flask.tests.house import FOLDERS, House, new_house
from portal_module_flask.tests.neighbours import Neighbours

SECRET = "sk-ours-0123456789-wxyz"


@dataclass
class Home:
    """Ann's house with a model of the operator's; the community may bring its own."""

    house: House
    model: FakeOpenAI

    @property
    def settings(self) -> str:
        return f"{self.house.here}/ai/settings"

    async def form(self) -> dict[str, str]:
        """What the settings form would send as it stands."""
        shown = (await self.house.page(self.settings)).split('action="' + self.settings)[1]
        fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', shown))
        boxes = set(re.findall(r'<input type="checkbox" name="([^"]+)"', shown))
        ticked = set(re.findall(r'<input type="checkbox" name="([^"]+)" value="yes" checked', shown))
        texts = dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', shown))
        picked = r'<select id="[^"]+" name="([^"]+)">(?:<option[^>]*>[^<]*</option>)*?<option value="([^"]*)" selected'
        chosen = dict(re.findall(picked, shown))
        kept = {name: value for name, value in fields.items() if name not in boxes}
        return kept | dict.fromkeys(ticked, "yes") | texts | chosen


@pytest_asyncio.fixture
async def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Home]:
    model = FakeOpenAI()
    async with model.running() as url:
        settings = {
            "AI_PROVIDER": "openai", "AI_OPENAI_BASE_URL": f"{url}/v1", "AI_OPENAI_API_KEY": model.key,
            "AI_OPENAI_MODEL": "gpt-test", "AI_COMMUNITY_PROVIDERS": "true",
        }  # fmt: skip
        async with new_house(FOLDERS, f"sqlite://{tmp_path}/house.db", monkeypatch, settings=settings) as house:
            await house.settle_in()
            yield Home(house, model)


async def test_somebody_asks_and_the_pages_tell_what_came_of_it(home: Home) -> None:
    house = home.house
    assert "Nobody asked yet." in await house.page(f"{house.here}/ai")
    assert await house.say("!ai what do penguins do?") == "> Penguins waddle."
    shown = await house.page(f"{house.here}/ai")
    for part in ("gpt-test", "✓ ready", "1 <span", "of 500 answers", "<strong>Dee</strong>", "said", "commands"):
        assert part in shown
    assert "what do penguins do" not in shown
    home.model.failures = [Failure(500)]
    await house.post(f"{house.here}/ai/test", on=home.settings, text="and now?")
    assert "500 Internal Server Error" in await house.page(f"{house.here}/ai")
    assert "Nothing is remembered of you" in await house.page(f"{house.here}/ai/talk")


async def test_an_admin_tries_it_and_nothing_is_said(home: Home) -> None:
    house = home.house
    before = len(await house.lines())
    tried = await house.post(f"{house.here}/ai/test", on=home.settings, text="what?", as_role="viewer")
    shown = (await tried.get_data()).decode()
    assert "Penguins waddle." in shown
    assert "Nothing was said in chat." in shown
    assert len(await house.lines()) == before
    home.model.failures = [Failure(500)]
    failed = await house.post(f"{house.here}/ai/test", on=home.settings, text="what?", as_role="viewer")
    assert failed.status_code == 502
    assert "The AI is not answering right now." in (await failed.get_data()).decode()


async def test_what_an_admin_chooses_is_kept_and_counts(home: Home) -> None:
    house = home.house
    form = await home.form()
    assert form["budget.answers"] == "500"
    assert form["mention"] == "yes"
    form |= {
        "system_prompt": "Praise <b>herring</b>.", "prefix": "AI: ", "greeting": "yes",
        "raid.fallback": "Welcome {user}!", "follow.on": "yes", "budget.answers": "7",
        "allowed_hosts": "Docs.Example\r\n", "languages": "en, es", "overlay": "yes",
    }  # fmt: skip
    del form["mention"], form["subgift.on"]
    assert await house.send(home.settings, **form) == f"{home.settings}?saved=1"
    again = await home.form()
    assert (again["prefix"], again["greeting"], again["raid.fallback"]) == ("AI: ", "yes", "Welcome {user}!")
    assert (again["follow.on"], again["budget.answers"], again["allowed_hosts"]) == ("yes", "7", "docs.example")
    assert (again["languages"], again["overlay"]) == ("en, es", "yes")
    assert "mention" not in again
    assert "subgift.on" not in again
    assert "Praise &lt;b&gt;herring&lt;/b&gt;." in await house.page(home.settings)
    assert await house.say("!ai what?") == "AI: Penguins waddle."
    assert "Praise <b>herring</b>." in home.model.systems()[0]
    # Who saves what they saw before somebody else changed it is told so.
    stale = await house.post(home.settings, on=home.settings, **form)
    assert stale.status_code == 409
    wrong = await house.post(home.settings, on=home.settings, **{**again, "max_length": "many"})
    assert "Length: write a number." in (await wrong.get_data()).decode()


async def test_a_key_is_entered_and_never_shown_again(home: Home) -> None:
    house = home.house
    own = {"provider": "own", "model": "gpt-own", "base_url": "https://models.example.com/v1", "api_key": SECRET}
    await house.send(home.settings, **{**await home.form(), **own})
    shown = await house.page(home.settings)
    assert "kept, ends in wxyz" in shown
    assert SECRET not in shown
    # Saving again without typing it keeps it.
    await house.send(home.settings, **await home.form())
    assert "kept, ends in wxyz" in await house.page(home.settings)
    await house.send(home.settings, **{**await home.form(), "forget_key": "yes"})
    assert "none yet" in await house.page(home.settings)
    inside = {**await home.form(), "base_url": "https://127.0.0.1/v1", "api_key": SECRET}
    refused = await house.post(home.settings, on=home.settings, **inside)
    assert refused.status_code == 400
    text = (await refused.get_data()).decode()
    assert "Only public addresses can be fetched." in text
    assert SECRET not in text


async def test_viewers_see_their_own_talk_and_moderators_no_settings(home: Home) -> None:
    house = home.house
    neighbours = await Neighbours.of(house)
    ben = await neighbours.becomes("Ben", "discord", "moderator")
    assert "of 500 answers" in await ben.page(f"{house.here}/ai")
    await ben.look(home.settings, 403)
    cy = await neighbours.becomes("Cy", "slack", "viewer")
    await house.say("!ai my secret is herring", "Cy")
    talk = await cy.page(f"{house.here}/ai")
    assert "my secret is herring" in talk
    assert "of 500 answers" not in talk
    await cy.send(f"{house.here}/ai/talk/forget", on=f"{house.here}/ai")
    assert "Nothing is remembered of you" in await cy.page(f"{house.here}/ai")
