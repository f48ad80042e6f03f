"""What commands get out of the module ai, and of its absence."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from alias_interaction_module_flask.tests.street import FOLDERS, Street, play
from flask_core.contracts import alias as contract
from flask_core.testing.fake_openai import FakeOpenAI
from flask_core.testing.installation import installation


@pytest_asyncio.fixture
async def model() -> AsyncIterator[FakeOpenAI]:
    fake = FakeOpenAI()
    async with fake.running():
        yield fake


@pytest_asyncio.fixture
async def talkative(database_url: str, model: FakeOpenAI) -> AsyncIterator[Street]:
    """The street with a model in it."""
    streets: list[Street] = []
    settings = {
        "AI_PROVIDER": "openai", "AI_OPENAI_BASE_URL": f"{model.url}/v1", "AI_OPENAI_API_KEY": model.key,
        "AI_OPENAI_MODEL": model.models[0],
    }  # fmt: skip
    async with installation(
        (*FOLDERS, "ai_interaction_module_flask"), database_url, settings=settings,
        prepare=lambda inst: streets.append(play(inst)),
    ):  # fmt: skip
        await streets[0].settle_in()
        yield streets[0]


async def test_a_text_says_what_the_model_answers_three_times_a_minute(talkative: Street, model: FakeOpenAI) -> None:
    await talkative.ask("!cmd add joke -cd=0 -type=say <$(ai a joke about $(query))>", "ben")
    await talkative.live("joke")
    for _ in range(3):
        assert await talkative.ask("!joke fish") == "<Penguins waddle.>"
    assert (await talkative.ask("!joke fish")).startswith("<(AI limit, again in ")
    assert len(model.asked) == 3
    assert "a joke about fish" in str(model.asked[0])


async def test_a_preview_asks_no_model(talkative: Street, model: FakeOpenAI) -> None:
    asked = contract.AskPreview(talkative.community_id, "<$(ai a joke)>", name="joke")
    assert (await talkative.call(contract.PREVIEW, asked)).output == "<(here the AI answers)>"
    assert model.asked == []


async def test_without_the_module_there_are_no_words(street: Street) -> None:
    await street.ask("!cmd add joke <$(ai a joke)>", "ben")
    await street.live("joke")
    assert await street.ask("!joke") == "<>"
