"""Bans: who may silence whom, for how long, and the end of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from community_module_flask.ban_repository import BanRepository
from community_module_flask.member_repository import MemberRepository
from community_module_flask.publishing import Publisher
from community_module_flask.rank import check_rank
from flask_core.auth import utc_now
from flask_core.contracts.community import Ban, Member
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput

_BAN_MOST = 2 * 365 * 86_400
_EXPIRY_SECONDS = 30.0


class Bans:
    """A ban holds in the whole community; `rank` is the caller's assigned role."""

    def __init__(
        self,
        bans: BanRepository,
        members: MemberRepository,
        publisher: Publisher,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._bans = bans
        self._members = members
        self._publisher = publisher
        self._now = now

    async def ban(self, asked: Ban, rank: Role, actor: str) -> Member:
        """Ban a member everywhere in the community."""
        if not 0 <= asked.seconds <= _BAN_MOST:
            raise InvalidInput("A ban lasts at most two years, or has no end.", field="seconds")
        member = await self._members.one(asked.community_id, asked.member_id)
        check_rank(rank, member.role, "ban")
        banned = await self._bans.ban(
            asked.community_id, member.id, rank, actor, self._now(), reason=asked.reason[:500], seconds=asked.seconds
        )
        await self._publisher.member_changed(asked.community_id, banned)
        return banned

    async def unban(self, community_id: int, member_id: str, actor: str) -> Member:
        """Lift a ban."""
        member = await self._bans.lift_ban(community_id, member_id, actor, self._now())
        await self._publisher.member_changed(community_id, member)
        return member

    async def lift_due(self) -> int:
        """End bans whose time is over; how many there were."""
        over = await self._bans.lift_expired(self._now())
        for community_id, member_id in over:
            await self._publisher.member_changed(community_id, await self._members.one(community_id, member_id))
        return len(over)

    async def lift_expired(self) -> None:
        """For ever: twice a minute."""
        while True:
            await self.lift_due()
            await asyncio.sleep(_EXPIRY_SECONDS)
