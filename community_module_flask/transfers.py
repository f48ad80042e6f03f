"""Handing a community over: the owner and the new owner both say so, within a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from community_module_flask.publishing import Publisher
from community_module_flask.transfer_repository import TransferRepository
from flask_core.auth import utc_now
from flask_core.contracts.community import GLOBAL_COMMUNITY
from flask_core.contracts.community_endings import OpenTransfer, Transfer
from flask_core.datamodels import Role
from flask_core.errors import Forbidden, NotFound

HOURS = 24


class Transfers:
    """Only the two whom it concerns see it, agree to it or call it off."""

    def __init__(
        self,
        repository: TransferRepository,
        publisher: Publisher,
        *,
        max_owned: int,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._publisher = publisher
        self._max_owned = max_owned
        self._now = now

    async def begin(self, community_id: int, member_id: str, *, agreed: bool) -> Transfer:
        """Ask the member; `agreed` says that the owner was asked already."""
        if community_id == GLOBAL_COMMUNITY:
            raise Forbidden("The global community belongs to the operator.")
        now = self._now()
        return await self._repository.begin(community_id, member_id, now, now + timedelta(hours=HOURS), agreed=agreed)

    async def open(self, community_id: int, member_id: str) -> OpenTransfer:
        """The one under way, as a member may see it."""
        found = await self._repository.open(community_id, self._now())
        if found is None:
            return OpenTransfer()
        if member_id == found.member_id:
            return OpenTransfer(found, mine=True)
        owner = await self._repository.owner_of(community_id)
        return OpenTransfer(found if member_id == owner.id else None)

    async def numbered(self, number: int, community_id: int | None = None) -> Transfer:
        """One by its number. Raises NotFound when it is over."""
        found = await self._repository.numbered(number, self._now())
        if found is None or community_id not in (None, found.community_id):
            raise NotFound(f"No transfer #{number} waits for you.")
        return found

    async def member_of_account(self, transfer: Transfer, platform: str, user_id: str) -> tuple[str, Role]:
        """Who an account is in that community. Raises NotFound for a stranger."""
        known = await self._repository.member_of_account(transfer.community_id, platform, user_id, self._now())
        if known is None:
            raise NotFound(f"No transfer #{transfer.id} waits for you.")
        return known

    async def agree(self, transfer: Transfer, member_id: str, role: Role) -> Transfer:
        """One of the two agrees."""
        owner = await self._repository.owner_of(transfer.community_id)
        agreed = await self._repository.agree(transfer, member_id, role, self._now(), max_owned=self._max_owned)
        if agreed.done:
            for member in await self._repository.pair(agreed, owner.id):
                await self._publisher.member_changed(transfer.community_id, member)
            await self._publisher.community_changed(transfer.community_id)
        return agreed

    async def call_off(self, transfer: Transfer, member_id: str) -> None:
        """One of the two does not want it."""
        await self._repository.call_off(transfer, member_id, self._now())
