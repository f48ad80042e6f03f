"""What admins do about imports: begin, look, choose, take over, take back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from alias_interaction_module_flask.imports.choosing import Choosing
from alias_interaction_module_flask.imports.connecting import Connecting
from alias_interaction_module_flask.imports.import_repository import LASTS, ImportRepository
from alias_interaction_module_flask.imports.models import Import, Person
from alias_interaction_module_flask.imports.pretending import Samples
from alias_interaction_module_flask.imports.row_repository import RowRepository
from alias_interaction_module_flask.imports.secret_repository import SecretRepository
from alias_interaction_module_flask.imports.sources import checked_channel, checked_token
from alias_interaction_module_flask.imports.translating import opened
from alias_interaction_module_flask.imports.views import import_view
from flask_core.contracts import alias_imports as contract
from flask_core.contracts import community
from flask_core.database import AsyncDAL
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Forbidden, NotFound, NotReady
from flask_core.operations import Caller
from flask_core.service_client import ServiceClient

UNDO_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Importing:
    """The loop does the work; here it is asked for."""

    database: AsyncDAL
    imports: ImportRepository
    rows: RowRepository
    secrets: SecretRepository
    connecting: Connecting
    choosing: Choosing
    client: ServiceClient
    samples: Samples
    now: Callable[[], datetime]
    wake: Callable[[], None]

    async def start(self, asked: contract.StartImport, caller: Caller) -> Import:
        """Begin to fetch. Raises InvalidInput, NotReady without a connection, Conflict while another one runs."""
        one = await self._started(asked, caller)
        self.wake()
        return one

    async def _started(self, asked: contract.StartImport, caller: Caller) -> Import:
        here, now = asked.community_id, self.now()
        if asked.source == "file":
            origin, fetched = opened(asked.file)
            async with self.database.transaction():
                one = await self.imports.add(here, "file", "", person_of(caller), now)
                await self.imports.keep_page(one.id, origin, 0, msgspec.json.encode(fetched).decode(), last=True)
            return one
        if asked.source == "nightbot":
            if not await self.secrets.get(here, "nightbot", now):
                raise NotReady("Connect Nightbot first.")
            return await self.imports.add(here, "nightbot", "", person_of(caller), now)
        token = checked_token(asked.token) if asked.token.strip() else ""
        channel = "" if token else checked_channel(asked.channel)
        async with self.database.transaction():
            one = await self.imports.add(here, "streamelements", channel, person_of(caller), now)
            if token:
                await self.secrets.keep(here, "streamelements", token, now + LASTS)
        return one

    async def finish(self, asked: contract.FinishConnect, caller: Caller) -> Import:
        """Keep what Nightbot gave and begin to fetch. Raises InvalidInput, and Forbidden for who is no admin now."""
        person_id = caller.person.person_id
        here = await self.connecting.community_of(asked.state, person_id)
        held = await self.client.call("community", community.ROLE_OF, community.RoleOf(here, person_id))
        if held.banned or held.portal < Role.ADMIN:
            raise Forbidden("Only admins can bring another bot's commands.")
        await self.connecting.keep(here, asked.code)
        person = Person(person_id, caller.person.name or "an admin", held.portal)
        one = await self.imports.add(here, "nightbot", "", person, self.now())
        self.wake()
        return one

    async def one(self, community_id: int, import_id: int) -> Import:
        """One by its id; raises NotFound."""
        found = await self.imports.one(community_id, import_id)
        if found is None:
            raise NotFound("There is no such import.")
        return found

    async def apply(self, one: Import, caller: Caller) -> None:
        """Take it over. Raises Conflict for one that is no preview."""
        if not await self.imports.begin(one, "applying", person_of(caller), self.now(), instead_of="preview"):
            raise Conflict("Only what is shown for a decision can be taken over. Begin a new import.")
        self.wake()

    async def undo(self, one: Import, caller: Caller) -> None:
        """Take it back. Raises Conflict for one that was not taken over, or too long ago."""
        if one.applied_at is not None and self.now() > one.applied_at + UNDO_WITHIN:
            raise Conflict("An import can be taken back for 7 days.")
        if not await self.imports.begin(one, "undoing", person_of(caller), self.now(), instead_of="applied"):
            raise Conflict("Only what was taken over can be taken back.")
        self.wake()

    async def view(self, one: Import) -> contract.ImportView:
        """One with its numbers, and with what went wrong once it is over."""
        counts = await self.rows.counts(one.id)
        failed, _ = await self.rows.page(one.id, outcome="failed", per_page=100)
        kept = await self.rows.kept(one.id) if one.phase == "undone" else []
        return import_view(one, counts, failed, kept)

    async def listed(self, community_id: int) -> contract.ImportList:
        """The latest first."""
        views = [await self.view(one) for one in await self.imports.newest(community_id)]
        return contract.ImportList(tuple(views), self.connecting.client.possible)


def person_of(caller: Caller) -> Person:
    """Who asks; an API key has no name."""
    person = caller.person
    return Person(person.person_id, person.name or "an admin", caller.role)
