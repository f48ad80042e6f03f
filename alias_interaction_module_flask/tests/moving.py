"""A street whose owner moves in from another bot: Nightbot and StreamElements on loopback, everything else for real."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from alias_interaction_module_flask.tests.payloads import payload
from alias_interaction_module_flask.tests.street import FOLDERS, Street, play
from flask_core.contracts import alias, alias_imports
from flask_core.contracts.alias_imports import ImportView, RowView
from flask_core.testing.fake_nightbot import CLIENT_ID, CLIENT_SECRET, FakeNightbot, running_nightbot
from flask_core.testing.fake_streamelements import FakeStreamElements, running_streamelements
from flask_core.testing.installation import installation


@dataclass
class Move:
    """Ann owns the community and both other bots' channels."""

    street: Street
    nightbot: FakeNightbot
    elements: FakeStreamElements

    async def ask(self, operation: Any, request: Any, who: str = "ann") -> Any:
        """A person's request."""
        return await self.street.call(operation, request, who)

    @property
    def here(self) -> int:
        return self.street.community_id

    async def start(self, source: Any = "nightbot", who: str = "ann", **fields: Any) -> ImportView:
        """Begin, and wait until it can be looked at (or failed)."""
        begun = await self.ask(alias_imports.START, alias_imports.StartImport(self.here, source, **fields), who)
        return await self.settled(begun.id)

    async def connect(self) -> ImportView:
        """Nightbot asks Ann, who says yes; everything is fetched."""
        asked = await self.ask(alias_imports.CONNECT, alias_imports.ImportsOf(self.here))
        begun = await self.ask(alias_imports.FINISH, finish(self.nightbot.go(asked.url)))
        return await self.settled(begun.import_id)

    async def settled(self, import_id: int) -> ImportView:
        """As soon as nothing is done about it any more."""
        found: list[ImportView] = []

        async def rests() -> bool:
            found.append(await self.view(import_id))
            return found[-1].phase not in {"fetching", "applying", "undoing"}

        await self.street.until(rests)
        return found[-1]

    async def view(self, import_id: int) -> ImportView:
        """How it is getting on."""
        view: ImportView = await self.ask(alias_imports.GET, alias_imports.ImportOf(self.here, import_id))
        return view

    async def rows(self, one: ImportView, **filters: Any) -> list[RowView]:
        """What was found."""
        asked = alias_imports.ListRows(self.here, one.id, per_page=100, **filters)
        return list((await self.ask(alias_imports.ROWS, asked)).items)

    async def row(self, one: ImportView, name: str, kind: str = "command") -> RowView:
        """One of them."""
        (found,) = [row for row in await self.rows(one, kind=kind) if row.name == name]
        return found

    async def choose(self, one: ImportView, row: RowView, choice: Any, **more: Any) -> RowView:
        """Decide about one."""
        asked = alias_imports.ChooseRow(self.here, one.id, row.id, choice, **more)
        chosen: RowView = await self.ask(alias_imports.CHOOSE, asked)
        return chosen

    async def apply(self, one: ImportView) -> ImportView:
        """Take it over."""
        await self.ask(alias_imports.APPLY, alias_imports.ImportOf(self.here, one.id))
        return await self.settled(one.id)

    async def undo(self, one: ImportView) -> ImportView:
        """Take it back."""
        await self.ask(alias_imports.UNDO, alias_imports.ImportOf(self.here, one.id))
        return await self.settled(one.id)

    async def own(self, name: str = "") -> list[alias.CommandView]:
        """The community's own commands."""
        page = await self.ask(alias.LIST, alias.ListOwn(self.here, q=name, per_page=100))
        return list(page.items)

    async def secrets(self) -> int:
        """How many tokens are in the database."""
        return int(
            await self.street.service.database.read(lambda tx: tx.value("SELECT count(*) FROM import_tokens")) or 0
        )


def finish(back: str) -> alias_imports.FinishConnect:
    """What the portal hands over of the address that Nightbot sent somebody back to."""
    said = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    return alias_imports.FinishConnect(said["code"], said["state"])


def fill(nightbot: FakeNightbot, elements: FakeStreamElements) -> None:
    """What both bots do in the recorded shapes."""
    there = payload("nightbot")
    nightbot.commands, nightbot.default = there["commands"]["commands"], there["default"]["commands"]
    nightbot.timers, nightbot.filters = there["timers"]["timers"], there["spam"]["filters"]
    nightbot.regulars, nightbot.playlist = there["regulars"]["regulars"], there["songs"]["playlist"]
    there = payload("streamelements")
    elements.commands, elements.default, elements.timers = there["commands"], there["default"], there["timers"]
    elements.filters, elements.counters = there["filters"], there["counters"]


@asynccontextmanager
async def moving(database_url: str) -> AsyncIterator[Move]:
    """A street with both bots."""
    streets: list[Street] = []
    async with running_nightbot() as nightbot, running_streamelements() as elements:
        settings = {
            "ALIAS_NIGHTBOT_URL": nightbot.url, "ALIAS_STREAMELEMENTS_URL": elements.url,
            "NIGHTBOT_CLIENT_ID": CLIENT_ID, "NIGHTBOT_CLIENT_SECRET": CLIENT_SECRET,
            "PUBLIC_URL": "https://bot.example", "ALIAS_IMPORT_PAUSE_MS": "0",
        }  # fmt: skip
        fill(nightbot, elements)
        prepared = installation(
            FOLDERS, database_url, settings=settings, prepare=lambda inst: streets.append(play(inst))
        )
        async with prepared:
            await streets[0].settle_in()
            yield Move(streets[0], nightbot, elements)
