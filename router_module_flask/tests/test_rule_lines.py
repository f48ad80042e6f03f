"""Commands that rules run: what a viewer wrote stays one argument, and nobody lends more rights than they have."""

from __future__ import annotations

import pytest
import pytest_asyncio

from flask_core.contracts import rules
from flask_core.datamodels import Invocation, Role
from flask_core.errors import Forbidden, InvalidInput
from flask_core.testing.installation import until
from router_module_flask.tests.conftest import Town
from router_module_flask.tests.guard import Guard, listening_ear


@pytest_asyncio.fixture
async def guard(town: Town) -> Guard:
    return Guard(town)


@pytest_asyncio.fixture
async def heard(town: Town) -> list[Invocation]:
    return await listening_ear(town)


@pytest.mark.promise("router.7")
async def test_what_a_viewer_wrote_is_one_argument_and_triggers_no_rule(guard: Guard, heard: list[Invocation]) -> None:
    await guard.rule("badword", rules.RunLine("!hear {user} {text}"), exempt=rules.Exempt(None))
    await guard.rule("heard", rules.RunLine("!hear again me"), exempt=rules.Exempt(None))
    nasty = [
        'badword"; !ban x',
        'badword \\" !ban x',
        "badword “; !ban x",
        "badword {user} {text}",
        "badword 'it' --who me",
    ]
    for count, text in enumerate(nasty, 1):
        trace = await guard.traced(text)
        assert guard.steps(trace) == ["rule #1: matched: run !hear"]
        await until(lambda count=count: len(heard) == count)
    assert [run.command for run in heard] == ["hear"] * len(nasty)
    assert [run.arguments["who"] for run in heard] == ["Dee"] * len(nasty)
    assert heard[0].arguments["what"] == 'badword"; !ban x'
    assert heard[3].arguments["what"] == "badword {user} {text}"
    assert [run.member.role for run in heard] == [Role.VIEWER] * len(nasty)
    await guard.town.router.rules.book.flush()
    listed = await guard.ask(rules.LIST, rules.ListRules(guard.town.community_id))
    assert [rule.hits for rule in listed.items] == [len(nasty), 0]


@pytest.mark.promise("router.8")
async def test_nobody_saves_a_rule_that_runs_what_they_may_not(guard: Guard, heard: list[Invocation]) -> None:
    await guard.makes("mo", Role.MODERATOR)
    assert await guard.town.ask('!rule add contains "x" command !reset', "mo") == (
        "!reset runs with the rights of owners here, and you are moderator."
    )
    assert (await guard.town.ask('!rule add contains "x" command !ban {user}', "mo")).startswith("Rule #1 saved")
    with pytest.raises(InvalidInput, match="!reset is for owners: let the line run as owner"):
        await guard.rule("x", rules.RunLine("!reset", Role.ADMIN))
    await guard.rule("x", rules.RunLine("!reset", Role.OWNER))
    # The badge of one channel is no role in the community, whatever the platform says.
    said = await guard.town.ask('!rule add contains "x" command !ban {user}', "badge", moderator=True)
    assert said == "!ban runs with the rights of moderators here, and you are viewer."
    assert heard == []


@pytest.mark.promise("router.8")
async def test_whoever_loses_their_role_disarms_their_rules(guard: Guard, heard: list[Invocation]) -> None:
    town = guard.town
    await guard.makes("mo", Role.MODERATOR)
    await town.ask('!rule add contains "trouble" command !ban {user}', "mo")
    await town.ask("!rule live 1", "mo")
    await guard.traced("trouble")
    assert [(run.command, run.arguments, run.member.role) for run in await until(lambda: heard)] == [
        ("ban", {"who": "Dee"}, Role.MODERATOR)
    ]
    await guard.makes("mo", Role.VIEWER)
    trace = await guard.traced("trouble", "eve")
    assert trace.steps[-1].said == "Only moderators can do that. You are viewer here."
    assert len(heard) == 1
    await town.router.rules.book.flush()
    kept = await guard.ask(rules.GET, rules.RuleOf(town.community_id, 1))
    assert kept.problem == "Its author is viewer now, and run !ban needs more."


async def test_a_moderator_may_not_take_over_the_rights_of_another_author(
    guard: Guard, heard: list[Invocation]
) -> None:
    town, place = guard.town, guard.town.community_id
    kept = await guard.rule("x", rules.RunLine("!reset", Role.OWNER), dry_run=True)
    mo = await guard.signs_in("mo", Role.MODERATOR)
    assert await town.ask("!rule live 1", "mo") == "Rule #1 is live."
    await guard.traced("x marks the spot")
    assert [run.command for run in await until(lambda: heard)] == ["reset"]
    changed = rules.Draft(match="word", pattern="y", actions=kept.actions)
    with pytest.raises(Forbidden, match="runs with the rights of owners here, and you are moderator"):
        await guard.ask(rules.PUT, rules.PutRule(place, 1, kept.version + 1, changed), mo)
    written = await guard.ask(rules.ADD, rules.AddRule(place, rules.Draft(match="word", pattern="z", actions=(
        rules.RunLine("!ban {user}", Role.MODERATOR),
    ))), mo)  # fmt: skip
    assert written.author == "person:person-mo"
