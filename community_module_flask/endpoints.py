"""What community offers other modules."""

from __future__ import annotations

import msgspec

from community_module_flask.bans import Bans
from community_module_flask.communities import Communities
from community_module_flask.contexts import Contexts
from community_module_flask.members import Members
from community_module_flask.models import Founder
from flask_core.contracts import community
from flask_core.datamodels import Account, Role
from flask_core.operations import Caller, Endpoints


def endpoints(contexts: Contexts, communities: Communities, members: Members, bans: Bans) -> Endpoints:
    """Community's operations."""
    api = Endpoints()
    _about_communities(api, communities)
    _about_members(api, communities, members)
    _about_roles(api, contexts, members, bans)

    @api.offers(community.CONTEXT)
    async def context(asked: community.ContextRequest, _: Caller) -> community.ContextAnswer:
        return await contexts.answer(asked)

    return api


def _about_communities(api: Endpoints, communities: Communities) -> None:
    @api.offers(community.LIST)
    async def list_communities(asked: community.ListCommunities, caller: Caller) -> community.CommunityList:
        return community.CommunityList(tuple(await communities.belonging_to(caller.person.person_id, asked.q)))

    @api.offers(community.CREATE)
    async def create(asked: community.CreateCommunity, caller: Caller) -> community.Community:
        return await communities.create(asked, Founder(caller.person.name or "owner", caller.person.person_id))

    @api.offers(community.GET)
    async def show(asked: community.CommunityId, caller: Caller) -> community.Community:
        person = caller.acting.person_id if caller.acting else None
        return await communities.show(asked.community_id, person)

    @api.offers(community.PATCH)
    async def patch(asked: community.PatchCommunity, caller: Caller) -> community.Community:
        return await communities.patch(asked, caller.person.person_id)

    @api.offers(community.CHANNELS)
    async def channels(asked: community.CommunityId, _: Caller) -> community.ChannelList:
        return community.ChannelList(tuple(await communities.channels(asked.community_id)))

    @api.offers(community.ATTACH)
    async def attach(asked: community.AttachChannel, caller: Caller) -> community.Channel:
        return await communities.attach(asked, _actor(caller))

    @api.offers(community.DETACH)
    async def detach(asked: community.ChannelOf, caller: Caller) -> None:
        await communities.detach(asked.community_id, asked.key, _actor(caller))

    @api.offers(community.TRIGGER_CHANNELS)
    async def platform_channels(asked: community.PlatformChannels, _: Caller) -> community.ChannelList:
        return community.ChannelList(tuple(await communities.platform_channels(asked.platform)))


def _about_members(api: Endpoints, communities: Communities, members: Members) -> None:
    @api.offers(community.MEMBERS)
    async def page(asked: community.ListMembers, caller: Caller) -> community.MemberPage:
        await communities.show(asked.community_id, caller.person.person_id)
        moderates = caller.role >= Role.MODERATOR
        if not moderates:
            await members.check_in(
                asked.community_id, (await members.role_of(asked.community_id, caller.person.person_id)).member_id
            )
            asked = msgspec.structs.replace(asked, status="active")
        return await members.page(asked, with_ids=moderates)

    @api.offers(community.MEMBER)
    async def one(asked: community.MemberOf, caller: Caller) -> community.Member:
        await communities.show(asked.community_id, caller.acting.person_id if caller.acting else None)
        with_ids = caller.acting is None or caller.role >= Role.MODERATOR
        return await members.one(asked.community_id, asked.member_id, with_ids=with_ids)

    @api.offers(community.LINK)
    async def link(asked: community.LinkPeople, _: Caller) -> None:
        await members.link(asked)

    @api.offers(community.UNLINK)
    async def unlink(asked: community.LinkPeople, _: Caller) -> None:
        await members.unlink(asked)


def _about_roles(api: Endpoints, contexts: Contexts, members: Members, bans: Bans) -> None:
    @api.offers(community.RAISE_ACCOUNT)
    async def raise_account(asked: community.RaiseAccount, caller: Caller) -> community.Raised:
        account = Account(asked.user_id, asked.name.lower(), asked.name)
        member_id = await contexts.member_of(asked.community_id, asked.platform, account)
        return await members.raise_role(asked.community_id, member_id, asked.role, caller.role, _actor(caller))

    @api.offers(community.SET_ROLE)
    async def set_role(asked: community.SetRole, caller: Caller) -> community.Member:
        return await members.set_role(asked.community_id, asked.member_id, asked.role, caller.role, _actor(caller))

    @api.offers(community.BAN)
    async def ban(asked: community.Ban, caller: Caller) -> community.Member:
        return await bans.ban(asked, caller.role, _actor(caller))

    @api.offers(community.UNBAN)
    async def unban(asked: community.MemberOf, caller: Caller) -> None:
        await bans.unban(asked.community_id, asked.member_id, _actor(caller))

    @api.offers(community.ROLE_OF)
    async def role_of(asked: community.RoleOf, _: Caller) -> community.PersonRole:
        return await members.role_of(asked.community_id, asked.person_id)

    @api.offers(community.ROLE_OF_ACCOUNT)
    async def role_of_account(asked: community.AccountOf, _: Caller) -> community.AccountRole:
        return await members.role_of_account(asked)

    @api.offers(community.PLATFORM_ROLES)
    async def platform_role(asked: community.PlatformRole, _: Caller) -> None:
        await members.platform_role(asked)


def _actor(caller: Caller) -> str:
    return caller.acting.person_id if caller.acting else caller.service
