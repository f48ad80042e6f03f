"""What ai holds about people: told, erased, and joined when two members become one."""

from __future__ import annotations

from ai_interaction_module_flask.conversations import Conversations
from ai_interaction_module_flask.personal_repository import PersonalRepository
from flask_core.audit_people import actors_of
from flask_core.contracts import module
from flask_core.personal_data import PersonalDataKeeper

KEPT = (
    "how many answers you had from the AI, for 35 days",
    "your talk with the AI, for half an hour",
    "what you changed about it, for 400 days",
)


class PersonalData(PersonalDataKeeper):
    """Everything is keyed by member id."""

    def __init__(self, repository: PersonalRepository, conversations: Conversations) -> None:
        self._repository = repository
        self._conversations = conversations

    async def export(self, asked: module.PersonAccounts) -> module.PersonData:
        """Usage, answers without words, and what is remembered of conversations now."""
        tables = await self._repository.of_person(asked.member_ids)
        tables["conversations"] = [
            {"community": place, "channel": channel, "question": one.question, "answer": one.answer}
            for place, channel, member_id in await self._repository.talks(asked.member_ids)
            for one in await self._conversations.of_member(place, channel, member_id)
        ]
        return module.PersonData({**tables, "audit": await self._repository.changes(actors_of(asked))})

    async def erase(self, asked: module.PersonAccounts) -> module.Receipt:
        """All of it goes; of changes is forgotten whose they were."""
        talks = await self._repository.talks(asked.member_ids)
        forgotten = sum([await self._conversations.forget(*talk) for talk in talks])
        counts = await self._repository.erase(asked.member_ids)
        changed = await self._repository.forget_changes(actors_of(asked))
        return module.Receipt({**counts, "conversations": forgotten, "audit": changed})

    async def merge(self, asked: module.MergeMembers) -> module.Receipt:
        """The source's answers become the target's; counts of a day are added."""
        return module.Receipt(await self._repository.move(asked.community_id, asked.source, asked.target))

    async def unmerge(self, _: module.MergeMembers) -> module.Receipt:
        """Counts that were added up cannot be told apart again."""
        return module.Receipt({})

    async def erase_community(self, community_id: int) -> module.Receipt:
        """Everything of a community."""
        return module.Receipt(await self._repository.erase_community(community_id))
