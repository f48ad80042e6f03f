"""The operations on personal data that every module offers which keeps some."""

from __future__ import annotations

from typing import Protocol

from flask_core.contracts import module
from flask_core.operations import Caller, Endpoints


class PersonalDataKeeper(Protocol):
    """What a module can do with the rows of one person; each call may come again and changes nothing more then."""

    async def export(self, asked: module.PersonAccounts) -> module.PersonData:
        """All rows about the person, by table."""
        ...

    async def erase(self, asked: module.PersonAccounts) -> module.Receipt:
        """Erase the person's rows, or make those nameless that belong to the community."""
        ...

    async def merge(self, asked: module.MergeMembers) -> module.Receipt:
        """Rows of the source become the target's; where two meet, the newer stays and sums are added."""
        ...

    async def unmerge(self, asked: module.MergeMembers) -> module.Receipt:
        """Part them again, as far as they can be told apart."""
        ...

    async def erase_community(self, community_id: int) -> module.Receipt:
        """Everything of a community that ended."""
        ...

    def endpoints(self) -> Endpoints:
        """The operations that identity and community call."""
        return personal_data_endpoints(self)


def personal_data_endpoints(keeper: PersonalDataKeeper) -> Endpoints:
    """What identity and community call."""
    api = Endpoints()

    @api.offers(module.EXPORT)
    async def export(asked: module.PersonAccounts, _: Caller) -> module.PersonData:
        return await keeper.export(asked)

    @api.offers(module.ERASE)
    async def erase(asked: module.PersonAccounts, _: Caller) -> module.Receipt:
        return await keeper.erase(asked)

    @api.offers(module.MERGE)
    async def merge(asked: module.MergeMembers, _: Caller) -> module.Receipt:
        return await keeper.merge(asked)

    @api.offers(module.UNMERGE)
    async def unmerge(asked: module.MergeMembers, _: Caller) -> module.Receipt:
        return await keeper.unmerge(asked)

    @api.offers(module.ERASE_COMMUNITY)
    async def erase_community(asked: module.CommunityOnly, _: Caller) -> module.Receipt:
        return await keeper.erase_community(asked.community_id)

    return api
