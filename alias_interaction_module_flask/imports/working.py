"""The due work on imports: fetching, applying and taking back, by whichever replica is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from alias_interaction_module_flask.audit import Audit
from alias_interaction_module_flask.imports.applying import Applying
from alias_interaction_module_flask.imports.fetching import Fetching
from alias_interaction_module_flask.imports.import_repository import Doing, ImportRepository
from alias_interaction_module_flask.imports.judging import Judge
from alias_interaction_module_flask.imports.models import Import, Phase
from alias_interaction_module_flask.imports.placing import Who
from alias_interaction_module_flask.imports.row_repository import RowRepository
from alias_interaction_module_flask.imports.translating import translated
from alias_interaction_module_flask.models import By
from flask_core.contracts import community
from flask_core.datamodels import Role
from flask_core.due_work import Due, DueWork, Result, State
from flask_core.errors import Forbidden, ServiceError
from flask_core.service_client import ServiceClient
from flask_core.waking import Alarm


@dataclass(frozen=True, slots=True)
class Working:
    """Everything is done for the admin who asked, with the rights that they have when it is done."""

    imports: ImportRepository
    rows: RowRepository
    fetching: Fetching
    judge: Judge
    applying: Applying
    audit: Audit
    client: ServiceClient
    now: Callable[[], datetime]
    alarm: Alarm

    async def work(self, due: Due[Doing]) -> Result:
        """One step of an import."""
        one = await self.imports.one(due.row.community_id, due.id)
        if one is None:
            return due.ends(State.SKIPPED)
        if one.phase == "fetching":
            return await self._fetch(due, one)
        if one.phase not in {"applying", "undoing"}:
            return due.ends(State.DELIVERED)
        who = await self.who(one)
        if one.phase == "applying":
            return await self._then(due, one, who, await self.applying.apply(who, one), "applied")
        return await self._then(due, one, who, await self.applying.undo(who, one), "undone")

    async def _fetch(self, due: Due[Doing], one: Import) -> Result:
        if not await self.fetching.fetch(one):
            self.alarm.ring()
            return due.look_again(State.WAITING, self.now())
        origin, fetched = await self.fetching.fetched(one)
        links = await self.rows.links(one.community_id, origin)
        await self.rows.replace(
            one.id, await self.judge.judged(await self.who(one), translated(origin, fetched), links)
        )  # fmt: skip
        if one.source == "nightbot":
            await self.fetching.connecting.give_back(one.community_id)
        await self.imports.ended(one, "preview", self.now(), origin)
        return due.ends(State.DELIVERED)

    async def _then(self, due: Due[Doing], one: Import, who: Who, away: ServiceError | None, phase: Phase) -> Result:
        if away is not None:
            return due.again(self.now(), away.message, after=away.retry_after or 0)
        _, _, outcomes = await self.rows.counts(one.id)
        said = ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items()) if outcome)
        async with self.audit.database.transaction():
            await self.audit.note(one.community_id, who.by.member_id, f"import.{phase}", one.origin, said)
            await self.imports.ended(one, phase, self.now())
        return due.ends(State.DELIVERED)

    async def who(self, one: Import) -> Who:
        """The admin as they are now. Raises Forbidden for one who is none any more."""
        person, here = one.person, one.community_id
        held = await self.client.call("community", community.ROLE_OF, community.RoleOf(here, person.id))
        role = min(person.role, held.portal)
        if held.banned or role < Role.ADMIN:
            raise Forbidden(f"{person.name} is no admin here any more.")
        by, now = By(held.member_id or person.id, person.name, role), self.now()
        return Who(here, by, person.acting(here, now), now)

    def loop(self, owner: str) -> DueWork[Doing]:
        """What every replica runs."""
        return DueWork(self.imports, self.work, now=self.now, owner=owner, sleep=self.alarm.sleep)
