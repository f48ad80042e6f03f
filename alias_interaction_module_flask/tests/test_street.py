"""Own commands on their way through the router."""

from __future__ import annotations

import pytest

from alias_interaction_module_flask.lines import behind, typed
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


@pytest.mark.parametrize(
    ("line", "read", "found"),
    [
        ("!hug ann", "ann", ("!hug", "ann")),
        ("  !HUG   ann  and ben ", "ann  and ben", ("!HUG", "ann  and ben")),
        ('!hug "ann and ben"', "ann and ben", ("!hug", '"ann and ben"')),
        ("@waddlebot hug ann", "ann", ("!hug", "ann")),
        ("?hug", "", ("?hug", "")),
        ("free followers here", "ben", ("!hug", "ben")),
        ("", "", ("!hug", "")),
    ],
)
def test_what_stood_behind_a_command(line: str, read: str, found: tuple[str, str]) -> None:
    assert behind(line, "hug", read) == found


@pytest.mark.parametrize(
    ("line", "read", "words"),
    [
        ("!cmd add x caf\u00e9 \u00bd", "caf\u00e9 1\u20442", "caf\u00e9 \u00bd"),
        ("!cmd add x a\u200db", "ab", "a\u200db"),
        ("something else", "what was read", "what was read"),
        ("short", "longer than the line is", "longer than the line is"),
    ],
)
def test_words_stay_as_they_were_typed(line: str, read: str, words: str) -> None:
    assert typed(line, read) == words


async def test_a_rule_and_a_timer_run_commands_that_nobody_typed(street: Street) -> None:
    await street.ask("!cmd add greet -cd=0 [$(user)] says $(query) with $(command)", "ben")
    await street.live("greet")
    asked = await street.ask('!rule add contains "good morning" command !greet hello there', "ann")
    number = asked.split("#")[1].split()[0]
    await street.ask(f"!rule live {number}", "ann")
    assert await street.ask("good morning everybody") == "[Dee] says hello there with !greet"
