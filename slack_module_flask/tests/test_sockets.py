"""Socket Mode: sockets are claimed, acknowledged when an event is kept, and replaced before they end."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from flask_core.contracts.slack import Step
from flask_core.errors import TooMany, Unavailable
from flask_core.shared_state import open_shared_state
from flask_core.testing.installation import until
from slack_module_flask.budgets import Budgets
from slack_module_flask.tests.conftest import Town, living


async def test_as_many_sockets_as_wanted_are_open_and_the_tile_says_so(town_by_socket: Town) -> None:
    status = await town_by_socket.status()
    assert (status.transport, status.sockets, status.sockets_wanted) == ("Socket Mode", 2, 2)
    assert Step("Connection", "ok", "2 open over Socket Mode in this process.") in status.steps


async def test_a_command_over_a_socket_is_answered(town_by_socket: Town) -> None:
    said = await town_by_socket.answer("!commands", "U2")
    assert said["channel"] == "C1"
    assert town_by_socket.slack.deliveries.retries == 0


@pytest.mark.promise("slack.17")
async def test_nothing_is_missed_over_ten_refreshes(town_by_socket: Town) -> None:
    town = town_by_socket
    sockets = town.slack.sockets
    told = []
    for number in range(10):
        opened = sockets.opened
        await sockets.refresh()
        told += await asyncio.gather(*(town.say(f"line {number}.{part}", "U2") for part in range(4)))
        await until(lambda before=opened: sockets.opened > before and len(sockets.open) == 2, "the successor")
    assert all(one.taken for one in told)
    assert (sockets.redelivered, sockets.most_open) == (0, 3)
    traces = await town.settled(40)
    assert sorted(trace.text for trace in traces) == sorted(f"line {n}.{p}" for n in range(10) for p in range(4))


async def test_a_socket_that_dies_is_opened_again(town_by_socket: Town) -> None:
    sockets = town_by_socket.slack.sockets
    await sockets.drop()
    await until(lambda: len(sockets.open) == 2, "another socket")
    assert (await town_by_socket.say("hello", "U2")).taken


async def test_what_could_not_be_kept_is_not_acknowledged_and_comes_again(town_by_socket: Town) -> None:
    town = town_by_socket
    town.slack.sockets.seconds = 0.3
    away = town.inst.runtime.modules.pop("router")
    database = town.inst.services["slack"].database
    working, failures = database.write, []

    async def broken(unit: object) -> object:
        if len(failures) == 2:
            town.inst.runtime.modules["router"] = away
            return await working(unit)  # type: ignore[arg-type]
        failures.append(unit)
        raise Unavailable("The database is away.")

    database.write = broken  # type: ignore[method-assign, assignment]
    told = await town.say("!quote", "U2")
    database.write = working  # type: ignore[method-assign]
    assert told.statuses == [0, 0, 200]
    assert [trace.text for trace in await town.settled(1)] == ["!quote"]


async def test_a_token_that_slack_does_not_take_is_named_on_the_tile(tmp_path: Path) -> None:
    async with living(f"sqlite://{tmp_path}/t.db", SLACK_APP_TOKEN="xapp-wrong") as town:
        async with asyncio.timeout(10):
            while "SLACK_APP_TOKEN" not in (await town.status()).reason:  # noqa: ASYNC110 - its own state
                await asyncio.sleep(0.02)
        assert town.slack.sockets.opened == 0


async def test_on_either_database_a_line_is_one_line(database_url: str) -> None:
    async with living(database_url, sockets=True) as town:
        await until(lambda: len(town.slack.sockets.open) == 2, "two sockets")
        line = town.slack.deliveries.message("C1", "U2", "!commands")
        payload = town.slack.deliveries.wrapped(town.team, line, "Ev5")
        for _ in range(2):
            assert (await town.slack.deliveries.send("events_api", payload)).taken
        await until(lambda: town.slack.said, "the answer")
        assert [trace.text for trace in await town.settled(1)] == ["!commands"]
        assert (await town.command("status")).startswith("*Penguins*")


async def test_replicas_share_one_budget_in_redis(redis_url: str) -> None:
    here, there = open_shared_state(redis_url), open_shared_state(redis_url)
    team = f"T{time.time_ns()}"
    for state in (here, there, here):
        await Budgets(state).spend(team, "C1")
    with pytest.raises(TooMany) as full:
        await Budgets(there).spend(team, "C1")
    assert 0 < (full.value.retry_after or 0) <= 1
    await Budgets(there).spend(team, "C2")
    for state in (here, there):
        await state.close()
