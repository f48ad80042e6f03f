"""What slack offers other modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_core.contracts import module, slack
from flask_core.contracts.people_facts import Holders, UserList
from flask_core.operations import Caller, Endpoints

if TYPE_CHECKING:
    from slack_module_flask.wiring import Slack


def endpoints(made: Slack) -> Endpoints:
    """Slack's operations."""
    api = Endpoints()
    connections, settling, grants = made.connections, made.settling, made.grants

    @api.offers(module.DELIVER)
    async def deliver(asked: module.Deliveries, _: Caller) -> module.DeliveryResults:
        return module.DeliveryResults(tuple(await made.delivering.deliver(asked.items)))

    @api.offers(slack.START)
    async def start(asked: slack.StartInstall, caller: Caller) -> slack.InstallUrl:
        return await grants.start(asked, caller.person)

    @api.offers(slack.FINISH)
    async def finish(asked: slack.FinishInstall, caller: Caller) -> slack.Installed:
        return await grants.finish(asked, caller.person)

    @api.offers(slack.STATUS)
    async def status(asked: slack.OfCommunity, _: Caller) -> slack.Status:
        return await connections.status(asked.community_id)

    @api.offers(slack.WORKSPACES)
    async def workspaces(asked: slack.OfCommunity, _: Caller) -> slack.WorkspaceList:
        return await connections.workspaces(asked.community_id)

    @api.offers(slack.USE)
    async def use(asked: slack.UseWorkspace, caller: Caller) -> None:
        await settling.use(asked, caller.person)

    @api.offers(slack.REMOVE)
    async def remove(asked: slack.WorkspaceOf, caller: Caller) -> None:
        await settling.remove(asked.team_id, asked.community_id, caller.person)

    @api.offers(slack.SET_UP)
    async def set_up(asked: slack.PutWorkspaceSettings, caller: Caller) -> None:
        await settling.set_up(asked, caller.person)

    @api.offers(slack.CHANNELS)
    async def channels(asked: slack.WorkspaceOf, _: Caller) -> slack.ChannelViews:
        return await settling.channels(asked.team_id, asked.community_id)

    @api.offers(slack.ATTACH)
    async def attach(asked: slack.ChannelOf, _: Caller) -> slack.ChannelView:
        return await settling.attach(asked)

    @api.offers(slack.ATTACH_WHOLE)
    async def attach_whole(asked: slack.WorkspaceOf, _: Caller) -> None:
        await settling.attach_whole(asked)

    @api.offers(slack.TEST)
    async def test(asked: slack.ChannelOf, _: Caller) -> slack.TestLine:
        return await settling.test(asked)

    @api.offers(slack.MANIFEST)
    async def manifest(asked: slack.ManifestOf, _: Caller) -> slack.ManifestView:
        return await connections.manifest(asked.mode)

    @api.offers(slack.USERS)
    async def users(asked: slack.UserQuery, _: Caller) -> UserList:
        return await made.lookups.users(asked)

    @api.offers(slack.CHANNEL)
    async def channel(asked: slack.ChannelQuery, _: Caller) -> slack.ChannelFacts:
        return await made.lookups.channel(asked)

    @api.offers(slack.ROLE)
    async def role(asked: slack.RoleQuery, _: Caller) -> slack.RoleFacts:
        return await made.lookups.role(asked)

    @api.offers(slack.HOLDERS)
    async def holders(asked: slack.GroupOf, _: Caller) -> Holders:
        return await made.lookups.holders(asked)

    return api
