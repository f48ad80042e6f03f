"""What memories holds about people: told, erased, and moved when two members become one."""

from __future__ import annotations

from flask_core.contracts import module
from flask_core.database import AsyncDAL
from flask_core.personal_data import PersonalDataKeeper
from memories_interaction_module_flask import personal_repository as rows
from memories_interaction_module_flask.reminders import Reminders

KEPT = ("entries you added", "your votes", "your reminders")


class PersonalData(PersonalDataKeeper):
    """Everything is keyed by member id; a quote's author account is a platform and user id."""

    def __init__(self, database: AsyncDAL, reminders: Reminders) -> None:
        self._database = database
        self._reminders = reminders

    async def export(self, asked: module.PersonAccounts) -> module.PersonData:
        """All rows of the person's members; their own private texts are opened."""
        text_of = self._reminders.text_of
        return module.PersonData(await self._database.read(lambda tx: rows.export(tx, asked.member_ids, text_of)))

    async def erase(self, asked: module.PersonAccounts) -> module.Receipt:
        """Votes and reminders go; entries stay as a deleted member's; quotes lose the account."""
        accounts = [f"{platform}:{user_id}" for platform, user_id in asked.accounts]
        counts, quoted = await self._database.write(lambda tx: rows.erase(tx, asked.member_ids, accounts))
        kept = {"memories": "kept for the community, without your name"} if counts["memories"] else {}
        if quoted:
            kept["quotes of you"] = f"{', '.join(quoted)}: your community decides; they no longer point to your account"
        return module.Receipt(counts, kept)

    async def merge(self, asked: module.MergeMembers) -> module.Receipt:
        """Rows of the source become the target's; of two votes on one entry the newer stays."""
        return module.Receipt(
            await self._database.write(lambda tx: rows.move(tx, asked.community_id, asked.source, asked.target))
        )

    async def unmerge(self, _: module.MergeMembers) -> module.Receipt:
        """What was joined cannot be told apart again; what the source does from now on is its own."""
        return module.Receipt({})

    async def erase_community(self, community_id: int) -> module.Receipt:
        """Everything of a community."""
        return module.Receipt(await self._database.write(lambda tx: rows.erase_community(tx, community_id)))
