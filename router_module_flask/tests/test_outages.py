"""Databases and communities that are away: who asks is told, what waits is answered when they are back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from quart.typing import ResponseTypes

from flask_core.contracts import module, router
from flask_core.datamodels import Event, Invocation, Reply
from flask_core.errors import Unavailable
from flask_core.operations import Caller
from flask_core.testing.installation import until
from flask_core.testing.servers import PostgresServer, running
from router_module_flask.tests.conftest import Town, town_on


async def post(town: Town, event: Event) -> ResponseTypes:
    """As a trigger does it, over HTTP."""
    token = town.portal._tokens.issue("router")
    client = town.inst.app("router").test_client()
    body = msgspec.json.encode(router.batch_of([event]))
    return await client.post("/api/v1/events", data=body, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One of our own, that may be killed."""
    with running(PostgresServer(durable=False)) as server:
        yield server


@pytest_asyncio.fixture
async def fragile(server: PostgresServer) -> AsyncIterator[Town]:
    async with town_on(server.url) as town:
        yield town
        await asyncio.to_thread(server.start)


async def test_while_the_database_is_away_triggers_are_told_to_come_again(
    fragile: Town, server: PostgresServer
) -> None:
    assert await fragile.ask("!echo before") == "Dee said !echo before"
    server.kill()
    event = fragile.event("!echo after")
    refused = await post(fragile, event)
    assert (refused.status_code, (await refused.get_json())["error"]) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) >= 1
    client = fragile.inst.app("router").test_client()
    assert (await client.get("/health")).status_code == 200
    ready = await client.get("/ready")
    assert (ready.status_code, list((await ready.get_json())["missing"])) == (503, ["database"])
    await asyncio.to_thread(server.start)
    accepted = await post(fragile, event)
    assert (accepted.status_code, (await accepted.get_json())["results"][0]["outcome"]) == (202, "accepted")
    await until(lambda: len(fragile.said) == 2)
    assert fragile.said[-1].action.text == "Dee said !echo after"


async def test_what_was_under_way_when_the_database_died_is_answered_once_it_is_back(
    fragile: Town, server: PostgresServer
) -> None:
    goes_on, runs = asyncio.Event(), []

    async def execute(asked: Invocation, _: Caller) -> Reply:
        runs.append(asked.execution_id)
        await goes_on.wait()
        return Reply.chat("here I am")

    fragile.echo.endpoints = type(fragile.echo.endpoints)()
    fragile.echo.offers(module.EXECUTE)(execute)
    await fragile.write("!echo hi")
    await until(lambda: runs)
    await asyncio.to_thread(server.kill)
    goes_on.set()
    await until(lambda: not fragile.router.worker._under_way)
    assert fragile.said == []
    await asyncio.to_thread(server.start)
    fragile.router.log._now = lambda: datetime.now(UTC) + timedelta(seconds=30)  # type: ignore[attr-defined]
    await until(lambda: fragile.said)
    assert [delivery.action.text for delivery in fragile.said] == ["here I am"]
    assert len(runs) == 2
    assert len(set(runs)) == 1


async def test_the_worker_waits_for_its_log_and_goes_on_when_it_is_back(town: Town) -> None:
    read, asked = town.router.log.read, []

    async def away() -> list[Any]:
        asked.append(1)
        raise Unavailable("The event log is not answering right now.")

    town.router.log.read = away  # type: ignore[method-assign]
    await town.write("!echo hi")
    await until(lambda: asked)
    town.router.log.read = read  # type: ignore[method-assign]
    await until(lambda: town.said)


class Away:
    """A module that cannot be reached, or takes requests and never answers."""

    def __init__(self, *, hangs: bool) -> None:
        self.hangs = hangs
        self.asked = 0

    async def serve(self, key: object, token: str, body: bytes) -> bytes:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        raise Unavailable("The community module is not answering right now.")


@asynccontextmanager
async def community_away(town: Town, *, hangs: bool = False) -> AsyncIterator[Away]:
    modules: dict[str, Any] = town.inst.runtime.modules  # type: ignore[assignment]
    there, away = modules["community"], Away(hangs=hangs)
    modules["community"] = away
    yield away
    modules["community"] = there


async def test_while_community_is_away_what_is_known_of_people_is_good_for_ten_minutes(town: Town) -> None:
    await town.ask("!echo hi")
    clock = town.router.contexts._clock
    async with community_away(town) as away:
        town.router.contexts._clock = lambda: clock() + 600
        assert await town.ask("!echo still here") == "Dee said !echo still here"
        assert away.asked
        town.router.contexts._clock = lambda: clock() + 700
        await town.write("!echo much later")
        await until(lambda: away.asked > 2)
        assert len(town.said) == 2
    await until(lambda: len(town.said) == 3)
    assert town.said[-1].action.text == "Dee said !echo much later"


@pytest.mark.parametrize("hangs", [False, True])
async def test_of_whom_nothing_is_known_nothing_runs_until_community_is_back(
    town: Town, hangs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("router_module_flask.contexts.PATIENCE", 0.1)
    async with community_away(town, hangs=hangs) as away:
        await town.write("!echo first words", user="newcomer")
        await town.write("!echo second words", user="newcomer")
        await until(lambda: away.asked > 1)
        assert (town.runs, town.said) == ([], [])
    await until(lambda: len(town.said) == 2)
    assert [run.text for run in town.runs] == ["!echo first words", "!echo second words"]
