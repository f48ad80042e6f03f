"""What has to be done now and then: tokens, channel lists, names, groups, and forgetting."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from flask_core.auth import utc_now
from flask_core.contracts.slack import WorkspaceState
from flask_core.errors import ServiceError
from flask_core.shared_state import SharedState
from slack_module_flask.audit_repository import AuditRepository
from slack_module_flask.form_repository import FormRepository
from slack_module_flask.models import Channel, Workspace
from slack_module_flask.newcomers import STALE
from slack_module_flask.people import People
from slack_module_flask.telling import Telling
from slack_module_flask.workspaces import Workspaces

log = logging.getLogger(__name__)

_EVERY, _LISTS_EVERY = 60.0, 3_600.0
_LEASE, _LEASE_SECONDS = "slack:upkeep", 90.0
_PAGE, _PAGES = 1_000, 15
KEPT_AFTER_THE_END = timedelta(days=30)


class Upkeep:
    """One replica at a time; what fails is tried at the next turn."""

    def __init__(
        self,
        workspaces: Workspaces,
        people: People,
        forms: FormRepository,
        telling: Telling,
        audit: AuditRepository,
        shared: SharedState,
        *,
        bot_token: str,
        forget: Callable[[], Awaitable[None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workspaces = workspaces
        self._people = people
        self._forms = forms
        self._telling = telling
        self._audit = audit
        self._shared = shared
        self._bot_token = bot_token
        self._forget = forget
        self._clock = clock
        self._owner = secrets.token_hex(8)
        self._listed: dict[str, float] = {}
        self.reason = ""
        self._news = asyncio.Event()

    def now(self) -> None:
        """Something was installed: do not wait for the next turn."""
        self._news.set()

    async def run(self) -> None:
        """For ever, every minute."""
        while True:
            self._news.clear()
            try:
                await self.begin()
                if await self._shared.lease(_LEASE, self._owner, _LEASE_SECONDS):
                    await self.step()
            except ServiceError as error:
                log.warning("upkeep waits: %s", error.message)
            try:
                async with asyncio.timeout(_EVERY):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def leave(self) -> None:
        """Another replica may go on at once."""
        try:
            await self._shared.release(_LEASE, self._owner)
        except ServiceError as error:
            log.info("the upkeep's lease ends by itself: %s", error.code)

    async def begin(self) -> None:
        """Know the workspace of the operator's token."""
        if not self._bot_token:
            return
        try:
            await self._workspaces.begin(self._bot_token)
            self.reason = ""
        except ServiceError as error:
            self.reason = error.message
            log.warning("SLACK_BOT_TOKEN: %s", error.message)

    async def step(self) -> None:
        """Everything that is due."""
        await self._workspaces.renew_all()
        for workspace in await self._workspaces.all():
            if workspace.state is WorkspaceState.OK:
                await self._lists(workspace)
            await self._telling.look(workspace)
        await self._forms.forget(utc_now())
        await self._audit.forget(utc_now())
        await self._workspaces.sweep(KEPT_AFTER_THE_END)
        await self._forget()

    async def _lists(self, workspace: Workspace) -> None:
        stale = await self._shared.take(f"{STALE}{workspace.team_id}") is not None
        if not stale and self._listed.get(workspace.team_id, -_LISTS_EVERY) + _LISTS_EVERY > self._clock():
            return
        try:
            await self.read_channels(workspace.team_id)
            await self._people.everybody(workspace.team_id)
            await self._people.read_groups(workspace.team_id)
        except ServiceError as error:
            log.warning("lists of a workspace wait: %s", error.message)
            return
        self._listed[workspace.team_id] = self._clock()

    async def read_channels(self, team_id: str) -> list[Channel]:
        """Ask Slack for the channels. Raises what Slack says."""
        found: list[Channel] = []
        cursor = ""
        for _ in range(_PAGES):
            said = await self._workspaces.call(
                team_id, "conversations.list", types="public_channel,private_channel", limit=_PAGE, cursor=cursor
            )
            found += [
                Channel(
                    team_id,
                    str(one["id"]),
                    str(one.get("name") or ""),
                    "private" if one.get("is_private") else "public",
                    bool(one.get("is_member")),
                    bool(one.get("is_archived")),
                )
                for one in said.get("channels", ())
            ]
            cursor = str((said.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        await self._workspaces.repository.put_channels(team_id, found)
        return found
