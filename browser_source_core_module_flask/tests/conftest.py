"""Overlays with a clock of their own, and the whole module with pages that listen."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from quart.testing.connections import TestWebsocketConnection
from quart.typing import TestWebsocketConnectionProtocol

from browser_source_core_module_flask.commands import commands
from browser_source_core_module_flask.item_repository import ItemRepository
from browser_source_core_module_flask.overlay_repository import OverlayRepository
from browser_source_core_module_flask.pages import Audience, Page
from browser_source_core_module_flask.screens import Screens
from browser_source_core_module_flask.showrunner import Showrunner
from flask_core.contracts import browser_source as contract
from flask_core.contracts import community
from flask_core.contracts.module import EventBatch, EventsTaken, ScoredEvent
from flask_core.database import AsyncDAL
from flask_core.datamodels import Account, Event, General, Media, MessageType, Role, Ticker
from flask_core.encryption import Sealer, new_key
from flask_core.operations import Acting, Caller
from flask_core.shared_state import SharedState, open_shared_state
from flask_core.testing.chat import ChatDriver
from flask_core.testing.databases import forget_schema
from flask_core.testing.installation import Installation, installation
from flask_core.testing.plugin import MakeDatabase

FOLDER = Path(__file__).parents[1]
START = datetime(2026, 3, 11, 17, 0, tzinfo=UTC)
HERE = 2
LIVE = (HERE, "live")
_numbers = itertools.count(1)


def card(title: str, *, key: str = "", here: int = HERE, priority: int = 5, seconds: float = 10) -> contract.Display:
    """A card to show, under a key of its own unless one is given."""
    action = General("card", {"title": title}, seconds)
    return contract.Display(here, key or f"card-{next(_numbers)}", action, "memories", priority)


def show(action: General | Media | Ticker, *, stage: contract.Stage = "live", here: int = HERE) -> contract.Display:
    """Any action to show."""
    return contract.Display(here, f"action-{next(_numbers)}", action, "router", stage=stage)


def happened(kind: MessageType, name: str = "Kim", *, event_id: str = "", **fields: Any) -> Event:
    """Something that the overlay alerts about."""
    account = Account(name.lower(), name.lower(), name) if name else None
    return Event(event_id or f"twitch:{next(_numbers)}", kind, "twitch:1:2", START, account, **fields)


@dataclass
class World:
    """The rules with a clock that the test moves; lanes step when time passes."""

    screens: Screens
    chat: ChatDriver
    audience: Audience
    database: AsyncDAL
    shared: SharedState
    now: datetime = START
    free_at: dict[str, datetime] = field(default_factory=dict)

    def a_page_opens(self, stage: str = "live", overlay_id: int = 1, widget: str = "all") -> Page:
        page = Page(overlay_id, stage, widget, None)
        self.audience.join((HERE, stage), page)
        return page

    async def time_passes(self, seconds: float = 0, stage: str = "live") -> None:
        self.now += timedelta(seconds=seconds)
        await self.screens.runner.step((HERE, stage), self.free_at)

    async def items(self, state: str = "", stage: str = "live") -> list[contract.Item]:
        return await self.screens.items.listed(HERE, stage, "", state)

    async def on_screen(self, stage: str = "live") -> list[str]:
        """The titles on screen."""
        return [item["data"]["title"] for item in await self.screens.runner.state((HERE, stage))]

    async def show(self, *displays: contract.Display) -> list[int]:
        return [shown.number for shown in (await self.screens.show(displays)).results]

    async def hear(self, *events: Event, simulated: bool = False) -> EventsTaken:
        scored = (ScoredEvent(event, HERE, simulated=simulated) for event in events)
        return await self.screens.hear(EventBatch(tuple(scored)))


@pytest.fixture
def world(make_database: MakeDatabase) -> World:
    database, shared = make_database(FOLDER), open_shared_state("")
    found: list[World] = []

    def now() -> datetime:
        return found[0].now

    audience, items = Audience(3, 2), ItemRepository(database)
    runner = Showrunner(items, audience, shared, "replica-1", now)
    # The test steps the lanes itself.
    audience.on_first = audience.on_last = lambda _: None
    overlays = OverlayRepository(database, Sealer(new_key()))
    screens = Screens(items, overlays, runner, audience, grace=timedelta(seconds=300), now=now)
    found.append(World(screens, ChatDriver(commands, screens, database), audience, database, shared))
    return found[0]


class Connection(TestWebsocketConnection):
    """Quart's, which forgets with which code the server closed; here that is the last message."""

    __test__ = False

    async def _asgi_send(self, message: Any) -> None:
        if message["type"] == "websocket.close":
            await self._receive_queue.put(msgspec.json.encode({"type": "closed", "code": message["code"]}))
        await super()._asgi_send(message)


