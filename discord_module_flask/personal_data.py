"""What discord holds about people, told and erased: it knows accounts, never members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from discord_module_flask import personal_repository as rows
from discord_module_flask.servers.audit_repository import AuditRepository
from flask_core.audit_people import actors_of
from flask_core.contracts import module
from flask_core.database import AsyncDAL
from flask_core.datamodels import Platform
from flask_core.personal_data import PersonalDataKeeper

KEPT = (
    "when you were in voice channels, for 30 days",
    "servers that you moderate, as long as you do",
    "what you changed about servers, for 400 days",
    "what you told a team with /feedback, for 90 days",
    "forms that you have not sent yet, for a day",
)


class OfCommunities(Protocol):
    """A table whose rows belong to communities."""

    async def forget_community(self, community_id: int) -> int:
        """Forget a community's; how many went."""


class PersonalData(PersonalDataKeeper):
    """Everything is keyed by Discord's user id."""

    def __init__(self, database: AsyncDAL, by_community: Mapping[str, OfCommunities], audit: AuditRepository) -> None:
        self._database = database
        self._by_community = by_community
        self._audit = audit

    async def export(self, asked: module.PersonAccounts) -> module.PersonData:
        """All rows of the person's Discord accounts, and what they changed about servers."""
        found = await self._database.read(lambda tx: rows.export(tx, _ids(asked)))
        changed = await self._audit.of(actors_of(asked))
        return module.PersonData({**found, "audit": changed} if changed else found)

    async def erase(self, asked: module.PersonAccounts) -> module.Receipt:
        """They go; of changes is forgotten whose they were."""
        counts = await self._database.write(lambda tx: rows.erase(tx, _ids(asked)))
        changed = await self._audit.erase(actors_of(asked))
        return module.Receipt({**counts, "audit": changed} if changed else counts)

    async def merge(self, _: module.MergeMembers) -> module.Receipt:
        """Members are not known here."""
        return module.Receipt({})

    async def unmerge(self, _: module.MergeMembers) -> module.Receipt:
        """Members are not known here."""
        return module.Receipt({})

    async def erase_community(self, community_id: int) -> module.Receipt:
        """What was proved for it and told to it; what is kept besides belongs to servers and accounts."""
        gone = {name: await table.forget_community(community_id) for name, table in self._by_community.items()}
        return module.Receipt(gone)


def _ids(asked: module.PersonAccounts) -> list[str]:
    return [user_id for platform, user_id in asked.accounts if platform == Platform.DISCORD]
