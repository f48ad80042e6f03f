"""Phrases what people read who come in, leave, ask, and are asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from community_module_flask.communities import Communities
from community_module_flask.contexts import Contexts
from community_module_flask.finding import Finding
from community_module_flask.invitations import Invitations
from community_module_flask.invite_words import InviteWords
from community_module_flask.joining import Joining
from community_module_flask.joining_repository import BY_INVITATION, Asking
from community_module_flask.members import Members
from community_module_flask.rank import in_whole_community
from flask_core.auth import utc_now
from flask_core.contracts.community import GLOBAL_COMMUNITY, Community, Member
from flask_core.contracts.joining import Decide, JoinRequest, ListRequests, MakeInvitation
from flask_core.datamodels import Chat, GivenMember, MemberRef, Platform, Reply, Role
from flask_core.errors import Conflict, Forbidden, InvalidInput, NotFound, NotReady
from flask_core.when_told import in_words

_PER_PAGE = 5
_CANNOT_WRITE = "I cannot write to you privately. Portal → Members → Invitations makes links, too."


@dataclass(frozen=True, slots=True)
class JoiningInChat:
    """One sentence per request; without `public_url` there are no links."""

    communities: Communities
    finding: Finding
    contexts: Contexts
    members: Members
    joining: Joining
    invitations: Invitations
    public_url: str

    async def join(self, here: int, member: MemberRef, text: str) -> str:
        """Come into this community, or the one that is named; where moderators decide, other words are for them."""
        found, message = await self._meant(here, member, text)
        member_id = member.id
        if found.id != here:
            if member.platform == Platform.CONSOLE:
                raise Forbidden("The people of the playground are made up. They stay in its community.")
            closed = found.join_mode == "invite"
            member_id = await self.contexts.member_of(found.id, member.platform, member.account, make=not closed)
            if not member_id:
                raise Forbidden(BY_INVITATION)
        joined = await self.joining.join(Asking(found.id, member_id, member_id, member.platform, message))
        if joined.status == "active":
            return f"Welcome to «{found.name}»."
        return f"Request #{joined.request_id} sent. A moderator of «{found.name}» decides."

    async def _meant(self, here: int, member: MemberRef, text: str) -> tuple[Community, str]:
        if not text and here == GLOBAL_COMMUNITY:
            raise InvalidInput("This channel belongs to no community that you could join.")
        present = await self.communities.show(here, None)
        if not text:
            return present, ""
        try:
            return await self.finding.visible(member, text), ""
        except NotFound:
            if here == GLOBAL_COMMUNITY or present.join_mode != "approval":
                raise
        return present, text

    async def leave(self, here: int, member: MemberRef) -> str:
        """Leave, or take the request back."""
        left = await self.joining.leave(here, member.id, member.id)
        return "You left. Come back any time: !community join" if left else "Your request is taken back."

    async def requests(self, here: int, page: int) -> str:
        """Open requests, the oldest first."""
        found = await self.joining.requests(ListRequests(here, page=page, per_page=_PER_PAGE))
        if not found.items:
            return "Nobody asks to come in."
        more = found.total - (found.page - 1) * _PER_PAGE - len(found.items)
        listed = "; ".join(_described(one) for one in found.items)
        return f"{listed} (+{more} more: !community requests {found.page + 1})" if more > 0 else listed

    async def decide(self, here: int, actor: MemberRef, number: int, *, accept: bool, reason: str = "") -> str:
        """Let somebody in, or refuse them."""
        member = await self.joining.decide(Decide(here, number, accept, reason[:300]), actor.id)
        return f"{member.name} is in." if accept else f"{member.name} was refused and may ask again in 7 days."

    async def invite(self, here: int, actor: MemberRef, words: InviteWords) -> Reply:
        """A link for the inviter's eyes, or a word to one member."""
        if words.member is not None:
            target = await self._named(here, words.member)
            return Reply.chat(await self._ask(here, actor, target, words.role, words.seconds), mention=False)
        if not self.public_url:
            raise NotReady("There is no public address to link to. Name somebody: !community invite <member>")
        asked = MakeInvitation(here, words.role, words.uses, words.seconds)
        made = await self.invitations.make(asked, _rank(actor), actor.id, actor.id)
        uses = "1 person" if asked.uses == 1 else f"{asked.uses} people"
        holds = self._holds(words.seconds)
        link = f"For {uses}, as {asked.role.word}, {holds}: {self.public_url}/i/{made.token}"
        return Reply.chat(link, Chat("I send you the link privately."), private=True, public_fallback=_CANNOT_WRITE)

    async def add(self, here: int, actor: MemberRef, given: GivenMember) -> str:
        """Let a guest in; anybody else is asked."""
        target = await self._named(here, given)
        added = await self.joining.add_guest(here, target.id, actor.id)
        return f"{added.name} is in." if added else await self._ask(here, actor, target, Role.VIEWER, 0)

    async def _ask(self, here: int, actor: MemberRef, target: Member, role: Role, seconds: int) -> str:
        asked = MakeInvitation(here, role, 1, seconds, target.id)
        await self.invitations.make(asked, _rank(actor), actor.id, actor.id)
        be = f" as {role.word}" if role else ""
        return f"Asked {target.name} to join{be}: !community join ({self._holds(seconds)})."

    def _holds(self, seconds: int) -> str:
        return in_words(timedelta(seconds=seconds) if seconds else self.invitations.usual)

    async def remove(self, here: int, actor: MemberRef, given: GivenMember, reason: str) -> str:
        """Take a member out."""
        target = await self._named(here, given)
        removed = await self.joining.remove(here, target.id, _rank(actor), actor.id, reason)
        return f"{removed.name} was removed."

    async def _named(self, here: int, given: GivenMember) -> Member:
        if here == GLOBAL_COMMUNITY:
            raise Conflict("This channel belongs to no community with members.")
        return await self.members.named(here, given.user_id or given.name)


def _rank(actor: MemberRef) -> Role:
    return in_whole_community(actor.role, actor.assigned_role)


def _described(one: JoinRequest) -> str:
    said = f": «{one.message}»" if one.message else ""
    return f"#{one.id} {one.name} ({one.platform}), {in_words(utc_now() - one.asked_at)} ago{said}"
