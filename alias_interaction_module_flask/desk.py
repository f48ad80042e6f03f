"""What the portal works with: commands with their uses and whether the router has them yet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from alias_interaction_module_flask.audit import Audit
from alias_interaction_module_flask.counters import Counters, Variables
from alias_interaction_module_flask.entries import Entries
from alias_interaction_module_flask.entry_listing import EntryListing
from alias_interaction_module_flask.members import Members
from alias_interaction_module_flask.models import Entry
from alias_interaction_module_flask.preview import Previews
from alias_interaction_module_flask.push_repository import PushRepository
from alias_interaction_module_flask.use_repository import UseRepository, Uses
from alias_interaction_module_flask.views import counter_view, editors_view, variable_view
from flask_core.contracts import alias as contract
from flask_core.errors import NotFound
from flask_core.operations import Caller


@dataclass(frozen=True, slots=True)
class Desk:
    """Reads together what belongs together."""

    entries: Entries
    listing: EntryListing
    counters: Counters
    variables: Variables
    members: Members
    uses: UseRepository
    pushes: PushRepository
    previews: Previews
    audit: Audit

    async def kept(self, community_id: int, entry_id: int) -> Entry:
        """One that is not in the bin; raises NotFound."""
        entry = await self.entries.one(community_id, entry_id)
        if entry.deleted_at is not None:
            raise NotFound("There is no such command.")
        return entry

    @asynccontextmanager
    async def noted(
        self, caller: Caller, community_id: int, action: str, target: str, said: str
    ) -> AsyncIterator[None]:
        """What happens inside is written down with who did it, or does not happen."""
        by = await self.members.acting(caller, community_id)
        async with self.audit.database.transaction():
            yield
            await self.audit.note(community_id, by.member_id, action, target, said)

    async def view(self, entry: Entry) -> contract.CommandView:
        """One as its editors see it."""
        return (await self.views(entry.community_id, [entry]))[0]

    async def views(self, community_id: int, found: Sequence[Entry]) -> list[contract.CommandView]:
        """Some as their editors see them."""
        uses = await self.uses.of([entry.id for entry in found])
        version, acknowledged = await self.pushes.versions(community_id)
        warnings = self.entries.texts.warnings
        return [
            editors_view(
                entry, uses.get(entry.id, Uses()), live=acknowledged >= version, warnings=warnings(entry.what)
            )
            for entry in found
        ]  # fmt: skip

    async def export(self, community_id: int) -> contract.Exported:
        """All that a community has here."""
        return contract.Exported(
            tuple(editors_view(entry) for entry in await self.entries.repository.all(community_id)),
            tuple(counter_view(counter) for counter in await self.counters.listed(community_id)),
            tuple(variable_view(variable) for variable in await self.variables.listed(community_id)),
        )
