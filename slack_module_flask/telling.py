"""Tells who connected a workspace, and the moderators of its communities, that something needs them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from flask_core.auth import utc_now
from flask_core.contracts.notices import NOTIFY, RESOLVE, NoticeAbout, PutNotice
from flask_core.contracts.slack import WorkspaceState
from flask_core.errors import ServiceError
from flask_core.service_client import ServiceClient
from flask_core.shared_state import SharedState
from slack_module_flask.models import Workspace
from slack_module_flask.workspaces import Workspaces

log = logging.getLogger(__name__)

_DAY, _HOUR, _PATIENCE = 86_400.0, 3_600.0, 2.0


class Telling:
    """Nobody is told the same more than once a day; the portal holds it until it is over."""

    def __init__(
        self,
        workspaces: Workspaces,
        services: ServiceClient,
        shared: SharedState,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._workspaces = workspaces
        self._services = services
        self._shared = shared
        self._now = now
        self._well: set[str] = set()

    async def look(self, workspace: Workspace) -> None:
        """Tell what is wrong with a workspace, or take back what was told. What fails is tried at the next look."""
        if workspace.state is WorkspaceState.OK:
            if workspace.team_id not in self._well and await self._over(_about_sign_in(workspace.team_id)):
                self._well.add(workspace.team_id)
            return
        self._well.discard(workspace.team_id)
        # Daily for what waits for somebody; that it was taken out is told once.
        again = workspace.state is WorkspaceState.NEEDS_LOGIN
        stamp = f"{self._now() if again else workspace.changed_at:%Y-%m-%d}"
        text = f"Slack: {workspace.name} is no longer connected. {workspace.reason}"
        await self._tell_all(workspace, f"{workspace.state}:{stamp}", _about_sign_in(workspace.team_id), text, _DAY)

    async def held_back(self, workspace: Workspace, minute: datetime) -> None:
        """Slack delivers no more of a workspace for a while."""
        text = (
            f"Slack: more happens in {workspace.name} than Slack delivers in an hour. Since {minute:%H:%M} UTC it"
            " leaves events out; in the next hour it goes on by itself."
        )
        about = f"held-back:{workspace.team_id}"
        await self._tell_all(workspace, f"{minute:%Y-%m-%dT%H}", about, text, _HOUR)

    async def _tell_all(self, workspace: Workspace, key: str, about: str, text: str, seconds: float) -> None:
        for community_id in await self._workspaces.communities_of(workspace.team_id):
            told = f"slack:told:{about}:{community_id}:{key}"
            if await self._shared.get(told) is not None:
                continue
            notice = PutNotice(
                f"{about}:{community_id}:{key}", f"{about}:{community_id}", text, community_id, workspace.person_id,
                f"/c/{community_id}/platforms/slack", "slack",
            )  # fmt: skip
            if await self.tell(notice):
                await self._shared.set(told, b"1", seconds)

    async def tell(self, notice: PutNotice) -> bool:
        """Whether the portal has it."""
        try:
            await self._services.call("portal", NOTIFY, notice, timeout=_PATIENCE)
        except ServiceError as error:
            log.warning("nobody could be told that they are needed: %s", error.code)
            return False
        return True

    async def _over(self, about: str) -> bool:
        team_id = about.partition(":")[2]
        try:
            for community_id in await self._workspaces.communities_of(team_id):
                asked = NoticeAbout(f"{about}:{community_id}")
                await self._services.call("portal", RESOLVE, asked, timeout=_PATIENCE)
        except ServiceError as error:
            log.info("a notice stays until it is put away: %s", error.code)
            return False
        return True


def _about_sign_in(team_id: str) -> str:
    return f"sign-in:{team_id}"
