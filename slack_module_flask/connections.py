"""The health tile with its checklist, the workspaces of a community, and the manifest."""

from __future__ import annotations

from flask_core.contracts import community_servers, slack
from flask_core.errors import ServiceError
from flask_core.handover import Handover
from slack_module_flask.config import Config
from slack_module_flask.grants import Grants
from slack_module_flask.manifest import link_of, manifest_of, yaml_of
from slack_module_flask.models import Workspace
from slack_module_flask.newcomers import Newcomers
from slack_module_flask.news import News
from slack_module_flask.scopes import missing, wanted
from slack_module_flask.sockets import Sockets
from slack_module_flask.steps import Facts, steps_of
from slack_module_flask.upkeep import Upkeep
from slack_module_flask.workspaces import Workspaces


class Connections:
    """What people are shown about Slack."""

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
        sockets: Sockets,
    ) -> None:
        self._config = config
        self._asked = wanted(user_groups=config.user_groups)
        self._workspaces = workspaces
        self._grants = grants
        self._upkeep = upkeep
        self._newcomers = newcomers
        self._news = news
        self._handover = handover
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
            workspace.team_id, workspace.name, workspace.state, workspace.reason,
            missing(workspace.scopes, self._asked), workspace.settings, await self._news.last(workspace.team_id),
            await self._attached_in(workspace.team_id, community_id),
            await self._news.held_back_at(workspace.team_id),
            await self._whole(workspace.team_id, community_id),
        )  # fmt: skip

    async def _attached_in(self, team_id: str, community_id: int) -> int:
        try:
            attached = await self._newcomers.attached()
        except ServiceError:
            return 0
        mine = [one for one in attached if community_id in {0, one.community_id}]
        return sum(one.key.startswith(f"slack:{team_id}:") for one in mine)

    async def _whole(self, team_id: str, community_id: int) -> community_servers.Whole:
        try:
            owner = await self._newcomers.whole(team_id, now=True)
        except ServiceError:
            return ""
        return community_servers.whole_of(owner, community_id)

    async def workspaces(self, community_id: int) -> slack.WorkspaceList:
        """Those that a community uses."""
        used = await self._workspaces.used_by(community_id)
        return slack.WorkspaceList(tuple([await self._view(one, community_id) for one in used]))

    async def manifest(self, mode: str) -> slack.ManifestView:
        """What an app has to be made of, and what installed ones lack of it."""
        config = self._config
        which = mode or ("socket" if config.over_sockets or not config.own_address else "http")
        made = manifest_of(
            "socket" if which == "socket" else "http", scopes=self._asked, address=config.own_address,
            redirect=config.redirect_url,
        )  # fmt: skip
        lacking = {one.team_id: missing(one.scopes, self._asked) for one in await self._workspaces.all()}
        return slack.ManifestView(
            made, yaml_of(made), link_of(made), {team: scopes for team, scopes in lacking.items() if scopes}
        )
