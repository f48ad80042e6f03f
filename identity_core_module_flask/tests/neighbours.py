"""Modules that hold something about people, as the desk sees them: asked, away, and counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_core.contracts import data_desk, module, router
from flask_core.contracts.person_members import OWN_MEMBERS, OwnMembers
from flask_core.database import AsyncDAL
from flask_core.datamodels import Manifest
from flask_core.due_work import DueWork
from flask_core.errors import Unavailable
from identity_core_module_flask.personal_data import PersonalData
from identity_core_module_flask.tests.conftest import House, World

KINDS = {
    "memories": "interaction", "router": "processing", "portal": "admin", "twitch": "trigger", "community": "core",
    "identity": "core",
}  # fmt: skip


@dataclass
class Street:
    """What the router and the modules answer; `rows` are what each holds by person."""

    house: House
    world: World
    database: AsyncDAL
    rows: dict[str, dict[str, int]] = field(default_factory=lambda: {name: {} for name in KINDS})
    owns: tuple[str, ...] = ()
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def call(self, name: str, operation: Any, request: Any, **options: Any) -> Any:
        if name in self.world.away:
            raise Unavailable(f"The {name} module is not answering right now.")
        if operation is router.MODULES:
            return router.ModuleList(tuple(map(self._state, KINDS)))
        if operation is OWN_MEMBERS:
            return OwnMembers((f"member-{request.person_id}",), self.owns)
        if operation in {module.EXPORT, module.ERASE}:
            return await self._answer(name, operation, request)
        return await World.call(self.world, name, operation, request, **options)

    def _state(self, name: str) -> router.ModuleState:
        manifest = Manifest(name, "1", KINDS[name], "", "1", personal_data=(f"what {name} keeps",))  # type: ignore[arg-type]
        return router.ModuleState(manifest, 1, True)

    async def _answer(self, name: str, operation: Any, asked: module.PersonAccounts) -> Any:
        self.asked.append((name, "export" if operation is module.EXPORT else "erase"))
        if name == "identity":
            keeper = PersonalData(self.database)
            return await (keeper.export(asked) if operation is module.EXPORT else keeper.erase(asked))
        assert asked.member_ids == (f"member-{asked.person_id}",)
        held = self.rows[name].get(asked.person_id, 0)
        if operation is module.EXPORT:
            return module.PersonData({"things": [{"of": asked.person_id, "in": name}] * held})
        self.rows[name][asked.person_id] = 0
        return module.Receipt({"things": held}, {"bans": "they hold"} if name == "community" else {})

    def moves_in(self, person_id: str, rows: int = 2) -> None:
        """Every module holds something about this person."""
        for held in self.rows.values():
            held[person_id] = rows

    async def works(self) -> None:
        """Everything that is due happens, on two replicas."""
        desk = self.house.made.desk
        first, second = (DueWork(desk.parts, desk.work, now=lambda: self.house.now) for _ in range(2))
        for _ in range(12):
            await first.step()
            await second.step()
            self.house.later(seconds=6)

    async def seen(self, number: str) -> data_desk.DeskRequest:
        """What became of a request."""
        return await self.house.made.desk.desk.request(number)


def street_of(house: House) -> Street:
    """The modules around a house."""
    street = Street(house, house.world, house.database)
    house.world.call = street.call  # type: ignore[method-assign]
    return street
