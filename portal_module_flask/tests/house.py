"""A house of real modules, and people before it who use nothing but a browser."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from flask_core.contracts import identity, portal, router
from flask_core.datamodels import Role
from flask_core.errors import NotFound
from flask_core.operations import Acting
from flask_core.testing.browser import Browser
from flask_core.testing.installation import Installation, installation, until
from waddlebot.tree import modules

PASSWORD = "correct horse battery"
EMAIL = "ann@example.org"
FOLDERS = tuple(info.folder.name for info in modules())
_FOR_MACHINES = frozenset({"/health", "/ready", "/metrics", "/openapi.json", "/docs"})


@dataclass
class Visitor(Browser):
    """Somebody before the portal of this process."""

    async def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> str:
        """Sign in; where that leads."""
        return await self.send("/auth/sign-in", email=email, password=password)

    def cookie(self) -> str:
        """The secret that the browser keeps."""
        return next(str(one.value) for one in self.web.cookie_jar or () if one.name == "waddlebot")


@dataclass
class House(Visitor):
    """The installation with Ann's browser; `link` is the path of the link that was printed at the start."""

    inst: Installation
    link: str = ""
    community_id: int = 0
    printed: list[str] = field(default_factory=list)

    @property
    def here(self) -> str:
        """The pages of Ann's community."""
        return f"/c/{self.community_id}"

    @property
    def playground(self) -> str:
        """The page with the chat."""
        return f"{self.here}/playground"

    def stranger(self) -> Visitor:
        """Another browser."""
        return Visitor(self.inst.app("portal").test_client())

    def pages(self, method: str) -> Iterator[tuple[str, Any]]:
        """Paths of all pages with a method, in Ann's community, and the views behind them."""
        app = self.inst.app("portal")
        for rule in app.url_map.iter_rules():
            if rule.rule.startswith(("/static", "/api/")) or rule.rule in _FOR_MACHINES:
                continue
            path = rule.rule.replace("<int:community_id>", str(self.community_id)).replace("<act>", "delete")
            path = path.replace("/modules/<name>", "/modules/memories").replace("<kind>", "quote")
            path = path.replace("/commands/<path:command>", "/commands/ping")
            path = re.sub("<int:[a-z_]+>", "1", path)
            if method in (rule.methods or ()):
                yield re.sub("<[a-z_:]+>", "x", path), app.view_functions[rule.endpoint]

    async def set_up(self) -> None:
        """Ann opens the link and becomes the operator."""
        token = self.link.partition("token=")[2]
        await self.send("/auth/set-up", on=self.link, token=token, name="Ann", email=EMAIL, password=PASSWORD)

    async def settle_in(self) -> None:
        """Ann sets the house up, makes her community and opens its playground."""
        await self.set_up()
        where = await self.send("/communities/new", name="Penguins")
        self.community_id = int(where.split("/")[2])
        await self.page(self.playground)
        answering = {"router", "community", "memories", "alias", "browser_source"} & set(self.inst.services)
        await until(lambda: answering <= set(self.inst.runtime.modules), "the modules")

    async def page_saying(self, path: str, words: str) -> str:
        """The page as soon as it says that; what it shows may still be on its way."""
        async with asyncio.timeout(10):
            while words not in (html := await self.page(path)):  # noqa: ASYNC110 - a page tells nobody
                await asyncio.sleep(0.02)
        return html

    async def act(self, who: str, **fields: str) -> portal.Said:
        """Something is done in the playground, as its script does it."""
        answer = await self.post(
            f"{self.playground}/lines", on=self.playground, headers={"X-Requested-With": "fetch"},
            **{"as": who, **fields},
        )  # fmt: skip
        assert answer.status_code == 200, await answer.get_data()
        return msgspec.json.decode(await answer.get_data(), type=portal.Said)

    async def say(self, text: str, who: str = "Dee") -> str:
        """A line in the playground; the bot's last words to it, "" when it has none."""
        said = await self.act(who, text=text)
        await self.trace(said.event_id)
        lines = await self.lines(said.seq)
        return next((line.text for line in reversed(lines) if line.kind == "bot"), "")

    async def trace(self, event_id: str) -> router.TraceView:
        """What became of an event, once all of it is over."""
        asked = router.TraceOf(self.community_id, event_id)
        terminal = self.inst.client("terminal")
        async with asyncio.timeout(10):
            while True:
                try:
                    view = await terminal.call("portal", portal.WHY, asked)
                except NotFound:
                    view = None
                if view and view.outcome and all(one.state != "waiting" for one in view.deliveries):
                    return view
                await asyncio.sleep(0.01)

    async def until_live(self, word: str) -> None:
        """Wait until the router knows a command that the community made itself."""
        asked = router.ListCommands(self.community_id, q=word)
        client = self.inst.client("portal")
        async with asyncio.timeout(10):
            while True:
                listed = await client.call("router", router.COMMANDS, asked)
                if word in {one.card.path for one in listed.items}:
                    return
                await asyncio.sleep(0.01)

    async def lines(self, after: int = 0, room: str = "playground") -> list[portal.Line]:
        """Lines of the playground."""
        asked = portal.LinesSince(self.community_id, after, room=room)
        return list((await self.inst.client("terminal").call("portal", portal.LINES, asked)).items)

    async def ann(self) -> Acting:
        """Ann, as the portal names her to modules."""
        secret = identity.SessionSecret(self.cookie())
        person = await self.inst.client("portal").call("identity", identity.VERIFY_SESSION, secret)
        here = self.community_id or None
        return Acting(person.person_id, person.signed_in_at, here, Role.OWNER, person.operator, person.name)


@asynccontextmanager
async def new_house(
    folders: Sequence[str],
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    settings: dict[str, str] | None = None,
    prepare: Callable[[Installation], None] | None = None,
) -> AsyncIterator[House]:
    """A house that nobody has set up yet."""
    from identity_core_module_flask import jobs

    printed: list[str] = []
    monkeypatch.setitem(jobs.Jobs.__init__.__kwdefaults__, "say", printed.append)
    async with installation(folders, url, settings=settings, prepare=prepare) as inst:
        house = House(inst.app("portal").test_client(), inst, printed=printed)
        house.link = "/auth" + (await until(lambda: printed))[0].partition("/auth")[2]
        yield house
