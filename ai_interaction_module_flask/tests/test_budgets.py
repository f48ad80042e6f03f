"""Budgets that cannot be overrun, shares of members, and turns."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from ai_interaction_module_flask.budget_repository import Settlement, day_of
from ai_interaction_module_flask.places_in_line import Line
from ai_interaction_module_flask.sweeping import Sweeper
from ai_interaction_module_flask.tests.pond import Pond
from flask_core.auth import utc_now
from flask_core.contracts import ai
from flask_core.datamodels import Role
from flask_core.errors import TooMany
from flask_core.testing.fake_openai import Failure
from flask_core.testing.installation import until

OVER = "That was all the AI for today; it resets at 00:00 UTC."


async def spent(pond: Pond) -> tuple[int, int]:
    return await pond.parts.asking.budgets.spent(pond.here, day_of(utc_now()))


@pytest.mark.promise("ai.4")
async def test_forty_questions_at_once_ask_as_often_as_the_budget_allows(pond: Pond) -> None:
    await pond.choose(budget={"answers": 10})
    said = await asyncio.gather(*(pond.run("what?", f"user{number}") for number in range(40)))
    assert said.count("> Penguins waddle.") == 10
    assert said.count(OVER) == 30
    assert len(pond.model.asked) == 10
    assert (await spent(pond))[0] == 10


@pytest.mark.promise("ai.4")
async def test_what_failed_is_given_back(pond: Pond) -> None:
    await pond.choose(budget={"answers": 1, "per_member": 1})
    pond.model.failures = [Failure(500)]
    assert await pond.run("what?") == "The AI is not answering right now."
    assert await spent(pond) == (0, 0)
    assert await pond.run("what?") == "> Penguins waddle."
    assert (await spent(pond))[0] == 1
    assert await pond.run("what?", "eve") == OVER
    (row,) = (await pond.as_person(ai.USAGE, ai.UsageOf(pond.here))).rows
    assert (row.kind, row.answers, row.failed) == ("ask", 1, 1)
    assert row.tokens_out == 2


async def test_tokens_are_reserved_as_estimated_and_settled_as_used(pond: Pond) -> None:
    await pond.choose(budget={"tokens": 4_000}, max_tokens=500)
    pond.model.holds = asyncio.Event()
    first = asyncio.create_task(pond.run("what?"))
    await until(lambda: pond.model.asked)
    assert 2_000 < (await spent(pond))[1] <= 4_000
    assert await pond.run("what?", "eve") == OVER
    pond.model.holds.set()
    await first
    assert (await spent(pond))[1] < 200


async def test_a_member_has_a_share_and_moderators_need_none(pond: Pond) -> None:
    await pond.choose(budget={"per_member": 2})
    for _ in range(2):
        assert await pond.run("what?") == "> Penguins waddle."
    assert await pond.run("what?") == "You have used your 2 answers for today."
    assert await pond.run("what?", "eve") == "> Penguins waddle."
    for _ in range(3):
        assert await pond.run("what?", "mod", role=Role.MODERATOR) == "> Penguins waddle."


async def test_no_community_exceeds_what_the_operator_allows(pond: Pond) -> None:
    await pond.choose(budget={"answers": 400})
    strict = pond.replica(max_answers_per_day=1)
    await strict.ai.ask(pond.invocation("what?"))
    refused = await strict.ai.ask(pond.invocation("what?", "eve"))
    assert refused.actions[0].text == OVER  # type: ignore[union-attr]


async def test_what_a_crash_left_open_is_given_back_after_a_quarter_of_an_hour(pond: Pond) -> None:
    pond.model.holds = asyncio.Event()
    running = asyncio.create_task(pond.run("what?"))
    await until(lambda: pond.model.asked)
    service, budgets = pond.inst.services["ai"], pond.parts.asking.budgets
    await Sweeper(service.database, budgets, lambda: utc_now() + timedelta(minutes=14)).step()
    assert (await spent(pond))[0] == 1
    await Sweeper(service.database, budgets, lambda: utc_now() + timedelta(minutes=16)).step()
    assert await spent(pond) == (0, 0)
    pond.model.holds.set()
    assert await running == "> Penguins waddle."
    # Given back once, whoever comes later.
    assert await spent(pond) == (0, 0)
    assert not await budgets.settle("nobody", Settlement("said"))


async def test_two_of_a_community_run_at_once_and_twenty_wait() -> None:
    line, gate, there = Line(10), asyncio.Event(), []

    async def stand(community: int) -> None:
        async with line.turn(community):
            there.append(community)
            await gate.wait()

    tasks = [asyncio.create_task(stand(2)) for _ in range(22)]
    await until(lambda: len(there) == 2)
    await asyncio.sleep(0)
    with pytest.raises(TooMany, match="too many questions"):
        async with line.turn(2):
            pass
    other = asyncio.create_task(stand(3))
    await until(lambda: 3 in there)
    gate.set()
    await asyncio.gather(other, *tasks)
    assert there.count(2) == 22
    async with line.turn(2):
        pass


async def test_old_rows_are_forgotten(pond: Pond) -> None:
    await pond.run("what?")
    page = await pond.as_person(ai.ANSWERS, ai.AnswersOf(pond.here))
    assert [one.outcome for one in page.items] == ["said"]
    service = pond.inst.services["ai"]
    await Sweeper(service.database, pond.parts.asking.budgets, lambda: utc_now() + timedelta(days=31)).step()
    assert (await pond.as_person(ai.ANSWERS, ai.AnswersOf(pond.here))).total == 0
    usage = ai.UsageOf(pond.here)
    assert len((await pond.as_person(ai.USAGE, usage)).rows) == 1
    await Sweeper(service.database, pond.parts.asking.budgets, lambda: utc_now() + timedelta(days=401)).step()
    assert (await pond.as_person(ai.USAGE, usage)).rows == ()