@dataclass
class Screen:
    """A page of the real module: what it hears, in order."""

    socket: TestWebsocketConnectionProtocol

    async def says(self, kind: str, **content: Any) -> None:
        await self.socket.send(msgspec.json.encode({"v": 1, "type": kind, **content}).decode())

    async def hears(self, *kinds: str) -> dict[str, Any]:
        """The next message of one of these kinds, waited for at most ten seconds."""
        async with asyncio.timeout(10):
            while True:
                message: dict[str, Any] = msgspec.json.decode(await self.socket.receive())
                if message["type"] in kinds:
                    return message

    async def closed_with(self) -> int:
        """The code that the server closes with, whatever it says before."""
        return int((await self.hears("closed"))["code"])

    async def says_hello(self) -> dict[str, Any]:
        """Introduce the page; the state that it is given."""
        await self.says("hello", protocols=[1], last_seq=0)
        await self.hears("welcome")
        return await self.hears("state")


@dataclass
class Studio:
    """The real module, the community that it asks about roles, and Ann, who owns the community."""

    inst: Installation
    roles: dict[str, Role] = field(default_factory=lambda: {"ann": Role.OWNER, "ben": Role.MODERATOR})

    @property
    def service(self) -> Any:
        return self.inst.services["browser_source"]

    @property
    def audience(self) -> Audience:
        """The pages of this replica."""
        return self.service._background["heartbeats"].__self__  # type: ignore[no-any-return]

    async def ask(self, operation: Any, request: Any, who: str = "ann", here: int = HERE) -> Any:
        acting = Acting(who, datetime.now(UTC), here, self.roles.get(who, Role.VIEWER), name=who)
        return await self.inst.client("portal").call("browser_source", operation, request, acting=acting)

    async def display(self, *displays: contract.Display) -> contract.DisplayAnswer:
        asked = contract.Displays(displays)
        answer: contract.DisplayAnswer = await self.inst.client("router").call(
            "browser_source", contract.DISPLAY, asked
        )
        return answer

    async def overlay(self, name: str = "Main", widget: str = "all", here: int = HERE) -> str:
        """The secret of a new overlay or of one widget of it."""
        made = await self.ask(contract.CREATE, contract.CreateOverlay(here, name), here=here)
        address = await self.ask(contract.ADDRESS, contract.OverlayOf(here, made.id, widget), here=here)
        return str(address.secret)

    async def status_of(self, path: str) -> int:
        return int((await self.service.app.test_client().get(path)).status_code)

    @asynccontextmanager
    async def page(self, secret: str, origin: str = "") -> AsyncIterator[Screen]:
        headers = {"Origin": origin} if origin else {}
        client: Any = self.service.app.test_client()
        client.websocket_connection_class = Connection
        async with client.websocket(f"/overlay/{secret}/socket", headers=headers) as socket:
            yield Screen(socket)


@asynccontextmanager
async def opened_studio(database_url: str, schema: str, **options: Any) -> AsyncIterator[Studio]:
    """A replica of the module on this database; options are those of `installation`."""
    from flask_core.migrations import migrate_module

    studio: list[Studio] = []

    def prepare(inst: Installation) -> None:
        studio.append(Studio(inst))
        service, town = inst.services["browser_source"], inst.fake("community")
        forget_schema(service.config.database_url, service.database.schema)
        service.database.schema = schema
        migrate_module(service.info, service.config.database_url, schema=schema)

        @town.offers(community.ROLE_OF)
        async def role(asked: community.RoleOf, _: Caller) -> community.PersonRole:
            known = studio[0].roles.get(asked.person_id, Role.VIEWER)
            return community.PersonRole(known, known)

    async with installation([FOLDER.name], database_url, prepare=prepare, **options):
        yield studio[0]


@pytest_asyncio.fixture
async def studio(database_url: str, schema_name: str) -> AsyncIterator[Studio]:
    async with opened_studio(database_url, schema_name) as made:
        yield made
