"""Asks the two whom a transfer concerns, privately, whether they agree."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from community_module_flask.transfer_repository import TransferRepository
from community_module_flask.transfers import HOURS
from flask_core.contracts import community, notices, router
from flask_core.contracts.community_endings import Transfer
from flask_core.datamodels import Chat
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound
from flask_core.service_client import ServiceClient

_FINAL = (NotFound, Forbidden, InvalidInput, Conflict)


class Asking:
    """Who has a portal account finds the question there, too; all may answer it in any channel."""

    def __init__(
        self, transfers: TransferRepository, client: ServiceClient, now: Callable[[], datetime], *, public_url: str
    ) -> None:
        self._transfers = transfers
        self._client = client
        self._now = now
        self._public_url = public_url

    async def ask(self, number: int, member_id: str) -> bool:
        """Whether it was asked, or needs not be asked any more; raises what others answer while they are away."""
        transfer = await self._transfers.numbered(number, self._now())
        if transfer is None:
            return True
        member = await self._client.call(
            "community", community.MEMBER, community.MemberOf(transfer.community_id, member_id)
        )
        text = await self._question(transfer, member.id)
        if member.person_id:
            await self._client.call("portal", notices.NOTIFY, _notice(transfer, member.person_id, text))
        with suppress(*_FINAL):
            await self._client.call("router", router.ACT, self._letter(transfer, member.id, text))
        return True

    async def _question(self, transfer: Transfer, member_id: str) -> str:
        found = await self._client.call("community", community.GET, community.CommunityId(transfer.community_id))
        said = (
            f"{transfer.owner_name} wants to hand the community «{found.name}» over to you. You would own it."
            if member_id == transfer.member_id
            else f"«{found.name}» (#{found.id}) is to be handed over to {transfer.name}. You would be admin."
        )
        return (
            f"{said} To agree, write !community agree {transfer.id} within {HOURS} h;"
            f" else !community disagree {transfer.id}."
        )

    def _letter(self, transfer: Transfer, member_id: str, text: str) -> router.ActionsRequest:
        where = f" {self._public_url}{_page(transfer)}" if self._public_url else ""
        return router.ActionsRequest(
            community_id=transfer.community_id,
            target=router.Target(member_id=member_id),
            idempotency_key=f"transfer-{transfer.id}-{member_id}",
            actions=(Chat(f"{text}{where}", reply=False, private=True),),
            private=True,
        )


def _page(transfer: Transfer) -> str:
    return f"/c/{transfer.community_id}/transfer"


def _notice(transfer: Transfer, person_id: str, text: str) -> notices.PutNotice:
    """For the person alone: what a community is told stands on its moderators' page."""
    key = f"transfer-{transfer.id}-{person_id}"
    return notices.PutNotice(key, f"transfer:{transfer.community_id}:{person_id}", text, 0, person_id, _page(transfer))
