"""`/waddlebot feedback`: a form whose words reach the community's moderators."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from flask_core.contracts.notices import PutNotice
from flask_core.datamodels import Form, FormField
from flask_core.errors import Forbidden, ServiceError
from flask_core.shared_state import SharedState
from slack_module_flask.behind import Behind
from slack_module_flask.forms import Forms
from slack_module_flask.handbook import NOWHERE, Handbook
from slack_module_flask.modals import FEEDBACK_CALLBACK, values_of, view_of
from slack_module_flask.models import Workspace, channel_key
from slack_module_flask.responses import whisper
from slack_module_flask.telling import Telling
from slack_module_flask.wording import escaped
from slack_module_flask.workspaces import Workspaces

log = logging.getLogger(__name__)

THANKS = "Thank you, the team will read it."
_BETWEEN, _MOST_NOTICE, _CUT = 60.0, 500, 499
_LONGEST = {"subject": 100, "details": 1_000}
_FORM = Form(
    "Feedback",
    (FormField("subject", "Subject", required=True), FormField("details", "Details", "textarea", required=True)),
    "",
    "The moderators read this in the portal, without your name, and where they read on Slack, with it.",
)
_PLACE = "feedback "


class Feedback:
    """`open` shows the form; `submit` tells the moderators, in the portal and in the workspace's notice channel."""

    def __init__(
        self,
        workspaces: Workspaces,
        forms: Forms,
        handbook: Handbook,
        telling: Telling,
        shared: SharedState,
        behind: Behind,
    ) -> None:
        self._workspaces = workspaces
        self._forms = forms
        self._handbook = handbook
        self._telling = telling
        self._shared = shared
        self._behind = behind

    async def open(self, team_id: str, channel_id: str, trigger_id: str) -> None:
        """Show the form, within the three seconds that a trigger lives."""
        view = view_of(_FORM, self._forms.reference(f"{_PLACE}{channel_id}"), FEEDBACK_CALLBACK)
        await self._workspaces.call(team_id, "views.open", trigger_id=trigger_id, view=view)

    async def submit(self, workspace: Workspace, user_id: str, view: dict[str, Any]) -> dict[str, Any]:
        """What to answer: errors at their fields, or that the modal may close."""
        values, wrong = values_of(_FORM, view.get("state") or {})
        for number, (name, most) in enumerate(_LONGEST.items()):
            if len(values.get(name, "")) > most:
                wrong[f"f{number}"] = f"At most {most} letters."
        if wrong:
            return {"response_action": "errors", "errors": wrong}
        try:
            place = self._forms.checked(str(view.get("private_metadata", ""))).removeprefix(_PLACE)
        except Forbidden as refused:
            return _said(refused.message)
        claim = f"slack:feedback:{workspace.team_id}:{user_id}"
        if not await self._shared.claim_once(claim, _BETWEEN):
            return _said("You sent something a moment ago. Wait a minute.")
        if not await self._told(workspace, place, user_id, values, str(view.get("id", ""))):
            await self._shared.delete(claim)
            return _said("Nobody could be told right now. Send it again in a while.")
        thanks = whisper(self._workspaces, workspace.team_id, place, user_id, {"text": THANKS})
        self._behind.start("a word of thanks", thanks)
        return {"response_action": "clear"}

    async def _told(self, workspace: Workspace, place: str, user_id: str, values: dict[str, str], view_id: str) -> bool:
        try:
            community = (await self._handbook.context(channel_key(workspace.team_id, place, user_id))).community
        except ServiceError:
            return False
        if community.id == NOWHERE:
            return False
        name = hashlib.sha256(f"{workspace.team_id} {view_id}".encode()).hexdigest()[:24]
        text = f"Feedback on Slack: {values['subject']} – {values['details']}"
        text = text if len(text) <= _MOST_NOTICE else f"{text[:_CUT]}…"
        notice = PutNotice(f"feedback:{name}", f"feedback:{name}", text, community.id)
        in_portal = await self._telling.tell(notice)
        words = f"*{escaped(values['subject'])}*\n{escaped(values['details'])}"
        said = f"Feedback for {escaped(community.name)} from <@{user_id}>: {words}"
        return await self._said_to_moderators(workspace, said) or in_portal

    async def _said_to_moderators(self, workspace: Workspace, text: str) -> bool:
        channel = workspace.settings.notice_channel
        if not channel:
            return False
        try:
            await self._workspaces.call(workspace.team_id, "chat.postMessage", channel=channel, text=text)
        except ServiceError as error:
            log.warning("moderators are not told on Slack: %s", error.message)
            return False
        return True


def _said(sentence: str) -> dict[str, Any]:
    return {"response_action": "errors", "errors": {"f0": sentence}}
