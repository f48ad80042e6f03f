"""Conversations about short names, and where they lead."""

from __future__ import annotations

import pytest

from alias_interaction_module_flask.tests.conftest import World
from alias_interaction_module_flask.tests.street import Street


async def test_short_names_are_made_listed_changed_and_removed(world: World) -> None:
    assert await world.say("!alias") == "No aliases yet."
    assert await world.say("!alias add w !weather") == "!w now runs !weather."
    assert await world.say("!alias add b weather Berlin") == "!b now runs !weather Berlin."
    assert await world.say("!alias list", "viewer") == "!b → !weather Berlin, !w → !weather"
    assert await world.say("!alias edit b !weather Paris") == "!b now runs !weather Paris."
    assert await world.say("!alias show b") == "!b runs: !weather Paris (viewer; used 0×; by dee)"
    assert await world.say("!alias rm b") == "Removed !b (used 0 times). Undo: !cmd restore b"
    assert await world.say("!cmd add t Hello") != ""
    assert await world.say("!alias remove t") == "There is no !t."


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!alias add w !nothing", "There is no !nothing here."),
        ("!alias add w #dice", "Commands with # come from the marketplace, which is not installed here."),
        ("!alias add w", "Usage: !alias add <name> <command line>"),
        ("!alias add w !w", "That would be a circle: !w → !w."),
        ("!alias edit w !weather", "There is no !w."),
    ],
)
async def test_a_line_that_leads_nowhere_is_refused(world: World, line: str, said: str) -> None:
    assert await world.say(line) == said


@pytest.mark.promise("alias.6")
async def test_a_circle_is_refused_when_it_is_saved(world: World) -> None:
    await world.say("!cmd add b Hello")
    await world.say("!alias add a !b")
    await world.say("!cmd remove b")
    assert await world.say("!alias add b !a") == "That would be a circle: !b → !a → !b."
    await world.say("!alias add c1 !a")
    await world.say("!cmd restore b")
    for number in range(2, 5):
        await world.say(f"!alias add c{number} !c{number - 1}")
    assert await world.say("!alias add c5 !c4") == "An alias can lead to 5 others at most."


@pytest.mark.promise("alias.5")
async def test_an_alias_lends_nobody_a_right(street: Street) -> None:
    assert await street.ask("!alias add s !secret") == "Only moderators can do that. You are viewer here."
    await street.ask("!alias add s !secret", "ben")
    await street.live("s")
    assert await street.ask("!s") == "Only moderators can do that. You are viewer here."
    assert await street.ask("!s", "ben") == "secret: "


@pytest.mark.promise("alias.6")
async def test_a_circle_that_came_about_otherwise_stops_with_a_sentence(street: Street) -> None:
    await street.ask("!cmd add b Hello", "ben")
    await street.ask("!alias add a !b", "ben")
    await street.make("alias", "b", "!a")
    await street.ask("!cmd add last Hello", "ben")
    await street.live("last")
    assert await street.ask("!a", "ben") == "!a runs itself."


async def test_words_are_filled_in_or_appended(street: Street) -> None:
    await street.ask("!alias add w !weather {arg1} and {user}; !secret | !secret", "ben")
    await street.ask("!alias add v !weather in", "ben")
    await street.live("v")
    assert await street.ask("!w Berlin today") == "weather: Berlin and Dee; !secret | !secret"
    assert await street.ask("!v Berlin today") == "weather: in Berlin today"


async def test_a_refused_target_gives_the_alias_its_cooldown_back(street: Street) -> None:
    await street.ask("!alias add s !secret", "ben")
    await street.ask("!cmd options s -cd=100", "ben")
    await street.live("s")
    for _ in range(2):
        assert await street.ask("!s", "dee") == "Only moderators can do that. You are viewer here."
    assert await street.ask("!weather", "dee") == "weather: "
