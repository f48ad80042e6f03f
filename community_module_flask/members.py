"""Members: roles below one's own, joining and leaving, and people who turn out to be one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from community_module_flask.member_repository import MemberRepository
from community_module_flask.merge_repository import MergeRepository
from community_module_flask.publishing import Publisher
from community_module_flask.rank import check_grant, check_rank
from community_module_flask.role_repository import RoleRepository
from flask_core.auth import utc_now
from flask_core.contracts.community import (
    AccountOf,
    AccountRole,
    LinkPeople,
    ListMembers,
    Member,
    MemberPage,
    PersonRole,
    PlatformRole,
    Raised,
)
from flask_core.datamodels import Role
from flask_core.errors import Conflict, Forbidden, NotFound

MAX_PER_PAGE = 100


class Members:
    """Rules about people in a community; `rank` is the caller's assigned role."""

    def __init__(
        self,
        repository: MemberRepository,
        roles: RoleRepository,
        merges: MergeRepository,
        publisher: Publisher,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._roles = roles
        self._merges = merges
        self._publisher = publisher
        self._now = now

    async def page(self, asked: ListMembers, *, with_ids: bool) -> MemberPage:
        """One page; account ids only for those who may see them."""
        per_page = min(max(1, asked.per_page), MAX_PER_PAGE)
        members, total = await self._repository.page(asked, per_page)
        shown = tuple(members if with_ids else [without_ids(member) for member in members])
        return MemberPage(shown, max(1, asked.page), per_page, total)

    async def one(self, community_id: int, member_id: str, *, with_ids: bool) -> Member:
        """A member."""
        member = await self._repository.one(community_id, member_id)
        return member if with_ids else without_ids(member)

    async def check_in(self, community_id: int, member_id: str) -> None:
        """Raise Forbidden for guests: who is in is told to those who are in."""
        member = await self._repository.one(community_id, member_id) if member_id else None
        if member is None or member.status != "active":
            raise Forbidden("Only members can see who is in. You are a guest here: !community join")

    async def named(self, community_id: int, name: str) -> Member:
        """The one member called `name`. Raises NotFound, or Conflict with the candidates."""
        found = await self._repository.named(community_id, name.removeprefix("@"))
        if not found:
            raise NotFound(f"Nobody called {name[:40]} was seen here.")
        if len(found) > 1:
            raise Conflict(f"Several people are called {name[:40]}. Choose in the portal.")
        return found[0]

    async def set_role(self, community_id: int, member_id: str, role: Role, rank: Role, actor: str) -> Member:
        """Assign a role."""
        check_grant(rank, role)
        member = await self._repository.one(community_id, member_id)
        check_rank(rank, member.role, "change the role of")
        changed = await self._repository.set_role(community_id, member.id, role, rank, actor, self._now())
        await self._publisher.member_changed(community_id, changed)
        return changed

    async def raise_role(self, community_id: int, member_id: str, role: Role, rank: Role, actor: str) -> Raised:
        """Assign a role to somebody who has a lower one."""
        member = await self._repository.one(community_id, member_id)
        if member.role >= role:
            return Raised(member, member.role)
        return Raised(await self.set_role(community_id, member_id, role, rank, actor), member.role)

    async def role_of(self, community_id: int, person_id: str) -> PersonRole:
        """A person's role, for another module's own check."""
        return await self._roles.role_of_person(community_id, person_id, self._now())

    async def role_of_account(self, asked: AccountOf) -> AccountRole:
        """What an account may do here, and whose it is."""
        return await self._roles.role_of_account(asked, self._now())

    async def platform_role(self, asked: PlatformRole) -> None:
        """Remember a role that a platform showed."""
        await self._roles.platform_role(asked, self._now())

    async def link(self, asked: LinkPeople) -> None:
        """Accounts are one person's: their members become one in every community."""
        for community_id, member_id in await self._merges.merge(asked, self._now()):
            await self._publisher.member_changed(community_id, await self._repository.one(community_id, member_id))

    async def unlink(self, asked: LinkPeople) -> None:
        """Undo `link`."""
        for community_id, member_id in await self._merges.unmerge(asked, self._now()):
            member = await self._repository.one(community_id, member_id)
            await self._publisher.member_changed(community_id, member, asked.accounts)


def without_ids(member: Member) -> Member:
    """A member as members see each other: names, no account ids."""
    accounts = tuple(type(a)(a.platform, "", a.login, a.display_name) for a in member.accounts)
    return Member(
        id=member.id, name=member.name, status=member.status, role=member.role, accounts=accounts,
        joined_at=member.joined_at, last_seen_at=member.last_seen_at,
    )  # fmt: skip
