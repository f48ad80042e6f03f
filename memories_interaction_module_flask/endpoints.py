"""What memories offers other modules."""

from __future__ import annotations

from flask_core.contracts import memories as contract
from flask_core.contracts import module
from flask_core.operations import Caller, Endpoints
from memories_interaction_module_flask.category_endpoints import add_category_endpoints
from memories_interaction_module_flask.chatting import Memories
from memories_interaction_module_flask.entry_endpoints import add_entry_endpoints
from memories_interaction_module_flask.importing import Importing
from memories_interaction_module_flask.reminder_endpoints import add_reminder_endpoints
from memories_interaction_module_flask.vote_repository import VoteRepository


def endpoints(memories: Memories, importing: Importing, votes: VoteRepository) -> Endpoints:
    """The operations of memories."""
    members = memories.reminding.members
    api = Endpoints()
    add_entry_endpoints(api, memories, votes, members)
    add_category_endpoints(api, importing.categories)
    add_reminder_endpoints(api, memories)

    @api.offers(module.EVENTS)
    async def hear(asked: module.EventBatch, _: Caller) -> module.EventsTaken:
        return await memories.reminding.channels.hear(asked)

    @api.offers(contract.IMPORT)
    async def import_entries(asked: contract.ImportEntries, caller: Caller) -> contract.ImportReport:
        return await importing.bring(asked, await members.acting(caller, asked.community_id))

    @api.offers(contract.EXPORT)
    async def export(asked: contract.ExportEntries, _: Caller) -> contract.ExportText:
        return contract.ExportText(await importing.export(asked.community_id, asked.format))

    return api
