"""Several replicas of the module over one database and one shared state, in memory and in Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from browser_source_core_module_flask.tests.conftest import HERE, LIVE, Studio, card, opened_studio
from flask_core.contracts import browser_source as contract
from flask_core.errors import Unavailable
from flask_core.shared_state import SharedState, open_shared_state


@pytest.fixture(params=["memory", "redis"])
def shared_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    if request.param == "memory":
        return {"shared": open_shared_state("")}
    return {"shared": open_shared_state(request.getfixturevalue("redis_url"))}


@pytest_asyncio.fixture
async def pair(
    database_url: str, schema_name: str, shared_options: dict[str, Any]
) -> AsyncIterator[tuple[Studio, Studio]]:
    shared: SharedState = shared_options["shared"]
    # Redis outlives the test; what an earlier one left behind is not of this community's first hour.
    await shared.delete(f"overlay:seq:{HERE}:live", f"overlay:paused:{HERE}:live")
    options = {**shared_options, "settings": {"WADDLEBOT_ENCRYPTION_KEYS": KEYS}}
    async with (
        opened_studio(database_url, schema_name, **options) as one,
        opened_studio(database_url, schema_name, **options) as two,
    ):
        yield one, two
    await shared.close()


KEYS = __import__("flask_core.encryption", fromlist=["new_key"]).new_key()


async def test_pages_on_both_replicas_show_the_same_once_in_the_same_order(pair: tuple[Studio, Studio]) -> None:
    one, two = pair
    secret = await one.overlay()
    async with one.page(secret) as here, two.page(secret) as there:
        await here.says_hello()
        await there.says_hello()
        for number, studio in enumerate((one, two, one, two)):
            await studio.display(card(f"card {number}", seconds=0.05))
        heard = []
        for screen in (here, there):
            heard.append(
                [(m["type"], m["number"], m["seq"]) for m in [await screen.hears("show", "hide") for _ in "x" * 8]]
            )
    assert heard[0] == heard[1]
    assert [number for kind, number, _ in heard[0] if kind == "show"] == [1, 2, 3, 4]


async def test_a_page_that_moves_to_the_other_replica_gets_what_is_on_screen(pair: tuple[Studio, Studio]) -> None:
    one, two = pair
    secret = await one.overlay()
    async with one.page(secret) as screen:
        await screen.says_hello()
        await two.display(card("stays", seconds=0))
        await screen.hears("show")
    async with two.page(secret) as screen:
        assert [item["data"]["title"] for item in (await screen.says_hello())["items"]] == ["stays"]


async def test_pausing_on_one_replica_holds_on_the_other(pair: tuple[Studio, Studio]) -> None:
    one, two = pair
    await one.ask(contract.CONTROL, contract.Control(HERE, "pause"))
    assert (await two.ask(contract.ITEMS, contract.ListItems(HERE))).paused


async def test_rotating_now_on_one_replica_ends_pages_on_the_other(pair: tuple[Studio, Studio]) -> None:
    one, two = pair
    secret = await one.overlay()
    async with two.page(secret) as screen:
        await screen.says_hello()
        await one.ask(contract.ROTATE, contract.Rotate(HERE, 1, now=True))
        assert await screen.closed_with() == 1008


async def test_lanes_survive_a_subscription_that_breaks(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    from browser_source_core_module_flask import showrunner

    monkeypatch.setattr(showrunner, "_AGAIN_SECONDS", 0.01)
    shared, whole = studio.inst.runtime.shared, []
    assert shared is not None
    original = shared.subscribe

    def breaking(*topics: str) -> Any:
        if not whole:
            whole.append(topics)
            raise Unavailable("Messages came faster than they were read. Subscribe again.")
        return original(*topics)

    monkeypatch.setattr(shared, "subscribe", breaking)
    async with studio.page(await studio.overlay()) as screen:
        await screen.says_hello()
        await studio.display(card("still here", seconds=0))
        assert await screen.hears("show", "state")
        await screen.says("resync")
    assert whole == [(f"overlay:{LIVE[0]}:{LIVE[1]}",)]
