"""Numbers of a community: told, changed, counted by commands."""

from __future__ import annotations

import asyncio

import pytest

from alias_interaction_module_flask.counters import MOST_VARIABLES
from alias_interaction_module_flask.tests.conftest import World
from alias_interaction_module_flask.tests.street import Street
from flask_core.contracts import alias as contract
from flask_core.datamodels import Ticker
from flask_core.errors import InvalidInput, LimitReached


async def test_a_counter_is_told_set_and_changed(world: World) -> None:
    assert await world.say("!counter deaths", "viewer") == 'No counter "deaths".'
    assert await world.say("!counter list") == "Nothing is counted yet. Moderators begin: !counter add deaths"
    assert await world.say("!counter add Deaths") == "Deaths: 0 → 1."
    assert await world.say("!counter add deaths 41") == "Deaths: 1 → 42."
    assert await world.say("!editcounter deaths -2") == "Deaths: 42 → 40."
    assert await world.say("!counter deaths", "viewer") == "Deaths: 40"
    assert await world.say("!counter set boss fights 3") == "boss fights: 0 → 3."
    assert await world.say("!counter list", "viewer") == "boss fights: 3, Deaths: 40"
    assert await world.say("!counter remove DEATHS") == "Forgot Deaths: it was 40."
    assert await world.say("!counter set deaths many") == "Usage: !counter set <name> <number>"
    assert await world.say("!counter add", "viewer") == "Only moderators can do that."


async def test_a_counter_has_its_bounds(world: World) -> None:
    beyond = "A counter stays between -10¹⁵ and 10¹⁵."
    assert await world.say(f"!counter set deaths {10**15}") == f"deaths: 0 → {10**15}."
    assert await world.say("!counter add deaths") == beyond
    assert await world.say(f"!counter set deaths {10**15 + 1}") == beyond
    assert await world.say("!counter deaths") == f"deaths: {10**15}"


async def test_an_option_sets_the_counter_of_a_command(world: World) -> None:
    await world.say("!cmd add deaths -count=7 Died $(count) times")
    assert await world.say("!counter deaths") == "deaths: 7"
    assert await world.say("!cmd test deaths") == "(test) Died 8 times"
    assert await world.say("!counter deaths") == "deaths: 7"


async def test_a_counter_on_screen_runs_over_the_overlay(world: World) -> None:
    await world.say("!counter set deaths 1")
    await world.parts.desk.counters.show(2, "deaths", on_screen=True)
    assert await world.say("!counter add deaths") == "deaths: 1 → 2."
    assert world.chat.actions[1] == Ticker("deaths: 2", 5, 10)


@pytest.mark.promise("alias.4")
async def test_two_hundred_at_once_count_to_two_hundred(world: World) -> None:
    await world.say("!cmd add deaths Died $(count) times")
    said = await asyncio.gather(*(world.runs("deaths", execution_id=f"execution {n}") for n in range(200)))
    assert sorted(int(text.split()[1]) for text in said) == list(range(1, 201))
    assert await world.say("!counter deaths") == "deaths: 200"
    assert await world.runs("deaths", execution_id="execution 7") == said[7]
    assert await world.say("!counter deaths") == "deaths: 200"
    assert "used 200×" in await world.say("!cmd show deaths")


async def test_texts_are_kept_by_moderators_and_bounded(street: Street) -> None:
    here = street.community_id
    for number in range(MOST_VARIABLES):
        await street.call(contract.PUT_VARIABLE, contract.PutVariable(here, f"Name {number}", "x"))
    with pytest.raises(LimitReached):
        await street.call(contract.PUT_VARIABLE, contract.PutVariable(here, "one more", "x"))
    kept = await street.call(contract.PUT_VARIABLE, contract.PutVariable(here, "NAME 3", "y"))
    assert kept == contract.VariableView("Name 3", "y")
    with pytest.raises(InvalidInput):
        await street.call(contract.PUT_VARIABLE, contract.PutVariable(here, "name 3", "x" * 201))
    await street.call(contract.DELETE_VARIABLE, contract.VariableOf(here, "name 3"))
    listed = await street.call(contract.VARIABLES, contract.CommunityId(here))
    assert len(listed.items) == MOST_VARIABLES - 1
