"""The health tile with its checklist, workspaces and channels of a community, the test line, the manifest."""

from __future__ import annotations

import time

from flask_core.contracts import community, slack
from flask_core.errors import Conflict, Forbidden, NotFound, ServiceError
from flask_core.handover import Handover
from flask_core.service_client import ServiceClient
from slack_module_flask.config import Config
from slack_module_flask.grants import Grants
from slack_module_flask.manifest import link_of, manifest_of, yaml_of
from slack_module_flask.models import Channel, Workspace, channel_key
from slack_module_flask.newcomers import Newcomers
from slack_module_flask.news import News
from slack_module_flask.scopes import missing
from slack_module_flask.sockets import Sockets
from slack_module_flask.steps import Facts, steps_of
from slack_module_flask.upkeep import Upkeep
from slack_module_flask.workspaces import Workspaces


class Connections:
    """What people are shown about Slack, and can change."""

    def __init__(
        self,
        config: Config,
        workspaces: Workspaces,
        grants: Grants,
        upkeep: Upkeep,
        newcomers: Newcomers,
        news: News,
        handover: Handover,
        *,
        services: ServiceClient,
        sockets: Sockets,
    ) -> None:
        self._config = config
        self._workspaces = workspaces
        self._grants = grants
        self._upkeep = upkeep
        self._newcomers = newcomers
        self._news = news
        self._handover = handover
        self._services = services
        self._sockets = sockets

    async def status(self, community_id: int) -> slack.Status:
        """How it stands, for a community or the whole installation."""
        used = await self._workspaces.used_by(community_id)
        views = tuple([await self._view(one, community_id) for one in used])
        sockets, reason = self._sockets.said_hello, self._sockets.reason
        last = max((view.last_event_at for view in views if view.last_event_at), default=None)
        facts = Facts(
            lacks=self._config.lacks, over_sockets=self._config.over_sockets, sockets=sockets,
            trouble=self._upkeep.reason or reason, workspaces=views, last_event_at=last,
        )  # fmt: skip
        steps = steps_of(facts)
        undone = next((step.said for step in steps if step.state in {"you", "failed"}), "")
        return slack.Status(
            connected=not self._config.lacks and any(view.state is slack.WorkspaceState.OK for view in views),
            transport="Socket Mode" if self._config.over_sockets else "HTTPS",
            workspaces=views, steps=steps, sockets=sockets,
            sockets_wanted=self._config.sockets if self._config.over_sockets else 0,
            spooled=await self._handover.waiting(), retries=await self._news.retries(),
            reason=self._config.lacks or undone, can_install=self._grants.possible and not self._config.lacks,
            last_event_at=last,
        )  # fmt: skip

    async def _view(self, workspace: Workspace, community_id: int) -> slack.WorkspaceView:
        return slack.WorkspaceView(
            workspace.team_id, workspace.name, workspace.state, workspace.reason, missing(workspace.scopes),
            workspace.settings, await self._news.last(workspace.team_id),
            await self._attached_in(workspace.team_id, community_id),
        )  # fmt: skip

    async def _attached_in(self, team_id: str, community_id: int) -> int:
        try:
            attached = await self._newcomers.attached()
        except ServiceError:
            return 0
        mine = [one for one in attached if community_id in {0, one.community_id}]
        return sum(one.key.startswith(f"slack:{team_id}:") for one in mine)

    async def workspaces(self, community_id: int) -> slack.WorkspaceList:
        """Those that a community uses."""
        used = await self._workspaces.used_by(community_id)
        return slack.WorkspaceList(tuple([await self._view(one, community_id) for one in used]))

    async def use(self, asked: slack.UseWorkspace) -> None:
        """Let a community use a workspace."""
        await self._workspaces.must_be_of(asked.team_id, 0)
        await self._workspaces.repository.use(asked.team_id, asked.for_community)
        await self._workspaces.changed()

    async def remove(self, team_id: str, community_id: int) -> None:
        """End a community's use; the last one gives the tokens back, and so does an operator."""
        workspace = await self._workspaces.must_be_of(team_id, community_id)
        left = await self._workspaces.repository.leave(team_id, community_id) if community_id else 0
        if not left and workspace.bot_token != self._config.bot_token:
            await self._give_back(workspace)
            await self._workspaces.uninstalled(team_id)
        await self._workspaces.changed()

    async def _give_back(self, workspace: Workspace) -> None:
        try:
            await self._workspaces.call(workspace.team_id, "auth.revoke")
        except ServiceError as error:
            if workspace.state is slack.WorkspaceState.OK and error.status >= 500:
                raise

    async def set_up(self, asked: slack.PutWorkspaceSettings) -> None:
        """How the bot behaves in a workspace."""
        workspace = await self._workspaces.must_be_of(asked.team_id, asked.community_id)
        notices = asked.settings.notice_channel
        known = {channel.channel_id for channel in await self._workspaces.repository.channels(workspace.team_id)}
        if notices and notices not in known:
            raise NotFound("Slack knows no such channel, or the bot may not see it.")
        await self._workspaces.repository.set_settings(workspace.team_id, asked.settings)
        await self._workspaces.changed()

    async def channels(self, team_id: str, community_id: int) -> slack.ChannelViews:
        """A workspace's channels, and which of them are attached where."""
        workspace = await self._workspaces.must_be_of(team_id, community_id)
        channels = await self._workspaces.repository.channels(team_id)
        if not channels:
            channels = await self._upkeep.read_channels(workspace.team_id)
        owners = {one.key: one.community_id for one in await self._newcomers.attached(now=True)}
        return slack.ChannelViews(tuple(_channel_view(one, owners, community_id) for one in channels))

    async def attach(self, asked: slack.ChannelOf) -> slack.ChannelView:
        """Attach a channel: who administers its workspace let the community use it."""
        channel = await self._channel(asked)
        key = channel_key(asked.team_id, asked.channel_id)
        attach = community.AttachChannel(asked.community_id, key, f"#{channel.name}")
        await self._services.call("community", community.ATTACH, attach)
        await self._newcomers.attached(now=True)
        return _channel_view(channel, {key: asked.community_id}, asked.community_id)

    async def _channel(self, asked: slack.ChannelOf) -> Channel:
        await self._workspaces.must_be_of(asked.team_id, asked.community_id)
        listed = await self._workspaces.repository.channels(asked.team_id)
        found = next((one for one in listed if one.channel_id == asked.channel_id), None)
        if found is None:
            listed = await self._upkeep.read_channels(asked.team_id)
            found = next((one for one in listed if one.channel_id == asked.channel_id), None)
        if found is None:
            raise NotFound("Slack knows no such channel, or the bot may not see it.")
        return found

    async def test(self, asked: slack.ChannelOf) -> slack.TestLine:
        """Say a test line. Raises what Slack says."""
        channel = await self._channel(asked)
        owners = {one.key: one.community_id for one in await self._newcomers.attached(now=True)}
        if owners.get(channel_key(asked.team_id, asked.channel_id)) != asked.community_id:
            raise Conflict("Attach the channel first.")
        began = time.perf_counter()
        text = "This is a test of WaddleBot. Everything works."
        try:
            await self._workspaces.call(asked.team_id, "chat.postMessage", channel=asked.channel_id, text=text)
        except Forbidden as refused:
            raise Conflict(refused.message) from refused
        return slack.TestLine(f"#{channel.name}", time.perf_counter() - began)

    async def manifest(self, mode: str) -> slack.ManifestView:
        """What an app has to be made of, and what installed ones lack of it."""
        config = self._config
        which = mode or ("socket" if config.over_sockets or not config.own_address else "http")
        made = manifest_of(
            "socket" if which == "socket" else "http", address=config.own_address, redirect=config.redirect_url
        )
        lacking = {one.team_id: missing(one.scopes) for one in await self._workspaces.all()}
        return slack.ManifestView(
            made, yaml_of(made), link_of(made), {team: scopes for team, scopes in lacking.items() if scopes}
        )


def _channel_view(channel: Channel, owners: dict[str, int], community_id: int) -> slack.ChannelView:
    key = channel_key(channel.team_id, channel.channel_id)
    owner = owners.get(key, 0)
    return slack.ChannelView(
        channel.channel_id, channel.name, key, "private" if channel.kind == "private" else "public",
        channel.is_member, channel.archived, attached=bool(owner), mine=owner == community_id,
    )  # fmt: skip
