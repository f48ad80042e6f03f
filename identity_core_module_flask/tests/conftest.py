"""A door with people before it: identity on both databases, with a clock of its own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
import pytest_asyncio
from passlib.totp import TOTP

from flask_core.contracts import community, identity, router, twitch
from flask_core.database import AsyncDAL
from flask_core.datamodels import Chat, Role
from flask_core.due_work import DueWork
from flask_core.encryption import Sealer, new_key
from flask_core.errors import NotFound, ServiceError, Unavailable
from flask_core.http_client import HttpClient
from flask_core.service_client import ServiceClient
from flask_core.shared_memory import MemoryState
from flask_core.testing.chat import ChatDriver
from flask_core.testing.installation import environment
from identity_core_module_flask.commands import commands
from identity_core_module_flask.config import Config
from identity_core_module_flask.wiring import wire

FOLDER = Path(__file__).parents[1]
START = datetime(2026, 3, 11, 17, 0, tzinfo=UTC)
EMAIL, PASSWORD = "ann@example.org", "a pond full of penguins"
FIREFOX = identity.Door("203.0.113.7", "Firefox on Linux")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Flask-Security 5.9 gives forms their choices in a way that WTForms speaks against."""
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("ignore:Passing SelectField choices:DeprecationWarning"))


CONFIG = Config.from_env(environment("sqlite:///unused.db"))


class World:
    """The other modules: triggers that know people by login, a router that says, a community that hears of links."""

    def __init__(self) -> None:
        self.logins: dict[tuple[str, str], str] = {}
        self.said: list[tuple[str, str, str]] = []
        self.heard: list[tuple[str, community.LinkPeople]] = []
        self.away: set[str] = set()
        self.outcome = "done"

    async def call(self, module: str, operation: object, request: object, **_: object) -> object:
        if module in self.away:
            raise Unavailable(f"The {module} module is not answering right now.")
        if isinstance(request, twitch.UserQuery):
            return self._looked_up(module, request.login)
        if isinstance(request, community.LinkPeople):
            self.heard.append(("link" if operation is community.LINK else "unlink", request))
            return None
        if isinstance(request, router.ActionsRequest):
            assert request.target.account is not None
            action = cast(Chat, request.actions[0])
            assert action.private
            self.said.append((*request.target.account, action.text))
        return router.ActionStates((router.ActionState(1, "chat", self.outcome),))

    def _looked_up(self, platform: str, login: str) -> twitch.UserFacts:
        user_id = self.logins.get((platform, login))
        if user_id is None:
            raise NotFound("No such user.")
        return twitch.UserFacts(user_id, login, login.capitalize(), START)


@dataclass
class House:
    """Identity's services; time passes when told to."""

    database: AsyncDAL
    now: datetime = START
    config: Config = CONFIG
    shared: MemoryState = field(init=False)

    def __post_init__(self) -> None:
        self.shared = MemoryState(self.seconds)
        self.world = World()
        self.sealer = Sealer(new_key())
        self.services = cast(ServiceClient, self.world)
        self.http = HttpClient(self.shared)
        made = wire(self, self.config, now=lambda: self.now, clock=self.seconds, since_1970=self.seconds)
        self.people, self.auth, self.ways_in, self.sessions = made.people, made.auth, made.ways_in, made.sessions
        self.keys, self.linking, self.own, self.made = made.keys, made.linking, made.own, made
        self._chat = ChatDriver(commands, made.chatting, self.database)

    async def say(
        self, line: str, user: str = "ann", platform: str = "twitch", *, role: Role = Role.VIEWER, heard_on: str = ""
    ) -> str:
        """The bot's answer to a line that the trigger of `platform` observed (or that of `heard_on` says so)."""
        options = {"platform": platform, "role": role, "channel": f"{heard_on or platform}:1:1"}
        return await self._chat.say(line, user=user, **options)

    async def code_for(self, user: str, platform: str = "discord") -> str:
        """The code that `user` was sent last."""
        said = [text for *account, text in (await self.told()).said if account == [platform, user]]
        return re.findall(r"!verify (\w{6})", said[-1])[0]

    async def link(self, user: str = "ann", target: str = "dan") -> None:
        """`user` of Twitch and `target` of Discord, of that name and id, become one person."""
        self.world.logins["discord", target] = target
        await self.say(f"!identity link discord {target}", user)
        await self.say(f"!verify {await self.code_for(target)} yes", target, "discord")
        self.later(minutes=1)

    async def told(self) -> World:
        """Let everything due be said and told; returns the world that heard it."""
        work = DueWork(self.made.tellings, self.made.messenger, now=lambda: self.now)
        while await work.step():
            self.later(seconds=6)
        return self.world

    def seconds(self) -> float:
        return self.now.timestamp()

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    async def ann_moves_in(self) -> identity.NewSession:
        """The first operator, by the set-up link."""
        token = await self.ways_in.new_set_up_link()
        assert token is not None
        return await self.ways_in.set_up(identity.SetUp(token, "Ann", EMAIL, PASSWORD, FIREFOX))

    async def sign_in(
        self, email: str = EMAIL, password: str = PASSWORD, door: identity.Door = FIREFOX
    ) -> identity.NewSession:
        return await self.ways_in.sign_in(identity.SignIn(email, password, door))

    async def code(self, challenge: str, code: str, door: identity.Door = FIREFOX) -> identity.NewSession:
        return await self.ways_in.second_factor(identity.SecondFactor(challenge, code, door))

    async def set_up_authenticator(self, session: identity.NewSession) -> tuple[App, tuple[str, ...]]:
        """Ann's authenticator app, and her recovery codes."""
        made = await self.auth.start_authenticator(session.person_id)
        app = App(made.key, self.seconds)
        known = await self.sessions.verify(session.secret)
        asked = identity.ConfirmAuthenticator(made.state, app.code(), known.session_id)
        codes = await self.ways_in.confirm_authenticator(session.person_id, asked)
        self.later(seconds=60)
        return app, codes.codes


@dataclass
class App:
    """An authenticator app on somebody's telephone."""

    key: str
    clock: Callable[[], float]

    def code(self, steps: int = 0) -> str:
        return str(TOTP(key=self.key).generate(self.clock() + 30 * steps).token)


async def refusal(work: object) -> ServiceError:
    """The error that `work` is refused with."""
    with pytest.raises(ServiceError) as refused:
        await work  # type: ignore[misc]
    return refused.value


@pytest_asyncio.fixture
async def house(make_database: Callable[[Path], AsyncDAL]) -> AsyncIterator[House]:
    """An empty house."""
    made = House(make_database(FOLDER))
    yield made
    await made.auth.close()
