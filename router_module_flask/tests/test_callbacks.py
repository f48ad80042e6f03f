"""Late answers of third parties: one execution, fifteen minutes, five actions, and nothing that was taken away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import msgspec
import pytest_asyncio

from flask_core.contracts import external, router
from flask_core.datamodels import Chat, Moderate, Origin, Reply
from flask_core.testing.installation import until
from router_module_flask.tests.conftest import Town, town_on
from router_module_flask.tests.test_executors import FUNCTION, grant, register
from router_module_flask.tests.wires import Cloud, says


@pytest_asyncio.fixture
async def cloud() -> AsyncIterator[Cloud]:
    cloud = Cloud()
    await cloud.server.start_server()
    cloud.answers = [says(Reply(pending=True))]
    yield cloud
    await cloud.server.close()


@pytest_asyncio.fixture
async def town(database_url: str, cloud: Cloud) -> AsyncIterator[Town]:
    settings = cloud.settings() | {"PUBLIC_URL": "https://bot.example.com"}
    async with town_on(database_url, settings) as town:
        await register(town, FUNCTION)
        yield town


async def address(town: Town, cloud: Cloud) -> str:
    """Where the module that was just run may answer, as a path of the router."""
    await town.recorded(await town.write("#roll"))
    url = urlsplit(cloud.asked[-1][1]["callback_url"])
    assert (url.scheme, url.netloc) == ("https", "bot.example.com")
    return url.path


async def answer(town: Town, path: str, *actions: Chat | Moderate) -> tuple[int, dict[str, object]]:
    client = town.inst.app("router").test_client()
    got = await client.post(path, data=_encoded(actions))
    body: dict[str, object] = await got.get_json()
    return got.status_code, body


def _encoded(actions: tuple[Chat | Moderate, ...]) -> bytes:
    return msgspec.json.encode({"actions": actions})


async def test_a_late_answer_arrives_as_an_answer_to_the_line(town: Town, cloud: Cloud) -> None:
    path = await address(town, cloud)
    assert await answer(town, path, Chat("Six, at last.")) == (202, {"accepted": 1, "left": 4})
    await until(lambda: town.said)
    (said,) = town.said
    assert (said.action.text, said.action.origin, said.channel) == ("Six, at last.", Origin.EXTERNAL, town.channel)
    assert said.account is not None
    assert said.account.user_id == "dee"


async def test_five_actions_are_taken_and_then_it_is_gone(town: Town, cloud: Cloud) -> None:
    path = await address(town, cloud)
    assert (await answer(town, path, *(Chat(str(n)) for n in range(3))))[0] == 202
    assert (await answer(town, path, *(Chat(str(n)) for n in range(3))))[0] == 410
    assert await answer(town, path, Chat("3"), Chat("4")) == (202, {"accepted": 2, "left": 0})
    status, body = await answer(town, path, Chat("5"))
    assert (status, body["error"]) == (410, "gone")
    await until(lambda: len(town.said) == 5)
    assert [said.action.text for said in town.said] == ["0", "1", "2", "3", "4"]


async def test_after_fifteen_minutes_it_is_gone(town: Town, cloud: Cloud) -> None:
    path = await address(town, cloud)
    callbacks = town.router.executors.callbacks
    clock = callbacks._clock
    callbacks._clock = lambda: clock() + 901
    assert (await answer(town, path, Chat("late")))[0] == 410


async def test_an_address_that_nobody_gave_is_unknown(town: Town, cloud: Cloud) -> None:
    path = await address(town, cloud)
    for wrong in (path[:-3] + "AAA", "/api/v1/callbacks/x", "/api/v1/callbacks/abc.def"):
        assert (await answer(town, wrong, Chat("hi")))[0] == 404
    assert town.said == []


async def test_what_is_taken_away_ends_at_once(town: Town, cloud: Cloud) -> None:
    path = await address(town, cloud)
    await grant(town, "display:show")
    assert (await answer(town, path, Chat("hi")))[0] == 403
    await grant(town, "chat:reply")
    assert (await answer(town, path, Moderate("ban", target="eve")))[0] == 403
    off = router.PutEnablement(town.community_id, "dice", False)
    await town.portal.client.call("router", router.ENABLE, off, acting=town.owner)
    assert (await answer(town, path, Chat("hi")))[0] == 410
    await town.inst.client("marketplace").call("router", external.UNREGISTER, external.ModuleName("dice"))
    assert (await answer(town, path, Chat("hi")))[0] == 410
    assert town.said == []


async def test_nonsense_is_refused_and_uses_nothing_up(town: Town, cloud: Cloud) -> None:
    path = await address(town, cloud)
    client = town.inst.app("router").test_client()
    for nonsense in (b"", b"[]", b'{"actions": [{"type": "nonsense"}]}', b"{" * 1000):
        assert (await client.post(path, data=nonsense)).status_code == 400
    assert (await client.post(path, data=b" " * 70_000)).status_code == 413
    assert await answer(town, path, Chat("Six.")) == (202, {"accepted": 1, "left": 4})


async def test_without_a_public_address_nobody_is_told_to_answer_late(database_url: str, cloud: Cloud) -> None:
    async with town_on(database_url, cloud.settings()) as town:
        await register(town, FUNCTION)
        await town.recorded(await town.write("#roll"))
        assert "callback_url" not in cloud.asked[-1][1]
