"""What community offers to owners who part with a community."""

from __future__ import annotations

from community_module_flask.communities import Communities
from community_module_flask.endings import Endings
from community_module_flask.members import Members
from community_module_flask.transfers import Transfers
from flask_core.contracts import community, community_endings
from flask_core.errors import Conflict
from flask_core.operations import Caller, Endpoints


def ending_endpoints(communities: Communities, members: Members, endings: Endings, transfers: Transfers) -> Endpoints:
    """Deleting, restoring and handing over."""
    api = Endpoints()

    @api.offers(community_endings.DELETE)
    async def delete(asked: community_endings.DeleteCommunity, caller: Caller) -> community_endings.Deleted:
        return await endings.delete(asked.community_id, asked.slug, caller.person.person_id)

    @api.offers(community_endings.RESTORE)
    async def restore(asked: community_endings.RestoreCommunity, caller: Caller) -> community.Community:
        return await endings.restore(asked, caller.person.person_id)

    @api.offers(community_endings.DELETED)
    async def deleted(_: community_endings.Nothing, caller: Caller) -> community_endings.DeletedList:
        return community_endings.DeletedList(await endings.deleted_of(caller.person.person_id), endings.days)

    @api.offers(community_endings.TRANSFER)
    async def transfer(asked: community_endings.BeginTransfer, _: Caller) -> community_endings.Transfer:
        found = await communities.show(asked.community_id, None)
        if asked.slug.strip().lower() != found.slug:
            raise Conflict(f"That is not its short name. Type {found.slug} to hand «{found.name}» over.", field="slug")
        return await transfers.begin(asked.community_id, asked.member_id, agreed=True)

    @api.offers(community_endings.OPEN_TRANSFER)
    async def show(asked: community.CommunityId, caller: Caller) -> community_endings.OpenTransfer:
        held = await members.role_of(asked.community_id, caller.person.person_id)
        return await transfers.open(asked.community_id, held.member_id)

    @api.offers(community_endings.ACCEPT_TRANSFER)
    async def accept(asked: community_endings.TransferOf, caller: Caller) -> community_endings.Transfer:
        held = await members.role_of(asked.community_id, caller.person.person_id)
        found = await transfers.numbered(asked.transfer_id, asked.community_id)
        return await transfers.agree(found, held.member_id, held.assigned)

    @api.offers(community_endings.CALL_OFF_TRANSFER)
    async def call_off(asked: community_endings.TransferOf, caller: Caller) -> None:
        held = await members.role_of(asked.community_id, caller.person.person_id)
        await transfers.call_off(await transfers.numbered(asked.transfer_id, asked.community_id), held.member_id)

    return api
