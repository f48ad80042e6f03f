"""Phrases what owners are told who part with their community."""

from __future__ import annotations

from community_module_flask.communities import Communities
from community_module_flask.endings import Endings
from community_module_flask.members import Members
from community_module_flask.transfers import HOURS, Transfers
from flask_core.datamodels import GivenMember, MemberRef, Role
from flask_core.errors import Forbidden
from flask_core.shared_state import SharedState

_ASKED_SECONDS = 60.0


class EndingChatting:
    """The role that a platform shows counts for nothing here: the assigned one alone does."""

    def __init__(
        self, communities: Communities, members: Members, transfers: Transfers, endings: Endings, shared: SharedState
    ) -> None:
        self._communities = communities
        self._members = members
        self._transfers = transfers
        self._endings = endings
        self._shared = shared

    async def transfer(self, community_id: int, owner: MemberRef, given: GivenMember) -> str:
        """Ask both."""
        _must_own(owner, "hand it over")
        target = await self._members.named(community_id, given.user_id or given.name)
        begun = await self._transfers.begin(community_id, target.id, agreed=False)
        return (
            f"I asked {begun.name} and you privately. When both write !community agree {begun.id} within {HOURS} h,"
            f" {begun.name} is the owner and you are admin."
        )

    async def agree(self, number: int, member: MemberRef) -> str:
        """One of the two says yes, anywhere."""
        transfer = await self._transfers.numbered(number)
        who, role = await self._transfers.member_of_account(transfer, member.platform, member.account.user_id)
        agreed = await self._transfers.agree(transfer, who, role)
        if agreed.done:
            return f"{agreed.name} is the owner now."
        missing = agreed.name if agreed.owner_agreed else agreed.owner_name
        return f"You agreed. {missing} has to agree as well: !community agree {agreed.id}"

    async def disagree(self, number: int, member: MemberRef) -> str:
        """One of the two says no."""
        transfer = await self._transfers.numbered(number)
        who, _ = await self._transfers.member_of_account(transfer, member.platform, member.account.user_id)
        await self._transfers.call_off(transfer, who)
        return f"Called off. {transfer.owner_name} stays the owner."

    async def delete(self, community_id: int, owner: MemberRef, slug: str) -> str:
        """Asked once, and done when the short name is typed within a minute."""
        _must_own(owner, "delete it")
        asked = f"community:delete:{community_id}:{owner.id}"
        if not slug or await self._shared.take(asked) is None:
            found = await self._communities.show(community_id, None)
            await self._shared.set(asked, b"1", _ASKED_SECONDS)
            return (
                f"This deletes «{found.name}» with its {found.members} members. Write !community delete {found.slug}"
                f" within {_ASKED_SECONDS:.0f} s if you mean it."
            )
        gone = await self._endings.delete(community_id, slug, owner.id)
        return (
            f"«{gone.name}» is deleted, and this channel belongs to no community any more."
            f" For {self._endings.days} days you can bring it back in the portal."
        )


def _must_own(member: MemberRef, what: str) -> None:
    if member.assigned_role < Role.OWNER:
        raise Forbidden(f"Only the owner of this community can {what}. You are {member.assigned_role.word} here.")
