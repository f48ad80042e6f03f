"""What Slack tells while the router is slow or away."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from flask_core.contracts import router
from flask_core.datamodels import Event
from flask_core.errors import Unavailable
from flask_core.testing.installation import FakeModule, until
from slack_module_flask.tests.conftest import Town, living

ALONE = ["slack_module_flask"]


class SlowAtFirst:
    """A router that needs ten seconds for every answer, or gives none, until it is well."""

    def __init__(self, module: FakeModule, *, away: bool = False) -> None:
        self.well = asyncio.Event()
        self.taken: list[str] = []

        @module.offers(router.INGEST)
        async def ingest(batch: router.RawBatch, _: object) -> router.IngestAnswer:
            if not self.well.is_set():
                if away:
                    raise Unavailable("away")
                await asyncio.sleep(10)
            events = [msgspec.json.decode(raw, type=Event) for raw in batch.events]
            self.taken += [event.text for event in events]
            return router.IngestAnswer(tuple(router.IngestResult(e.event_id, router.Outcome.ACCEPTED) for e in events))


@pytest.mark.promise("slack.3")
async def test_a_slow_router_costs_slack_no_deadline_and_no_event(tmp_path: Path) -> None:
    async with living(f"sqlite://{tmp_path}/t.db", folders=ALONE) as town:
        slow = SlowAtFirst(town.inst.fake("router"))
        await known(town)
        town.slack.deliveries.seconds = 2.5
        told = await town.say("hello", "U2")
        assert told.statuses == [200]
        slow.well.set()
        await until(lambda: slow.taken, "the line out of the spool")
        assert slow.taken == ["hello"]


@pytest.mark.promise("slack.3")
async def test_lines_arrive_in_order_when_the_router_is_back(tmp_path: Path) -> None:
    async with living(f"sqlite://{tmp_path}/t.db", folders=ALONE) as town:
        away = SlowAtFirst(town.inst.fake("router"), away=True)
        await known(town)
        lines = [f"line {number}" for number in range(50)]
        for line in lines:
            assert (await town.say(line, "U2")).statuses == [200]
        assert (await town.status()).spooled == 50
        away.well.set()
        await until(lambda: len(away.taken) == 50, "all lines")
        assert away.taken == lines


async def test_who_asks_meanwhile_hears_that_the_answer_will_come(tmp_path: Path) -> None:
    async with living(f"sqlite://{tmp_path}/t.db", folders=ALONE) as town:
        away = SlowAtFirst(town.inst.fake("router"), away=True)
        await known(town)
        assert await town.command("quote") == "I will answer as soon as I can."
        away.well.set()
        await until(lambda: away.taken, "the command out of the spool")
        assert away.taken == ["!quote"]


async def known(town: Town) -> None:
    """The workspace is there."""
    await until(lambda: "users.list" in town.slack.calls, "the workspace to be known")
