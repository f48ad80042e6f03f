"""What community offers other modules about coming in and leaving."""

from __future__ import annotations

from community_module_flask.communities import Communities
from community_module_flask.invitations import Invitations
from community_module_flask.joining import Joining
from community_module_flask.joining_repository import Asking
from community_module_flask.members import Members
from flask_core.contracts import joining
from flask_core.contracts.community import CommunityId, Member, MemberOf
from flask_core.errors import NotFound
from flask_core.operations import Caller, Endpoints

_PORTAL = "portal"


def joining_endpoints(
    communities: Communities, members: Members, coming: Joining, invitations: Invitations
) -> Endpoints:
    """Joining and leaving, requests, members that moderators add or remove, and invitations."""
    api = Endpoints()
    _about_oneself(api, communities, members, coming)
    _about_others(api, members, coming, invitations)
    _about_invitations(api, members, invitations)
    return api


def _about_oneself(api: Endpoints, communities: Communities, members: Members, coming: Joining) -> None:
    @api.offers(joining.JOIN)
    async def join(asked: joining.JoinCommunity, caller: Caller) -> joining.Joined:
        here, person = asked.community_id, caller.person
        await communities.show(here, person.person_id)
        name = person.name or "somebody"
        return await coming.join(Asking(here, "", person.person_id, _PORTAL, asked.message.strip(), name))

    @api.offers(joining.LEAVE)
    async def leave(asked: CommunityId, caller: Caller) -> None:
        member_id = await _own_id(members, asked.community_id, caller)
        await coming.leave(asked.community_id, member_id, caller.person.person_id)

    @api.offers(joining.STANDING)
    async def standing(asked: CommunityId, caller: Caller) -> joining.Standing:
        await communities.show(asked.community_id, caller.person.person_id)
        return await coming.standing(asked.community_id, caller.person.person_id)


def _about_others(api: Endpoints, members: Members, coming: Joining, invitations: Invitations) -> None:
    @api.offers(joining.REQUESTS)
    async def requests(asked: joining.ListRequests, _: Caller) -> joining.RequestPage:
        return await coming.requests(asked)

    @api.offers(joining.DECIDE)
    async def decide(asked: joining.Decide, caller: Caller) -> Member:
        return await coming.decide(asked, caller.person.person_id)

    @api.offers(joining.ADD)
    async def add(asked: MemberOf, caller: Caller) -> Member:
        here, actor = asked.community_id, caller.person.person_id
        target = await members.one(here, asked.member_id, with_ids=True)
        added = await coming.add_guest(here, target.id, actor)
        if added is None:
            invited_by = await _own_id(members, here, caller)
            await invitations.make(joining.MakeInvitation(here, member_id=target.id), caller.role, invited_by, actor)
        return added or target

    @api.offers(joining.REMOVE)
    async def remove(asked: joining.RemoveMember, caller: Caller) -> None:
        await coming.remove(
            asked.community_id, asked.member_id, caller.role, caller.person.person_id, asked.reason.strip()
        )


def _about_invitations(api: Endpoints, members: Members, invitations: Invitations) -> None:
    @api.offers(joining.INVITATIONS)
    async def live(asked: CommunityId, _: Caller) -> joining.InvitationPage:
        return joining.InvitationPage(await invitations.live(asked.community_id))

    @api.offers(joining.INVITE)
    async def invite(asked: joining.MakeInvitation, caller: Caller) -> joining.NewInvitation:
        invited_by = await _own_id(members, asked.community_id, caller)
        if asked.member_id:
            await members.one(asked.community_id, asked.member_id, with_ids=False)
        return await invitations.make(asked, caller.role, invited_by, caller.person.person_id)

    @api.offers(joining.END_INVITATION)
    async def end(asked: joining.InvitationOf, caller: Caller) -> None:
        await invitations.end(asked.community_id, asked.id, caller.role, caller.person.person_id)

    @api.offers(joining.LOOK_INTO)
    async def look_into(asked: joining.InvitationToken, caller: Caller) -> joining.Invited:
        return await invitations.look_into(asked.token, caller.person.person_id)

    @api.offers(joining.ACCEPT)
    async def accept(asked: joining.InvitationToken, caller: Caller) -> CommunityId:
        person = caller.person
        return CommunityId(await invitations.accept(asked.token, person.person_id, person.name or "somebody"))


async def _own_id(members: Members, community_id: int, caller: Caller) -> str:
    held = await members.role_of(community_id, caller.person.person_id)
    if not held.member_id:
        raise NotFound("You are not in this community.")
    return held.member_id
