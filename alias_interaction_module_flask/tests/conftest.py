"""The module alone, spoken to in chat; and a whole street with the router in it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio

from alias_interaction_module_flask import alias_commands, counter_commands  # noqa: F401 (declare their commands)
from alias_interaction_module_flask.chatting import Alias
from alias_interaction_module_flask.commands import commands
from alias_interaction_module_flask.config import Config
from alias_interaction_module_flask.push_repository import Push
from alias_interaction_module_flask.tests.street import FOLDERS, Street, play
from alias_interaction_module_flask.wiring import AliasParts, wire
from flask_core.contracts import names
from flask_core.database import AsyncDAL
from flask_core.datamodels import (
    Account,
    ChannelRef,
    Chat,
    CommunityRef,
    Event,
    Invocation,
    MemberRef,
    MessageType,
    Role,
)
from flask_core.due_work import DueWork
from flask_core.errors import InvalidInput, ServiceError, Unavailable
from flask_core.executions import Executions
from flask_core.http_client import HttpClient
from flask_core.service_client import ServiceClient
from flask_core.shared_state import open_shared_state
from flask_core.testing.chat import ChatDriver
from flask_core.testing.installation import environment, installation
from flask_core.testing.plugin import MakeDatabase

FOLDER = Path(__file__).parents[1]
START = datetime(2026, 3, 11, 17, 0, tzinfo=UTC)


@dataclass
class Others:
    """The other modules as alias sees them: `modules` are words with their owners, `answers` by kind of question.

    Questions without an answer are refused, and all of them while `away`; `refuses` is said to every set.
    """

    modules: dict[str, str] = field(default_factory=lambda: {"weather": "echo", "quote": "memories", "cmd": "alias"})
    pushed: list[names.DynamicCommands] = field(default_factory=list)
    answers: dict[type, Callable[[Any], object]] = field(default_factory=dict)
    away: bool = False
    refuses: str = ""

    async def call(self, module: str, operation: object, request: object, **_: object) -> object:
        if self.away:
            raise Unavailable(f"The {module} module is not answering right now.")
        if isinstance(request, names.NamesAsked):
            return names.NamesTaken({word: self.modules[word] for word in request.words if word in self.modules})
        if type(request) in self.answers:
            return self.answers[type(request)](request)
        if not isinstance(request, names.DynamicCommands):
            raise Unavailable(f"The {module} module is not answering right now.")
        if self.refuses:
            raise InvalidInput(self.refuses)
        self.pushed.append(request)
        return names.DynamicState(request.version, tuple(i.name for i in request.items if i.name in self.modules))


@dataclass
class World:
    """The module with its clock and the others that it talks to."""

    chat: ChatDriver
    parts: AliasParts
    others: Others
    database: AsyncDAL
    now: datetime = START
    _ids: Iterator[int] = field(default_factory=itertools.count)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def in_community(self, community_id: int) -> ChatDriver:
        """The same module, spoken to in another community."""
        return replace(self.chat, community=CommunityRef(community_id, "Otters", "UTC", "en"))

    def limited(self, most: int) -> Alias:
        """What handlers find where a community may have that many commands."""
        alias = self.parts.alias
        return replace(alias, entries=replace(alias.entries, max_commands=most))

    def replica(self, name: str) -> DueWork[Push]:
        """A process that tells the router what is new."""
        return self.parts.pushing.loop(name)

    async def runs(
        self, name: str, words: str = "", *, role: str = "viewer", execution_id: str = "", guest: bool = False
    ) -> str:
        """Somebody uses an own command, as the router hands it over; what is said, or the refusal."""
        driver, number = self.chat, next(self._ids)
        account = Account("dee", "dee", "dee")
        line = f"!{name} {words}".strip()
        event = Event(f"test:{number}", MessageType.CHAT, driver.channel, self.now, account, line)
        invocation = Invocation(
            execution_id=execution_id or f"run {number}",
            community=driver.community,
            channel=ChannelRef(driver.channel, driver.live),
            member=MemberRef("member-dee", Role.named(role), account, "console", guest=guest),
            event=event,
            invoked_as=name,
            command=name,
            arguments={"words": words} if words else {},
            text=line,
        )
        try:
            reply = await Executions(self.database).once(
                invocation.execution_id, lambda: commands.run(driver.service, invocation)
            )
        except ServiceError as refused:
            return refused.message
        driver.actions = list(reply.actions)
        return next((action.text for action in reply.actions if isinstance(action, Chat)), "")

    async def say(self, line: str, role: str = "moderator", **options: Any) -> str:
        """A moderator's line, unless another role is named."""
        return await self.chat.say(line, role=role, **options)


@pytest.fixture
def world(make_database: MakeDatabase) -> World:
    database = make_database(FOLDER)
    others, found = Others(), list[World]()
    config = Config.from_env(environment("sqlite:///unused.db"))
    shared = open_shared_state("")
    services, http = cast(ServiceClient, others), HttpClient(shared)
    parts = wire(database, services, shared, http, config, now=lambda: found[0].now)
    found.append(World(ChatDriver(commands, parts.alias, database), parts, others, database))
    return found[0]


@pytest_asyncio.fixture
async def street(database_url: str) -> AsyncIterator[Street]:
    streets: list[Street] = []
    async with installation(FOLDERS, database_url, prepare=lambda inst: streets.append(play(inst))):
        await streets[0].settle_in()
        yield streets[0]
