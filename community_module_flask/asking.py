"""Asks the two whom a transfer concerns, privately, whether they agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from community_module_flask.transfer_repository import TransferRepository
from community_module_flask.transfers import HOURS
from flask_core.contracts import community, router
from flask_core.contracts.community_endings import Transfer
from flask_core.datamodels import Chat
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound
from flask_core.service_client import ServiceClient

_FINAL = (NotFound, Forbidden, InvalidInput, Conflict)


class Asking:
    """Who cannot be written to finds the question in the portal, and may answer it in any channel."""

    def __init__(
        self, transfers: TransferRepository, client: ServiceClient, now: Callable[[], datetime], *, public_url: str
    ) -> None:
        self._transfers = transfers
        self._client = client
        self._now = now
        self._public_url = public_url

    async def ask(self, number: int, member_id: str) -> bool:
        """Whether it was asked, or needs not be asked any more; raises what the router answers when it is away."""
        transfer = await self._transfers.numbered(number, self._now())
        if transfer is None:
            return True
        try:
            await self._client.call("router", router.ACT, await self._question(transfer, member_id))
        except _FINAL:
            return True
        return True

    async def _question(self, transfer: Transfer, member_id: str) -> router.ActionsRequest:
        found = await self._client.call("community", community.GET, community.CommunityId(transfer.community_id))
        said = (
            f"{transfer.owner_name} wants to hand the community «{found.name}» over to you. You would own it."
            if member_id == transfer.member_id
            else f"«{found.name}» (#{found.id}) is to be handed over to {transfer.name}. You would be admin."
        )
        where = f" Or in the portal: {self._public_url}/c/{found.id}/transfer" if self._public_url else ""
        text = (
            f"{said} To agree, write !community agree {transfer.id} within {HOURS} h;"
            f" else !community disagree {transfer.id}.{where}"
        )
        return router.ActionsRequest(
            community_id=transfer.community_id,
            target=router.Target(member_id=member_id),
            idempotency_key=f"transfer-{transfer.id}-{member_id}",
            actions=(Chat(text, reply=False, private=True),),
            private=True,
        )
