"""What identity itself holds about people: who they are, and how they get in."""

from __future__ import annotations

from flask_core.contracts import module
from flask_core.database import AsyncDAL
from flask_core.personal_data import PersonalDataKeeper
from identity_core_module_flask import personal_repository as rows

KEPT = (
    "your name, linked accounts and e-mail address",
    "ways to sign in, as hashes or sealed",
    "sessions with their browser, and API keys without their secret",
    "what you did about your way in, for 180 days",
)


class PersonalData(PersonalDataKeeper):
    """Everything is keyed by person."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def export(self, asked: module.PersonAccounts) -> module.PersonData:
        """All rows but secrets."""
        return module.PersonData(await self._database.read(lambda tx: rows.export(tx, asked.person_id)))

    async def erase(self, asked: module.PersonAccounts) -> module.Receipt:
        """They go; the bare id stays."""
        counts = await self._database.write(lambda tx: rows.erase(tx, asked.person_id))
        return module.Receipt(counts, {"persons": "a random number that names nobody, so that it is given to nobody"})

    async def merge(self, _: module.MergeMembers) -> module.Receipt:
        """Members are not known here."""
        return module.Receipt({})

    async def unmerge(self, _: module.MergeMembers) -> module.Receipt:
        """Members are not known here."""
        return module.Receipt({})

    async def erase_community(self, _: int) -> module.Receipt:
        """Nothing here is a community's."""
        return module.Receipt({})
