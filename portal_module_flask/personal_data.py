"""What the portal holds about people: forms and notices for them. A community that ended takes its rooms along."""

from __future__ import annotations

from flask_core.contracts import module
from flask_core.database import AsyncDAL
from flask_core.personal_data import PersonalDataKeeper
from portal_module_flask import personal_repository as rows

KEPT = ("forms that wait for you, for two hours", "what you were told because you were needed, for 90 days")


class PersonalData(PersonalDataKeeper):
    """A form is an account's; those that everybody saw the address of are a person's, too."""

    def __init__(self, database: AsyncDAL) -> None:
        self._database = database

    async def export(self, asked: module.PersonAccounts) -> module.PersonData:
        """Forms that wait for the person, or did within the hour, and what the person was told."""
        found = await self._database.read(lambda tx: rows.forms_of(tx, asked.accounts, asked.person_id))
        told = await self._database.read(lambda tx: rows.notices_of(tx, asked.person_id))
        return module.PersonData({"forms": [form.told for form in found], "notices": told})

    async def erase(self, asked: module.PersonAccounts) -> module.Receipt:
        """The forms go; nobody can fill them in any more. A community keeps its notices, without the person."""
        return module.Receipt(await self._database.write(lambda tx: rows.erase(tx, asked.accounts, asked.person_id)))

    async def merge(self, _: module.MergeMembers) -> module.Receipt:
        """Nothing here is a member's."""
        return module.Receipt({})

    async def unmerge(self, _: module.MergeMembers) -> module.Receipt:
        """As above."""
        return module.Receipt({})

    async def erase_community(self, community_id: int) -> module.Receipt:
        """Its forms and notices, and its playground with everything that was said there."""
        return module.Receipt(await self._database.write(lambda tx: rows.erase_community(tx, community_id)))
