"""The workspaces that are installed: known without a query, their tokens good, their end noticed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from flask_core.auth import utc_now
from flask_core.contracts.slack import WorkspaceState
from flask_core.errors import NotFound, ServiceError, Unauthenticated
from flask_core.remembered import Remembered
from flask_core.shared_state import SharedState
from slack_module_flask.leases import alone
from slack_module_flask.models import Workspace
from slack_module_flask.web_api import WebApi
from slack_module_flask.workspace_repository import WorkspaceRepository

log = logging.getLogger(__name__)

TOPIC = "slack.workspaces"
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
AHEAD = timedelta(hours=1)
_KNOWN_SECONDS = 30.0


class _Installed(NamedTuple):
    """Workspaces, and the communities that use them, both by team."""

    workspaces: dict[str, Workspace]
    users: dict[str, set[int]]


class Workspaces:
    """`of` is what is known, at most half a minute old; changes are heard at once.

    A token with an end is renewed when less than an hour is left, by one replica at a time: Slack's refresh tokens
    are good once.
    """

    def __init__(
        self,
        repository: WorkspaceRepository,
        api: WebApi,
        shared: SharedState,
        *,
        client: tuple[str, str],
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._installed = Remembered(self._read, _KNOWN_SECONDS, clock)
        self.repository = repository
        self.api = api
        self._shared = shared
        self._client = client
        self._now = now

    async def of(self, team_id: str) -> Workspace | None:
        """The workspace, when the app is installed there and works or may work again."""
        workspace = (await self._installed.get()).workspaces.get(team_id)
        return workspace if workspace and workspace.state is not WorkspaceState.UNINSTALLED else None

    async def all(self) -> list[Workspace]:
        """All of them, also those that were taken out lately."""
        return list((await self._installed.get()).workspaces.values())

    async def used_by(self, community_id: int) -> list[Workspace]:
        """Those of a community; 0 is everybody."""
        workspaces, users = await self._installed.get()
        return [one for team, one in workspaces.items() if not community_id or community_id in users.get(team, ())]

    async def communities_of(self, team_id: str) -> list[int]:
        """Which communities use a workspace."""
        return sorted((await self._installed.get()).users.get(team_id, ()))

    async def must_be_of(self, team_id: str, community_id: int) -> Workspace:
        """The workspace that a community uses; raises NotFound, also for those of others."""
        found = next((one for one in await self.used_by(community_id) if one.team_id == team_id), None)
        if found is None:
            raise NotFound("This community uses no such workspace.")
        return found

    async def _read(self) -> _Installed:
        workspaces = {one.team_id: one for one in await self.repository.all()}
        users: dict[str, set[int]] = {}
        for team_id, community_id in await self.repository.users_of():
            users.setdefault(team_id, set()).add(community_id)
        return _Installed(workspaces, users)

    async def keep(self, workspace: Workspace) -> None:
        """Installed, or installed again."""
        await self.repository.keep(workspace)
        await self.changed()

    async def changed(self) -> None:
        """Everybody has to look again."""
        self._installed.forget()
        await self._shared.publish(TOPIC, b"changed")

    async def listen(self) -> None:
        """For ever: look again when another replica changed something."""
        async with self._shared.subscribe(TOPIC) as messages:
            self._installed.forget()
            async for _ in messages:
                self._installed.forget()

    async def call(self, team_id: str, method: str, **fields: Any) -> dict[str, Any]:
        """Call a method as the workspace's bot. Raises what the Web API raises, and NotFound for another team."""
        workspace = await self.of(team_id)
        if workspace is None:
            raise NotFound("The bot is not installed in that workspace.")
        token = (await self.fresh(workspace)).bot_token
        try:
            return await self.api.call(token, method, of=team_id, **fields)
        except Unauthenticated as error:
            await self._signed_out(workspace, str(error.details.get("word", "")))
            raise

    async def fresh(self, workspace: Workspace) -> Workspace:
        """The workspace with a token that is good for a while."""
        if not workspace.refresh_token or workspace.expires_at - self._now() > AHEAD:
            return workspace
        try:
            return await self._renewed(workspace)
        except ServiceError:
            if workspace.expires_at > self._now():
                return workspace
            raise

    async def _renewed(self, before: Workspace) -> Workspace:
        busy = "The sign-in of a workspace is being renewed."
        async with alone(self._shared, f"slack:token:{before.team_id}", busy):
            now_kept = await self.repository.one(before.team_id)
            if now_kept is None:
                raise NotFound("The bot is not installed in that workspace.")
            if now_kept.expires_at - self._now() > AHEAD or not now_kept.refresh_token:
                self._installed.forget()
                return now_kept
            return await self._renew(now_kept)

    async def _renew(self, workspace: Workspace) -> Workspace:
        client_id, client_secret = self._client
        got = await self.api.call(
            "", "oauth.v2.access", client_id=client_id, client_secret=client_secret, grant_type="refresh_token",
            refresh_token=workspace.refresh_token,
        )  # fmt: skip
        renewed = replace(
            workspace, bot_token=str(got["access_token"]), refresh_token=str(got.get("refresh_token", "")),
            expires_at=self._now() + timedelta(seconds=int(got.get("expires_in", 0))),
        )  # fmt: skip
        await self.repository.keep(renewed)
        await self.changed()
        return renewed

    async def _signed_out(self, workspace: Workspace, word: str) -> None:
        log.warning("a workspace has to be installed again", extra={"team": workspace.team_id, "word": word})
        reason = "Slack does not take the bot's sign-in any more. Install the app again."
        if await self.repository.set_state(workspace.team_id, WorkspaceState.NEEDS_LOGIN, reason, self._now()):
            await self.changed()

    async def uninstalled(self, team_id: str) -> None:
        """The app was taken out, or its tokens were revoked: they are deleted at once."""
        reason = "The app was taken out of this workspace."
        await self.repository.set_state(team_id, WorkspaceState.UNINSTALLED, reason, self._now())
        await self.changed()

    async def begin(self, bot_token: str) -> None:
        """Know the one workspace of `SLACK_BOT_TOKEN`. Raises what Slack says."""
        said, scopes = await self.api.identify(bot_token)
        known = await self.repository.one(str(said["team_id"]))
        same = known is not None and (known.bot_token, known.scopes) == (bot_token, scopes)
        if known and same and known.state is WorkspaceState.OK:
            return
        await self.keep(
            Workspace(
                str(said["team_id"]), str(said.get("team", "")), str(said["user_id"]), str(said.get("bot_id", "")),
                bot_token, scopes, self._now(), NEVER,
                enterprise_id=str(said.get("enterprise_id") or ""), installed_by="operator",
            )
        )  # fmt: skip

    async def renew_all(self) -> None:
        """Renew what ends soon."""
        for workspace in await self.all():
            if workspace.state is WorkspaceState.OK:
                try:
                    await self.fresh(workspace)
                except ServiceError as error:
                    log.warning("a token waits to be renewed: %s", error.message)

    async def sweep(self, kept: timedelta) -> None:
        """Forget workspaces that were taken out long ago."""
        for team_id in await self.repository.long_gone(self._now() - kept):
            await self.repository.forget(team_id)
