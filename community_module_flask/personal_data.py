"""What community holds about people: who they are in which community, and what they did there."""

from __future__ import annotations

from community_module_flask import personal_repository as rows
from community_module_flask.publishing import Publisher
from flask_core.app_factory import Service
from flask_core.contracts import module
from flask_core.contracts.community import Member, MemberAccount
from flask_core.contracts.person_members import OWN_MEMBERS, OwnMembers, PersonOf
from flask_core.database import AsyncDAL, Tx
from flask_core.datamodels import Role
from flask_core.errors import Conflict
from flask_core.operations import Caller, Endpoints
from flask_core.personal_data import PersonalDataKeeper

KEPT = (
    "communities you are in, with your name and accounts there",
    "roles that a platform showed for you, for 7 days",
    "what you wrote when you asked to come in, and whom you invited",
    "bans, and what you changed about a community",
)


class PersonalData(PersonalDataKeeper):
    """Members are this module's own; joining and parting them is its own work, too, and is not asked of it."""

    def __init__(self, database: AsyncDAL, publisher: Publisher) -> None:
        self._database = database
        self._publisher = publisher

    async def own_members(self, asked: PersonOf) -> OwnMembers:
        """Member ids of a person, and what they own."""

        def unit(tx: Tx) -> OwnMembers:
            found = rows.members_of(tx, asked.person_id, asked.accounts)
            return OwnMembers(tuple(found), tuple(rows.owned_by(tx, found)))

        return await self._database.read(unit)

    async def export(self, asked: module.PersonAccounts) -> module.PersonData:
        """Memberships with everything about them."""
        return module.PersonData(
            await self._database.read(lambda tx: rows.export(tx, asked.member_ids, asked.accounts, asked.person_id))
        )

    async def erase(self, asked: module.PersonAccounts) -> module.Receipt:
        """Memberships go. Raises Conflict while the person owns a community: that is handed over first."""

        def unit(tx: Tx) -> tuple[dict[str, int], list[tuple[int, str, tuple[tuple[str, str], ...]]]]:
            if owned := rows.owned_by(tx, asked.member_ids):
                raise Conflict(f"Hand «{'», «'.join(owned)}» over first.", owns=owned)
            return rows.erase(tx, asked.member_ids, asked.accounts, asked.person_id)

        counts, ended = await self._database.write(unit)
        for community_id, member_id, accounts in ended:
            gone = Member(
                member_id, "", "left", Role.VIEWER, tuple(MemberAccount(*account) for account in accounts),
                asked.person_id or None,
            )  # fmt: skip
            await self._publisher.member_changed(community_id, gone)
        kept = {}
        if counts["bans_kept"]:
            kept["bans"] = "a ban holds, by the id of your account, without your name and its reason"
        if counts["audit"]:
            kept["audit"] = "what was changed in a community stays, without who changed it"
        return module.Receipt(counts, kept)

    async def merge(self, _: module.MergeMembers) -> module.Receipt:
        """It was joined here before anybody was told."""
        return module.Receipt({})

    async def unmerge(self, _: module.MergeMembers) -> module.Receipt:
        """It was parted here before anybody was told."""
        return module.Receipt({})

    async def erase_community(self, _: int) -> module.Receipt:
        """Communities are this module's own as well: it is the one that tells of their end."""
        return module.Receipt({})

    def endpoints(self) -> Endpoints:
        """What identity asks besides."""
        api = super().endpoints()

        @api.offers(OWN_MEMBERS)
        async def own_members(asked: PersonOf, _: Caller) -> OwnMembers:
            return await self.own_members(asked)

        return api


def offer_personal_data(service: Service, publisher: Publisher) -> None:
    """Tell what is kept, and answer for it."""
    service.offers(PersonalData(service.database, publisher).endpoints())
    service.introduces(personal_data=KEPT)
