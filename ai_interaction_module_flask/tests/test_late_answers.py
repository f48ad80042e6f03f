"""Answers that take longer than the router waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from importlib import import_module

import pytest
import pytest_asyncio

from ai_interaction_module_flask.tests.pond import Pond, pond_on, words
from ai_interaction_module_flask.wiring import Parts
from flask_core.auth import utc_now
from flask_core.datamodels import Chat
from flask_core.due_delivery import RouterDelivery
from flask_core.due_work import DueWork
from flask_core.testing.fake_openai import Failure
from flask_core.testing.installation import until


@pytest_asyncio.fixture
async def slow(database_url: str) -> AsyncIterator[Pond]:
    """A pond whose model waits for `holds`."""
    async with pond_on(database_url) as pond:
        pond.model.holds = asyncio.Event()
        yield pond


def said(pond: Pond) -> list[str]:
    return [delivery.action.text for delivery in pond.town.said if isinstance(delivery.action, Chat)]


def loop_of(pond: Pond, parts: Parts, **later: float) -> DueWork:  # type: ignore[type-arg]
    def now():  # type: ignore[no-untyped-def]
        return utc_now() + timedelta(**later)

    client = pond.inst.services["ai"].services
    return DueWork(parts.jobs, RouterDelivery(client, parts.ai.answering.request, now=now), now=now)


@pytest.mark.promise("ai.6")
async def test_a_slow_answer_is_promised_and_said_once(slow: Pond) -> None:
    replica = slow.replica(patience=0.05)
    invocation = slow.invocation("what?")
    reply = await replica.ai.ask(invocation)
    assert reply.pending
    assert reply.actions == ()
    # The router asks again before the answer is there: it is promised again, and no model asked.
    assert (await replica.ai.ask(invocation)).pending
    assert said(slow) == []
    assert slow.model.holds is not None
    slow.model.holds.set()
    await until(lambda: said(slow))
    await slow.town.router.deliveries.settle()
    assert said(slow) == ["> Penguins waddle."]
    assert len(slow.model.asked) == 1
    action = slow.town.said[0].action
    assert isinstance(action, Chat)
    assert (action.mention, action.reply) == (True, False)
    assert slow.town.said[0].idempotency_key.startswith("ai:")
    assert words(await replica.ai.ask(invocation)) == "> Penguins waddle."


@pytest.mark.promise("ai.6")
async def test_when_the_worker_dies_another_asks_once_more(slow: Pond) -> None:
    replica = slow.replica(patience=0.05)
    assert (await replica.ai.ask(slow.invocation("what?"))).pending
    await until(lambda: slow.model.asked)
    # It dies as a process does: nothing of it is ever finished.
    for task in replica.ai.answering.running():
        task.cancel()
    await until(lambda: slow.model.left == 1)
    assert slow.model.holds is not None
    slow.model.holds.set()
    # Before its time is over the row is nobody else's.
    assert await loop_of(slow, slow.replica()).step() == 0
    await loop_of(slow, slow.replica(), seconds=120).step()
    await slow.town.router.deliveries.settle()
    assert said(slow) == ["> Penguins waddle."]
    assert len(slow.model.asked) == 2


async def test_when_nobody_knows_the_question_any_more_that_is_told(slow: Pond) -> None:
    replica = slow.replica(patience=0.05)
    invocation = slow.invocation("what?")
    assert (await replica.ai.ask(invocation)).pending
    for task in replica.ai.answering.running():
        task.cancel()
    await slow.inst.services["ai"].shared.delete(f"ai:asked:{invocation.execution_id}")
    await loop_of(slow, slow.replica(), seconds=120).step()
    await slow.town.router.deliveries.settle()
    assert said(slow) == ["The AI is not answering right now."]


async def over(pond: Pond, replica: Parts) -> list[str]:
    """What became of all rows, once they are over."""
    database = pond.inst.services["ai"].database
    async with asyncio.timeout(10):
        while True:
            rows = await database.read(lambda tx: tx.rows("SELECT status FROM ai_jobs ORDER BY id"))
            states = [row[0] for row in rows]
            if not {"waiting", "handed_over"} & set(states):
                return states
            await loop_of(pond, replica, seconds=6).step()


async def test_a_slow_mention_is_answered_later_or_never(slow: Pond) -> None:
    replica = slow.replica(patience=0.05)
    mention = slow.invocation("@waddlebot what?", command="")
    assert (await replica.ai.hear(mention)).pending
    assert slow.model.holds is not None
    slow.model.holds.set()
    assert await over(slow, replica) == ["delivered"]
    assert said(slow) == ["> Penguins waddle."]
    # What is over comes again as it was.
    assert words(await replica.ai.hear(mention)) == "> Penguins waddle."
    slow.model.holds.clear()
    slow.model.failures = [Failure(500)]
    assert (await replica.ai.answering.run(slow.invocation("@waddlebot?", command=""), quiet=True)).pending
    await until(lambda: len(slow.model.asked) == 2)
    slow.model.holds.set()
    assert await over(slow, replica) == ["delivered", "skipped"]
    assert len(said(slow)) == 1


async def test_an_answer_ends_after_its_hard_limit(slow: Pond) -> None:
    # What a first question loads is not what its limit is about.
    import_module("ai_interaction_module_flask.pydantic_model")
    replica = slow.replica(timeout=1.0)
    assert words(await replica.ai.ask(slow.invocation("what?"))) == "That took too long, sorry."
    assert (await replica.asking.budgets.spent(slow.here, utc_now().date().isoformat()))[0] == 0
    await until(lambda: slow.model.left == 1)


async def test_no_words_are_kept_in_the_database(slow: Pond) -> None:
    replica = slow.replica(patience=0.05)
    assert (await replica.ai.ask(slow.invocation("my secret is herring"))).pending
    assert slow.model.holds is not None
    slow.model.holds.set()
    await until(lambda: said(slow))
    database = slow.inst.services["ai"].database
    for table in ("ai_answers", "ai_jobs", "executions", "ai_usage", "audit"):
        rows = str(await database.read(lambda tx, table=table: tx.rows(f"SELECT * FROM {table}")))  # type: ignore[misc]
        assert "herring" not in rows
        assert "waddle" not in rows
