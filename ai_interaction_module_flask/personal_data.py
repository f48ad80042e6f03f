"""What ai holds about people: told, erased, and added up when two members become one."""

from __future__ import annotations

from ai_interaction_module_flask.repository import AiRepository
from flask_core.contracts import module
from flask_core.personal_data import PersonalDataKeeper

KEPT = ("your ai",)


class PersonalData(PersonalDataKeeper):
    """Points are keyed by member id."""

    def __init__(self, repository: AiRepository) -> None:
        self._repository = repository

    async def export(self, asked: module.PersonAccounts) -> module.PersonData:
        """All points of the person's members."""
        found = await self._repository.of_person(asked.member_ids)
        return module.PersonData({"points": [{"community": place, "points": points} for place, points in found]})

    async def erase(self, asked: module.PersonAccounts) -> module.Receipt:
        """All points go."""
        return module.Receipt({"points": await self._repository.erase(asked.member_ids)})

    async def merge(self, asked: module.MergeMembers) -> module.Receipt:
        """The source's points are added to the target's."""
        return module.Receipt({"points": await self._repository.move(asked.community_id, asked.source, asked.target)})

    async def unmerge(self, _: module.MergeMembers) -> module.Receipt:
        """What was added up cannot be told apart again; what comes from now on is the source's own."""
        return module.Receipt({})

    async def erase_community(self, community_id: int) -> module.Receipt:
        """Everything of a community."""
        return module.Receipt({"points": await self._repository.erase_community(community_id)})
