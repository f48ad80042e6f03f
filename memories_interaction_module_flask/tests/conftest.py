"""A community that keeps things, with a clock of its own."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
import pytest_asyncio

from flask_core.contracts import community, router
from flask_core.database import AsyncDAL
from flask_core.datamodels import Role
from flask_core.due_work import DueWork
from flask_core.encryption import Sealer, new_key
from flask_core.errors import NotFound, Unavailable
from flask_core.service_client import ServiceClient
from flask_core.shared_state import open_shared_state
from flask_core.testing.chat import ChatDriver
from flask_core.testing.installation import Installation, environment, installation
from flask_core.testing.plugin import MakeDatabase
from memories_interaction_module_flask.chatting import Memories
from memories_interaction_module_flask.config import Config
from memories_interaction_module_flask.models import Reminder
from memories_interaction_module_flask.reminder_commands import commands
from memories_interaction_module_flask.reminder_loop import reminder_work
from memories_interaction_module_flask.tests.desk import FOLDER as MODULE_FOLDER
from memories_interaction_module_flask.tests.desk import Desk
from memories_interaction_module_flask.wiring import wire

FOLDER = Path(__file__).parents[1]
START = datetime(2026, 3, 11, 17, 0, tzinfo=UTC)


class FakeRouter:
    """Takes actions once per key; `state` is what becomes of them, `away` refuses everything."""

    def __init__(self) -> None:
        self.asked: dict[str, router.ActionsRequest] = {}
        self.state = "done"
        self.states: dict[str, str] = {}
        self.channels: tuple[community.Channel, ...] = ()
        self.accounts: tuple[community.MemberAccount, ...] = ()
        self.away = False

    async def call(self, module: str, operation: object, request: object, **_: object) -> object:
        if isinstance(request, community.MemberOf):
            return community.Member(request.member_id, "grace", "active", Role.VIEWER, self.accounts)
        if isinstance(request, community.CommunityId):
            return community.ChannelList(self.channels)
        if self.away:
            raise Unavailable("The router module is not answering right now.")
        if isinstance(request, router.ActionsRequest):
            self.asked.setdefault(request.idempotency_key, request)
            return router.ActionStates((router.ActionState(1, "chat", "waiting"),))
        assert isinstance(request, router.ActionKey)
        if request.key not in self.asked:
            raise NotFound("Nothing was asked for under this key.")
        state = self.states.get(request.key, self.state)
        return router.ActionStates((router.ActionState(1, "chat", state, "The platform said no."),))

    @property
    def said(self) -> list[str]:
        return [request.actions[0].text for request in self.asked.values()]


@dataclass
class World:
    """The module with its clock and the router that it talks to."""

    chat: ChatDriver
    memories: Memories
    router: FakeRouter
    database: AsyncDAL
    now: datetime = START

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def loop(self, name: str = "replica-1") -> DueWork[Reminder]:
        reminding, router = self.memories.reminding, cast(ServiceClient, self.router)
        return reminder_work(reminding.reminders, reminding.off_air, router, owner=name, now=lambda: self.now)

    async def time_passes(self, **time: float) -> None:
        """Let the loop do what is due then, and hear what became of it."""
        self.later(**time)
        await self.loop().step()
        self.later(seconds=6)
        await self.loop().step()


@pytest.fixture
def world(make_database: MakeDatabase) -> World:
    database = make_database(FOLDER)
    config = Config.from_env(environment("sqlite:///unused.db"))
    sealer = Sealer(new_key())
    found: list[World] = []
    router = FakeRouter()
    memories = wire(
        database, open_shared_state(""), sealer, cast(ServiceClient, router), config, now=lambda: found[0].now
    )
    chat = ChatDriver(commands, memories, database, channel=f"twitch:{secrets.token_hex(3)}:1")
    found.append(World(chat, memories, router, database))
    return found[0]


@pytest.fixture
def chat(world: World) -> ChatDriver:
    return world.chat


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    made: list[Desk] = []

    def prepare(inst: Installation) -> None:
        made.append(Desk(inst))
        made[0].play_the_others(inst)

    async with installation([MODULE_FOLDER], database_url, prepare=prepare):
        yield made[0]
