"""What the router holds about people: told, erased, and moved when two members become one."""

from __future__ import annotations

from flask_core.contracts import module
from flask_core.database import AsyncDAL
from flask_core.personal_data import PersonalDataKeeper
from router_module_flask import personal_repository as rows
from router_module_flask.ports import EventLog

KEPT = (
    "what you wrote, as long as your community keeps messages",
    "what became of it, and what the bot said to you, for some days",
    "moderation against you, and timers and rules that you wrote",
    "what you changed, for 400 days",
)


class PersonalData(PersonalDataKeeper):
    """Everything is keyed by member id; what was sent unasked by the account that it went to."""

    def __init__(self, database: AsyncDAL, log: EventLog) -> None:
        self._database = database
        self._log = log

    async def export(self, asked: module.PersonAccounts) -> module.PersonData:
        """What the person wrote, what became of it, and what the bot said to them."""
        return module.PersonData(
            await self._database.read(lambda tx: rows.export(tx, asked.member_ids, asked.accounts, asked.person_id))
        )  # fmt: skip

    async def erase(self, asked: module.PersonAccounts) -> module.Receipt:
        """Texts, traces with the name in them, runs and answers go; what waits to be said to them too."""
        letters = await self._log.forget(asked.accounts)
        counts, acted = await self._database.write(
            lambda tx: rows.erase(tx, asked.member_ids, asked.accounts, asked.person_id)
        )
        counts["event_log"] = letters
        kept = {"audit": "who changed what stays for 400 days, as an id without a name"} if acted else {}
        return module.Receipt(counts, kept)

    async def merge(self, asked: module.MergeMembers) -> module.Receipt:
        """Rows of the source become the target's."""
        return module.Receipt(
            await self._database.write(lambda tx: rows.move(tx, asked.community_id, asked.source, asked.target))
        )

    async def unmerge(self, _: module.MergeMembers) -> module.Receipt:
        """What was joined cannot be told apart again; it goes by itself within days."""
        return module.Receipt({})

    async def erase_community(self, community_id: int) -> module.Receipt:
        """Everything of a community."""
        letters = await self._log.forget((), await self._database.read(lambda tx: rows.channels_of(tx, community_id)))
        counts = await self._database.write(lambda tx: rows.erase_community(tx, community_id))
        return module.Receipt({**counts, "event_log": letters})
