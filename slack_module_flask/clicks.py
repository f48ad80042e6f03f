"""Buttons, shortcuts and modals: what is ours is done at once, the rest becomes an event."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from flask_core.auth import utc_now
from flask_core.datamodels import Event, MessageType
from flask_core.errors import ServiceError
from flask_core.handover import Handover
from slack_module_flask.behind import Behind
from slack_module_flask.feedback import Feedback
from slack_module_flask.forms import OPEN, Forms
from slack_module_flask.modals import ASK_CALLBACK, FEEDBACK_CALLBACK, FORM_CALLBACK, VALUE, ask_view
from slack_module_flask.models import Workspace, channel_key
from slack_module_flask.responses import Responses
from slack_module_flask.scopes import SHORTCUT
from slack_module_flask.slash import Slash
from slack_module_flask.workspaces import Workspaces

log = logging.getLogger(__name__)

_MOST_VALUE = 500


class Clicks:
    """Everything interactive but `/waddlebot`."""

    def __init__(
        self,
        workspaces: Workspaces,
        forms: Forms,
        feedback: Feedback,
        slash: Slash,
        responses: Responses,
        handover: Handover,
        behind: Behind,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._workspaces = workspaces
        self._forms = forms
        self._feedback = feedback
        self._slash = slash
        self._responses = responses
        self._handover = handover
        self._behind = behind
        self._now = now

    async def take(self, workspace: Workspace, payload: dict[str, Any]) -> dict[str, Any]:
        """What to acknowledge with. Raises KeyError for other fields than Slack's, Unavailable to be asked again."""
        kind, user, trigger = payload["type"], str(payload["user"]["id"]), str(payload.get("trigger_id", ""))
        if kind == "block_actions":
            await self._pressed(workspace, user, trigger, payload)
        elif kind in {"shortcut", "message_action"} and payload.get("callback_id") == SHORTCUT:
            opening = self._workspaces.call(workspace.team_id, "views.open", trigger_id=trigger, view=ask_view(user))
            self._behind.start("a shortcut", opening)
        elif kind == "block_suggestion":
            return await self._suggested(workspace, user, payload)
        elif kind == "view_submission":
            return await self._submitted(workspace, user, payload)
        return {}

    async def _pressed(self, workspace: Workspace, user: str, trigger: str, payload: dict[str, Any]) -> None:
        action = payload["actions"][0]
        action_id = str(action["action_id"])
        channel_id = str((payload.get("channel") or {}).get("id") or user)
        url = str(payload.get("response_url") or "")
        name = await self._responses.keep(trigger, workspace.team_id, channel_id, user, url)
        if action_id.startswith(OPEN):
            # A trigger lives for three seconds: nothing may come before this.
            opening = partial(self._forms.open, action_id.removeprefix(OPEN), workspace.team_id, user, trigger)
            self._behind.start("a form", self._responses.or_say(name, opening))
            return
        chosen = action.get("selected_options") or [action.get("selected_option") or {"value": action.get("value", "")}]
        await self._handover.take(
            Event(
                event_id=f"slack:interaction:{trigger}",
                message_type=MessageType.INTERACTION,
                channel=channel_key(workspace.team_id, channel_id, user),
                occurred_at=self._now(),
                account=await self._slash.account(workspace, user, payload),
                data={
                    "message_id": name, "action_id": action_id[:255],
                    "values": [str(one.get("value", ""))[:_MOST_VALUE] for one in chosen[:25]],
                    "message_ts": str((payload.get("container") or {}).get("message_ts", "")),
                },
            )
        )  # fmt: skip

    async def _suggested(self, workspace: Workspace, user: str, payload: dict[str, Any]) -> dict[str, Any]:
        reference = str((payload.get("view") or {}).get("private_metadata", ""))
        typed, block = str(payload.get("value", "")), str(payload.get("block_id", ""))
        try:
            return await self._forms.options(reference, workspace.team_id, user, block, typed)
        except ServiceError as refused:
            log.info("no options: %s", refused.message)
            return {"options": []}

    async def _submitted(self, workspace: Workspace, user: str, payload: dict[str, Any]) -> dict[str, Any]:
        view = payload["view"]
        if view.get("callback_id") == FORM_CALLBACK:
            return await self._forms.submit(workspace, user, view)
        if view.get("callback_id") == FEEDBACK_CALLBACK:
            return await self._feedback.submit(workspace, user, view)
        if view.get("callback_id") == ASK_CALLBACK:
            typed = str(
                (((view.get("state") or {}).get("values") or {}).get("f0") or {}).get(VALUE, {}).get("value") or ""
            )
            asked = {"channel_id": f"D{user[1:]}", "user_id": user, "text": typed}
            await self._slash.take(workspace, {**asked, "trigger_id": f"{view.get('id')}:{view.get('hash')}"})
        return {}
