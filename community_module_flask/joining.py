"""Coming in and going: joining, requests, and members whom moderators add or remove."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from community_module_flask.joining_repository import Asking, JoiningRepository
from community_module_flask.member_repository import MemberRepository
from community_module_flask.publishing import Publisher
from community_module_flask.rank import check_rank
from flask_core.auth import utc_now
from flask_core.contracts.community import GLOBAL_COMMUNITY, Member
from flask_core.contracts.joining import (
    MESSAGE_LENGTH,
    REASON_LENGTH,
    Decide,
    Joined,
    ListRequests,
    RequestPage,
    Standing,
)
from flask_core.datamodels import Role
from flask_core.errors import InvalidInput

_MAX_PER_PAGE = 100


class Joining:
    """Rules about who is in; `rank` is what the caller counts as in the whole community."""

    def __init__(
        self,
        repository: JoiningRepository,
        members: MemberRepository,
        publisher: Publisher,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._members = members
        self._publisher = publisher
        self._now = now

    async def join(self, asking: Asking) -> Joined:
        """Come in, or ask to."""
        _check_place(asking.community_id, "join")
        if len(asking.message) > MESSAGE_LENGTH:
            raise InvalidInput(f"Write at most {MESSAGE_LENGTH} characters.", field="message")
        joined, member_id = await self._repository.join(asking, self._now())
        await self._changed(asking.community_id, member_id)
        return joined

    async def leave(self, community_id: int, member_id: str, actor: str) -> bool:
        """Leave; True for a member, False for who takes a request back."""
        _check_place(community_id, "leave")
        left = await self._repository.leave(community_id, member_id, actor, self._now())
        await self._changed(community_id, member_id)
        return left

    async def remove(self, community_id: int, member_id: str, rank: Role, actor: str, reason: str) -> Member:
        """Take a member out who is below the caller."""
        member = await self._members.one(community_id, member_id)
        check_rank(rank, member.role, "remove")
        removed = await self._repository.remove(
            community_id, member.id, rank, actor, reason[:REASON_LENGTH], self._now()
        )
        await self._publisher.member_changed(community_id, removed)
        return removed

    async def add_guest(self, community_id: int, member_id: str, actor: str) -> Member | None:
        """Let a guest in who writes here already; None for anybody else."""
        added = await self._repository.add_guest(community_id, member_id, actor, self._now())
        if added is not None:
            await self._publisher.member_changed(community_id, added)
        return added

    async def decide(self, asked: Decide, actor: str) -> Member:
        """Accept or refuse a request."""
        member = await self._repository.decide(asked, actor, self._now())
        await self._publisher.member_changed(asked.community_id, member)
        return member

    async def requests(self, asked: ListRequests) -> RequestPage:
        """One page of requests."""
        per_page = min(max(1, asked.per_page), _MAX_PER_PAGE)
        items, total = await self._repository.requests(asked, per_page)
        return RequestPage(tuple(items), max(1, asked.page), per_page, total)

    async def standing(self, community_id: int, person_id: str) -> Standing:
        """How a person stands to a community."""
        return await self._repository.standing(community_id, person_id, self._now())

    async def _changed(self, community_id: int, member_id: str) -> None:
        await self._publisher.member_changed(community_id, await self._members.one(community_id, member_id))


def _check_place(community_id: int, verb: str) -> None:
    if community_id == GLOBAL_COMMUNITY:
        raise InvalidInput(f"This channel belongs to no community that you could {verb}.")
