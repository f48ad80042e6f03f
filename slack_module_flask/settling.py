"""What people change about Slack: who uses a workspace, how the bot behaves there, its channels, the test line."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts import community, community_servers, slack
from flask_core.errors import Conflict, Forbidden, NotFound, ServiceError, TooMany
from flask_core.operations import Acting
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState
from slack_module_flask.audit_repository import AuditRepository
from slack_module_flask.models import Channel, Workspace, channel_key
from slack_module_flask.newcomers import Newcomers
from slack_module_flask.news import TEST_LINE, News
from slack_module_flask.upkeep import Upkeep
from slack_module_flask.workspaces import Workspaces

_BETWEEN_TESTS, _HEARD_WITHIN, _LOOK = 5.0, 3.0, 0.05


class Settling:
    """Everything is for one community and its workspaces; those of others answer NotFound. Changes are audited."""

    def __init__(
        self,
        workspaces: Workspaces,
        upkeep: Upkeep,
        newcomers: Newcomers,
        news: News,
        audit: AuditRepository,
        shared: SharedState,
        *,
        services: ServiceClient,
        bot_token: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._workspaces = workspaces
        self._upkeep = upkeep
        self._newcomers = newcomers
        self._news = news
        self._audit = audit
        self._shared = shared
        self._services = services
        self._bot_token = bot_token
        self._now = now

    async def use(self, asked: slack.UseWorkspace, by: Acting) -> None:
        """Let a community use a workspace."""
        await self._workspaces.must_be_of(asked.team_id, 0)
        await self._workspaces.repository.use(asked.team_id, asked.for_community)
        await self._audit.note(asked.for_community, by.person_id, "workspace.use", asked.team_id, self._now())
        await self._workspaces.changed()

    async def remove(self, team_id: str, community_id: int, by: Acting) -> None:
        """End a community's use; the last one gives the tokens back, and so does an operator."""
        workspace = await self._workspaces.must_be_of(team_id, community_id)
        left = await self._workspaces.repository.leave(team_id, community_id) if community_id else 0
        if not left and workspace.bot_token != self._bot_token:
            await self._give_back(workspace)
            await self._workspaces.uninstalled(team_id)
        await self._audit.note(community_id, by.person_id, "workspace.leave", team_id, self._now())
        await self._workspaces.changed()

    async def _give_back(self, workspace: Workspace) -> None:
        try:
            await self._workspaces.call(workspace.team_id, "auth.revoke")
        except ServiceError as error:
            if workspace.state is slack.WorkspaceState.OK and error.status >= 500:
                raise

    async def set_up(self, asked: slack.PutWorkspaceSettings, by: Acting) -> None:
        """How the bot behaves in a workspace; which channels are read is each community's own to say."""
        workspace = await self._workspaces.must_be_of(asked.team_id, asked.community_id)
        notices = asked.settings.notice_channel
        known = {channel.channel_id for channel in await self._workspaces.repository.channels(workspace.team_id)}
        if notices and notices not in known:
            raise NotFound("Slack knows no such channel, or the bot may not see it.")
        settings = await self._with_own_channels(workspace, asked)
        await self._audit.set_settings(
            workspace.team_id, workspace.settings, settings, community_id=asked.community_id, by=by.person_id,
            now=self._now(),
        )  # fmt: skip
        await self._workspaces.changed()

    async def _with_own_channels(
        self, workspace: Workspace, asked: slack.PutWorkspaceSettings
    ) -> slack.WorkspaceSettings:
        wished, was = set(asked.settings.unread), set(workspace.settings.unread)
        if wished == was:
            return asked.settings
        known = await self._workspaces.repository.channels(workspace.team_id)
        owners = await self._owners(workspace.team_id)
        mine = {one.channel_id for one in known if owners.of(one) == asked.community_id}
        return msgspec.structs.replace(asked.settings, unread=tuple(sorted((wished & mine) | (was - mine))))

    async def channels(self, team_id: str, community_id: int) -> slack.ChannelViews:
        """A workspace's channels, and which of them are attached where."""
        workspace = await self._workspaces.must_be_of(team_id, community_id)
        channels = await self._workspaces.repository.channels(team_id)
        if not channels:
            channels = await self._upkeep.read_channels(workspace.team_id)
        owners = await self._owners(team_id)
        return slack.ChannelViews(tuple(_view(one, workspace, owners, community_id) for one in channels))

    async def _owners(self, team_id: str) -> _Owners:
        channels = {one.key: one.community_id for one in await self._newcomers.attached(now=True)}
        return _Owners(channels, await self._newcomers.whole(team_id))

    async def attach_whole(self, asked: slack.WorkspaceOf) -> None:
        """Attach all of a workspace: who administers it let the community use it."""
        workspace = await self._workspaces.must_be_of(asked.team_id, asked.community_id)
        attach = community_servers.AttachServer(asked.community_id, "slack", asked.team_id, workspace.name)
        await self._services.call("community", community_servers.ATTACH_SERVER, attach)
        await self._newcomers.attached(now=True)

    async def attach(self, asked: slack.ChannelOf) -> slack.ChannelView:
        """Attach a channel: who administers its workspace let the community use it."""
        workspace = await self._workspaces.must_be_of(asked.team_id, asked.community_id)
        channel = await self._channel(asked)
        key = channel_key(asked.team_id, asked.channel_id)
        attach = community.AttachChannel(asked.community_id, key, f"#{channel.name}")
        await self._services.call("community", community.ATTACH, attach)
        await self._newcomers.attached(now=True)
        return _view(channel, workspace, _Owners({key: asked.community_id}), asked.community_id)

    async def _channel(self, asked: slack.ChannelOf) -> Channel:
        listed = await self._workspaces.repository.channels(asked.team_id)
        found = next((one for one in listed if one.channel_id == asked.channel_id), None)
        if found is None:
            listed = await self._upkeep.read_channels(asked.team_id)
            found = next((one for one in listed if one.channel_id == asked.channel_id), None)
        if found is None:
            raise NotFound("Slack knows no such channel, or the bot may not see it.")
        return found

    async def test(self, asked: slack.ChannelOf) -> slack.TestLine:
        """Say a test line, and wait a moment until Slack tells us of it, too. Raises what Slack says."""
        await self._workspaces.must_be_of(asked.team_id, asked.community_id)
        channel = await self._channel(asked)
        if (await self._owners(asked.team_id)).of(channel) != asked.community_id:
            raise Conflict("Attach the channel first.")
        if not await self._shared.claim_once(f"slack:test:{asked.team_id}:{asked.channel_id}", _BETWEEN_TESTS):
            raise TooMany("That was tried a moment ago.", retry_after=_BETWEEN_TESTS)
        began = time.perf_counter()
        try:
            said = await self._workspaces.call(
                asked.team_id, "chat.postMessage", channel=asked.channel_id, text=TEST_LINE
            )
        except Forbidden as refused:
            raise Conflict(refused.message) from refused
        took = time.perf_counter() - began
        heard = await self._heard_again(asked.team_id, str(said.get("ts", "")))
        return slack.TestLine(f"#{channel.name}", took, time.perf_counter() - began if heard else None)

    async def _heard_again(self, team_id: str, ts: str) -> bool:
        try:
            async with asyncio.timeout(_HEARD_WITHIN):
                while not await self._news.echoed(team_id, ts):  # noqa: ASYNC110 - any replica may hear of it
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class _Owners:
    """The communities of channels; those without a home of their own belong to who has the `whole` workspace."""

    channels: dict[str, int]
    whole: int = 0

    def own(self, channel: Channel) -> int:
        """The community to which the channel itself is attached; 0 for none."""
        return self.channels.get(channel_key(channel.team_id, channel.channel_id), 0)

    def of(self, channel: Channel) -> int:
        """The community of a channel; 0 for none."""
        return self.own(channel) or self.whole


def _view(channel: Channel, workspace: Workspace, owners: _Owners, community_id: int) -> slack.ChannelView:
    key = channel_key(channel.team_id, channel.channel_id)
    owner = owners.of(channel)
    return slack.ChannelView(
        channel.channel_id, channel.name, key, "private" if channel.kind == "private" else "public",
        channel.is_member, channel.archived, attached=bool(owner), mine=owner == community_id,
        unread=channel.channel_id in workspace.settings.unread, covered=bool(owner) and not owners.own(channel),
    )  # fmt: skip
