"""The home tab: the communities of the workspace, and the forms that wait for who looks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask_core.auth import utc_now
from flask_core.contracts.community import ContextCommunity
from flask_core.datamodels import ChannelKey
from flask_core.errors import ServiceError
from flask_core.shared_state import SharedState
from slack_module_flask.forms import OPEN, Forms
from slack_module_flask.handbook import Handbook
from slack_module_flask.models import channel_key
from slack_module_flask.newcomers import Newcomers
from slack_module_flask.wording import escaped
from slack_module_flask.workspaces import Workspaces

log = logging.getLogger(__name__)

_EVERY = 60.0
_MOST = 10


class Home:
    """Drawn when it is opened, at most once a minute per member."""

    def __init__(
        self,
        workspaces: Workspaces,
        forms: Forms,
        handbook: Handbook,
        newcomers: Newcomers,
        shared: SharedState,
        *,
        public_url: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._workspaces = workspaces
        self._forms = forms
        self._handbook = handbook
        self._newcomers = newcomers
        self._shared = shared
        self._public_url = public_url
        self._now = now

    async def draw(self, team_id: str, user_id: str) -> None:
        """Publish it."""
        if not await self._shared.claim_once(f"slack:home:{team_id}:{user_id}", _EVERY):
            return
        waiting = await self._forms.repository.open_of(team_id, user_id, self._now())
        blocks: list[dict[str, Any]] = [
            _section("*WaddleBot*\nWrite `/waddlebot help` in a channel to see what works there.")
        ]
        blocks += await self._communities(team_id)
        for sent in waiting[:20]:
            button = {"type": "button", "text": {"type": "plain_text", "text": "Open form"},
                      "action_id": f"{OPEN}{self._forms.reference(sent.form_id)}"}  # fmt: skip
            blocks += [{"type": "divider"}, {**_section(f"*{escaped(sent.form.title)}*"), "accessory": button}]
        if self._public_url:
            blocks.append(_section(f"<{self._public_url}|Your communities in the portal>"))
        view = {"type": "home", "blocks": blocks}
        await self._workspaces.call(team_id, "views.publish", user_id=user_id, view=view)

    async def _communities(self, team_id: str) -> list[dict[str, Any]]:
        """Whose channels are in this workspace; while community is away the tab is drawn without them."""
        try:
            mine = [one for one in await self._newcomers.attached() if ChannelKey.parse(one.key).server_id == team_id]
            first = {one.community_id: one.key for one in reversed(mine)}
            if whole := await self._newcomers.whole(team_id):
                # A channel that nobody attached is its whole workspace's.
                first.setdefault(whole, channel_key(team_id, "any"))
            found = [(await self._handbook.context(key)).community for key in list(first.values())[:_MOST]]
        except ServiceError as error:
            log.info("a home tab is drawn without communities: %s", error.code)
            return []
        return [self._community(one) for one in sorted(found, key=lambda one: one.name.casefold())]

    def _community(self, found: ContextCommunity) -> dict[str, Any]:
        name = escaped(found.name)
        if not self._public_url:
            return _section(f"*{name}*")
        return _section(f"*{name}* – <{self._public_url}/c/{found.id}/commands|what can be typed there>")


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:3_000]}}
