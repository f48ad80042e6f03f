"""What community holds about people, told and erased."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from community_module_flask import personal_repository as rows
from community_module_flask.publishing import Publisher
from flask_core.auth import utc_now
from flask_core.contracts import module
from flask_core.contracts.community import Member
from flask_core.database import AsyncDAL
from flask_core.datamodels import Role
from flask_core.operations import Caller, Endpoints

KEPT = (
    "your memberships with role, accounts and when you were last seen",
    "bans, with their reason",
    "requests to come in and invitations, until they are old",
    "what platforms showed of you in channels, for 30 days",
    "what you changed in a community, for a year",
)
_STAYS = {
    "community_audit": "who changed what stays for a year, under a made-up name",
    "community_bans": "a ban holds without its reason, by the account alone",
}


class PersonalData:
    """Joining and parting members happens here, so that nobody has to tell us; the same call again changes nothing."""

    def __init__(self, database: AsyncDAL, publisher: Publisher, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._publisher = publisher
        self._now = now

    async def export(self, asked: module.PersonAccounts) -> module.PersonData:
        """All rows of the person, in all communities."""
        return module.PersonData(await self._database.read(lambda tx: rows.export(tx, asked)))

    async def erase(self, asked: module.PersonAccounts) -> module.Receipt:
        """They go; a change keeps a made-up name, a ban no reason. Raises Conflict while the person owns one."""
        erased = await self._database.write(lambda tx: rows.erase(tx, asked, self._now()))
        for community_id, member_id in erased.changed:
            # Nobody is told the name of who is gone; the accounts let every memory find its rows.
            gone = Member(member_id, "", "left", Role.VIEWER)
            await self._publisher.member_changed(community_id, gone, asked.accounts)
        return module.Receipt(erased.counts, {table: why for table, why in _STAYS.items() if table in erased.stays})

    def endpoints(self) -> Endpoints:
        """What identity asks for."""
        api = Endpoints()

        @api.offers(module.EXPORT)
        async def export(asked: module.PersonAccounts, _: Caller) -> module.PersonData:
            return await self.export(asked)

        @api.offers(module.ERASE)
        async def erase(asked: module.PersonAccounts, _: Caller) -> module.Receipt:
            return await self.erase(asked)

        return api
