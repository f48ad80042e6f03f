"""What discord offers about servers."""

from __future__ import annotations

from discord_module_flask.servers.lookups import Lookups
from discord_module_flask.servers.proving import Proving
from discord_module_flask.servers.service import Servers
from flask_core.contracts import discord_guilds as contract
from flask_core.contracts.people_facts import Holders, UserList
from flask_core.datamodels import Role
from flask_core.operations import Caller, Endpoints


def server_endpoints(servers: Servers, proving: Proving, lookups: Lookups) -> Endpoints:
    """Servers of a community: shown, set up, attached, proved, looked into."""
    api = Endpoints()

    @api.offers(contract.GUILDS)
    async def guilds(asked: contract.OfCommunity, _: Caller) -> contract.GuildNames:
        return await servers.of(asked.community_id)

    @api.offers(contract.GUILD)
    async def guild(asked: contract.GuildOf, _: Caller) -> contract.GuildView:
        return await servers.show(asked)

    @api.offers(contract.SET_UP)
    async def set_up(asked: contract.PutGuildSettings, caller: Caller) -> None:
        await servers.set_up(asked, caller.person.person_id)

    @api.offers(contract.MAP_ROLES)
    async def map_roles(asked: contract.PutRoleMap, caller: Caller) -> None:
        owner = caller.role is Role.OWNER or caller.person.operator
        await servers.map_roles(asked, caller.person.person_id, owner=owner)

    @api.offers(contract.ATTACH)
    async def attach(asked: contract.ChannelOf, caller: Caller) -> None:
        await servers.attach(asked, caller.person.person_id)

    @api.offers(contract.ATTACH_WHOLE)
    async def attach_whole(asked: contract.GuildOf, caller: Caller) -> None:
        await servers.attach_whole(asked, caller.person.person_id)

    @api.offers(contract.TEST)
    async def test(asked: contract.ChannelOf, _: Caller) -> contract.TestLine:
        return await servers.test(asked)

    @api.offers(contract.START)
    async def start(asked: contract.StartProof, caller: Caller) -> contract.ProofUrl:
        return await proving.start(asked, caller.person)

    @api.offers(contract.FINISH)
    async def finish(asked: contract.FinishProof, caller: Caller) -> contract.Proved:
        return await proving.finish(asked, caller.person)

    @api.offers(contract.USERS)
    async def users(asked: contract.UserQuery, _: Caller) -> UserList:
        return await lookups.users(asked)

    @api.offers(contract.CHANNEL)
    async def channel(asked: contract.ChannelQuery, _: Caller) -> contract.ChannelFacts:
        return await lookups.channel(asked.id)

    @api.offers(contract.ROLES)
    async def roles(asked: contract.RoleQuery, _: Caller) -> contract.RoleFacts:
        return await lookups.role(asked)

    @api.offers(contract.HOLDERS)
    async def holders(asked: contract.HoldersOf, _: Caller) -> Holders:
        return await lookups.holders(asked)

    return api
