"""Programs that answer later: where they may, how often, and what becomes of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from quart import Quart

from alias_interaction_module_flask.fetching.pages import response_pages
from alias_interaction_module_flask.fetching.response_repository import ResponseRepository
from alias_interaction_module_flask.fetching.responses import PATH, Responses
from alias_interaction_module_flask.tests.conftest import FOLDER
from flask_core.api_utils import render_errors
from flask_core.contracts.router import ActionsRequest
from flask_core.database import AsyncDAL
from flask_core.datamodels import Chat, Origin
from flask_core.errors import Unavailable, UnknownOutcome
from flask_core.testing.plugin import MakeDatabase

PUBLIC = "https://bot.test"


class Town:
    """A router that notes what it was asked to say, and a clock."""

    def __init__(self, database: AsyncDAL) -> None:
        self.now = datetime(2026, 3, 13, 19, tzinfo=UTC)
        self.said: list[ActionsRequest] = []
        self.trouble: Exception | None = None
        self.repository = ResponseRepository(database)
        self.responses = Responses(self.repository, self.say, public_url=PUBLIC, now=lambda: self.now)
        app = Quart(__name__)
        render_errors(app)
        app.register_blueprint(response_pages(self.responses))
        self.client = app.test_client()

    async def say(self, request: ActionsRequest) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.said.append(request)

    async def address(self) -> str:
        return (await self.responses.open(2, "run-1", "twitch:adas")).removeprefix(PUBLIC)

    async def post(self, address: str, message: str = "hi") -> int:
        return (await self.client.post(address, form={"message": message})).status_code

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @property
    def texts(self) -> list[str]:
        return [action.text for request in self.said for action in request.actions if isinstance(action, Chat)]


@pytest.fixture
def town(make_database: MakeDatabase) -> Town:
    return Town(make_database(FOLDER))


async def test_a_late_answer_is_said_where_the_command_was_as_a_strangers_text(town: Town) -> None:
    address = await town.address()
    assert address.startswith(PATH)
    assert await town.post(address, " it is\n12 °C ") == 202
    (request,) = town.said
    assert (request.community_id, request.target.channel) == (2, "twitch:adas")
    assert request.actions == (Chat("it is 12 °C", reply=False, origin=Origin.EXTERNAL),)


async def test_json_is_taken_too(town: Town) -> None:
    answer = await town.client.post(await town.address(), json={"message": "👩\u200d🚀"})
    assert (answer.status_code, await answer.get_json()) == (202, {"uses_left": 2})
    assert town.texts == ["👩\u200d🚀"]


async def test_three_messages_five_seconds_apart_and_no_more(town: Town) -> None:
    address = await town.address()
    assert await town.post(address, "1") == 202
    town.later(3)
    refused = await town.client.post(address, form={"message": "x"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
    for message in ("2", "3"):
        town.later(5)
        assert await town.post(address, message) == 202
    town.later(5)
    assert await town.post(address) == 410
    assert town.texts == ["1", "2", "3"]
    assert len({request.idempotency_key for request in town.said}) == 3


async def test_after_a_quarter_of_an_hour_it_is_over(town: Town) -> None:
    address = await town.address()
    town.later(15 * 60)
    assert await town.post(address) == 410
    assert await town.repository.forget(town.now + timedelta(seconds=1)) == 1
    assert await town.post(address) == 410


async def test_addresses_that_are_none_of_ours_are_over_too(town: Town) -> None:
    address = await town.address()
    for stranger in (PATH + "x", PATH + "x" * 43, address[:-1], address + "x"):
        assert await town.post(stranger) == 410
    assert await town.post(address) == 202


async def test_of_many_at_once_one_is_said(town: Town) -> None:
    address = await town.address()
    statuses = await asyncio.gather(*(town.post(address, str(number)) for number in range(8)))
    assert sorted(statuses) == [202] + [429] * 7
    assert len(town.said) == 1


@pytest.mark.parametrize("message", ["", " \n\t", "x" * 401])
async def test_what_cannot_be_said_uses_nothing_up(town: Town, message: str) -> None:
    address = await town.address()
    assert await town.post(address, message) == 400
    assert (await town.client.post(address, data=b"{", headers={"Content-Type": "application/json"})).status_code == 400
    assert (await town.client.post(address, json={"message": 1})).status_code == 400
    assert (await town.client.post(address, form={"message": "x" * 9000})).status_code == 413
    assert await town.post(address, "x" * 400) == 202


async def test_while_the_router_is_away_nothing_is_used_up(town: Town) -> None:
    address = await town.address()
    town.trouble = Unavailable("The router is not answering right now.")
    assert await town.post(address) == 503
    town.trouble = None
    for message in ("1", "2", "3"):
        assert await town.post(address, message) == 202
        town.later(5)
    assert town.texts == ["1", "2", "3"]


async def test_what_may_have_been_said_was_said(town: Town) -> None:
    address = await town.address()
    town.trouble = UnknownOutcome("Nobody knows.")
    assert await town.post(address) == 503
    town.trouble = None
    assert await town.post(address) == 429
    town.later(5)
    assert await town.post(address) == 202
    town.later(5)
    assert await town.post(address) == 202
    town.later(5)
    assert await town.post(address) == 410


async def test_the_database_holds_no_address(town: Town) -> None:
    token = (await town.address()).removeprefix(PATH)
    rows = await town.repository._database.read(lambda tx: list(tx.rows("SELECT * FROM response_tokens")))
    assert len(rows) == 1
    assert token not in repr(rows)


async def test_without_a_public_address_none_is_offered(town: Town) -> None:
    nowhere = Responses(town.repository, town.say, public_url="")
    assert await nowhere.open(2, "run-1", "twitch:adas") == ""
