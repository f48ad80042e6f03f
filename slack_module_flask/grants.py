"""Installing the app in workspaces: Slack asks the person, who has to administer the workspace."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask_core.auth import hashed, new_secret, utc_now
from flask_core.contracts import slack
from flask_core.errors import Conflict, Forbidden, InvalidInput, ServiceError
from flask_core.operations import Acting
from slack_module_flask.audit_repository import AuditRepository
from slack_module_flask.grant_repository import GrantRepository
from slack_module_flask.models import Workspace
from slack_module_flask.people import person_of
from slack_module_flask.upkeep import Upkeep
from slack_module_flask.web_api import WebApi
from slack_module_flask.workspaces import NEVER, Workspaces

log = logging.getLogger(__name__)

AUTHORIZE = "https://slack.com/oauth/v2/authorize"
LIFE = timedelta(minutes=10)


class Grants:
    """`start` gives an address of Slack's; `finish` takes what Slack sent back."""

    def __init__(
        self,
        repository: GrantRepository,
        audit: AuditRepository,
        workspaces: Workspaces,
        api: WebApi,
        upkeep: Upkeep,
        *,
        client: tuple[str, str],
        redirect: str,
        scopes: Sequence[str],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._audit = audit
        self._workspaces = workspaces
        self._api = api
        self._upkeep = upkeep
        self._client = client
        self._redirect = redirect
        self._scopes = scopes
        self._now = now

    @property
    def possible(self) -> bool:
        """Whether workspaces can be installed here."""
        return all(self._client) and bool(self._redirect)

    async def start(self, asked: slack.StartInstall, person: Acting) -> slack.InstallUrl:
        """Where Slack asks the person. Raises Conflict where the operator has not set up OAuth."""
        if not self.possible:
            raise Conflict("Set SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and PUBLIC_URL first.")
        if not asked.community_id and not person.operator:
            raise InvalidInput("Name the community.", field="community_id")
        state, now = new_secret(), self._now()
        await self._repository.add(hashed(state), person.person_id, asked.community_id, now + LIFE, now)
        query = {"client_id": self._client[0], "scope": ",".join(self._scopes), "redirect_uri": self._redirect,
                 "state": state}  # fmt: skip
        return slack.InstallUrl(f"{AUTHORIZE}?{urlencode(query)}")

    async def finish(self, asked: slack.FinishInstall, person: Acting) -> slack.Installed:
        """Keep the workspace. Raises InvalidInput for a state of nobody or somebody else, Forbidden for no admin."""
        begun = await self._repository.take(hashed(asked.state), self._now())
        if begun is None or begun[0] != person.person_id:
            raise InvalidInput("This installation was not begun here, or too long ago. Begin it again.", field="state")
        granted = await self._api.call(
            "", "oauth.v2.access", client_id=self._client[0], client_secret=self._client[1], code=asked.code,
            redirect_uri=self._redirect,
        )  # fmt: skip
        workspace = self._workspace(granted, person.person_id)
        try:
            await self._must_be_ours(workspace)
            await self._must_administer(workspace)
        except ServiceError:
            await self._give_back(workspace)
            raise
        await self._workspaces.keep(workspace)
        if begun[1]:
            await self._workspaces.repository.use(workspace.team_id, begun[1])
            await self._workspaces.changed()
        await self._audit.note(begun[1], person.person_id, "workspace.connect", workspace.team_id, self._now())
        self._upkeep.now()
        return slack.Installed(workspace.team_id, workspace.name, begun[1])

    def _workspace(self, granted: dict[str, Any], person_id: str) -> Workspace:
        team = granted.get("team") or {}
        now, seconds = self._now(), int(granted.get("expires_in") or 0)
        return Workspace(
            team_id=str(team["id"]),
            name=str(team.get("name") or ""),
            bot_user_id=str(granted["bot_user_id"]),
            bot_id="",
            bot_token=str(granted["access_token"]),
            scopes=tuple(str(granted.get("scope") or "").split(",")),
            changed_at=now,
            expires_at=now + timedelta(seconds=seconds) if seconds else NEVER,
            refresh_token=str(granted.get("refresh_token") or ""),
            app_id=str(granted.get("app_id") or ""),
            enterprise_id=str((granted.get("enterprise") or {}).get("id") or ""),
            installed_by=str((granted.get("authed_user") or {}).get("id") or ""),
            person_id=person_id,
        )

    async def _must_be_ours(self, workspace: Workspace) -> None:
        known = await self._workspaces.of(workspace.team_id)
        if known is not None and known.app_id and known.app_id != workspace.app_id:
            raise Conflict("Another app of this installation is in that workspace.")

    async def _must_administer(self, workspace: Workspace) -> None:
        said = await self._api.call(
            workspace.bot_token, "users.info", of=workspace.team_id, user=workspace.installed_by
        )
        person = person_of(said["user"])
        if not (person.owner or person.admin):
            raise Forbidden("Only an owner or administrator of the workspace can connect it.")

    async def _give_back(self, workspace: Workspace) -> None:
        try:
            await self._api.call(workspace.bot_token, "auth.revoke", of=workspace.team_id)
        except ServiceError as error:
            log.warning("a token is not given back: %s", error.message)
