"""What was on screen about a person, or for them: told and gone, and nothing of others."""

from __future__ import annotations

from browser_source_core_module_flask.personal_data import PersonalData
from browser_source_core_module_flask.tests.conftest import HERE, World, card, happened
from flask_core.contracts.module import PersonAccounts
from flask_core.database import AsyncDAL
from flask_core.datamodels import MessageType, Ticker

KIM = PersonAccounts("r", (("twitch", "kim"), ("discord", "77")))
EVE = PersonAccounts("r", (("twitch", "eve"),))


def database(world: World) -> AsyncDAL:
    return world.screens.items._database


async def test_alerts_and_ticker_lines_of_a_person_are_told_and_erased(world: World) -> None:
    data = PersonalData(database(world))
    await world.hear(happened(MessageType.CHEER, "Kim", amount=100), happened(MessageType.CHEER, "Eve", amount=5))
    await world.screens.ticker(HERE, Ticker("Kim says hello"), "t1", "live", ("discord", "77"))
    await world.show(card("nobody's"))
    told = (await data.export(KIM)).tables["display_items"]
    assert len(told) == 2
    assert "Eve" not in str(told)
    assert (await data.erase(KIM)).counts == {"display_items": 2}
    assert (await data.erase(KIM)).counts == {"display_items": 0}
    assert len(await world.items()) == 2
    assert len((await data.export(EVE)).tables["display_items"]) == 1


async def test_whoever_is_told_of_with_others_finds_it_too(world: World) -> None:
    data = PersonalData(database(world))
    await world.hear(happened(MessageType.FOLLOW, "Kim"), happened(MessageType.FOLLOW, "Eve"))
    told = (await data.export(EVE)).tables["display_items"]
    assert any("Kim" in one["text"] and "Eve" in one["text"] for one in told)
    await data.erase(EVE)
    assert "Eve" not in str(await world.items())


async def test_a_community_that_ended_takes_its_screen_along(world: World) -> None:
    data = PersonalData(database(world))
    await world.hear(happened(MessageType.CHEER, "Kim", amount=100))
    assert (await data.erase_community(HERE + 1)).counts["display_items"] == 0
    assert (await data.erase_community(HERE)).counts["display_items"] == 1
    assert (await data.export(KIM)).tables["display_items"] == []
