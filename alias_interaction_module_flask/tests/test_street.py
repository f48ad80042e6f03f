"""Own commands on their way through the router."""

from __future__ import annotations

from alias_interaction_module_flask.tests.street import Street


async def test_a_command_works_from_the_moment_that_it_is_added(street: Street) -> None:
    assert await street.ask("!cmd add hug $(user) hugs $(1)!", "ben") == (
        "Added !hug (viewer, 5 s). Try: !cmd test hug"
    )
    await street.live("hug")
    assert await street.ask("!hug Ann") == "Dee hugs Ann!"
    assert await street.ask("!cmd remove hug", "ben") == "Removed !hug (used 1 time). Undo: !cmd restore hug"
    await street.gone("hug")
    assert (await street.silent("!hug Ann")).outcome == "plain"


async def test_an_alias_runs_another_command_with_the_callers_own_rights(street: Street) -> None:
    assert await street.ask("!alias add w !weather", "ben") == "!w now runs !weather."
    assert await street.ask("!alias add s !secret", "ben") == "!s now runs !secret."
    await street.live("s")
    assert await street.ask("!w Berlin today") == "weather: Berlin today"
    assert await street.ask("!s") == "Only moderators can do that. You are viewer here."
    assert await street.ask("!s", "ben") == "secret: "
