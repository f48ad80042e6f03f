"""Forms from the module's wish to the member's answer: sent, opened by a click, submitted once."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts.forms import Submitted
from flask_core.datamodels import Event, MessageType
from flask_core.encryption import Sealer
from flask_core.errors import Forbidden, NotFound, ServiceError
from flask_core.handover import Handover
from slack_module_flask.events import Told
from slack_module_flask.form_repository import FormRepository
from slack_module_flask.modals import suggestions, values_of, view_of
from slack_module_flask.models import SentForm, Workspace
from slack_module_flask.people import People
from slack_module_flask.workspaces import Workspaces

log = logging.getLogger(__name__)

LIFE = timedelta(hours=24)
OPEN = "form:open:"
_CHECK = 16
_SENT_ALREADY = "This form was sent already."


class Forms:
    """`open` and `submit` are for the member that the form was sent to, and nobody else."""

    def __init__(
        self,
        repository: FormRepository,
        workspaces: Workspaces,
        people: People,
        handover: Handover,
        sealer: Sealer,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.repository = repository
        self._workspaces = workspaces
        self._people = people
        self._handover = handover
        self._sealer = sealer
        self._now = now

    async def send(self, sent: SentForm) -> str:
        """Keep a form; the `action_id` of the button that opens it."""
        await self.repository.add(sent)
        return f"{OPEN}{self.reference(sent.form_id)}"

    def name_of(self, key: str) -> str:
        """The form's id: the same wish is the same form."""
        return self._sealer.keyed_hash(f"slack form of {key}")[:24]

    def reference(self, form_id: str) -> str:
        """The form's id with a check that only we can make."""
        return f"{form_id}.{self._sealer.keyed_hash(f'slack form {form_id}')[:_CHECK]}"

    def checked(self, reference: str) -> str:
        """The id of which we made this reference. Raises Forbidden for what somebody else made."""
        form_id, _, check = reference.partition(".")
        expected = self._sealer.keyed_hash(f"slack form {form_id}")[:_CHECK]
        if not hmac.compare_digest(check.encode("utf-8", "replace"), expected.encode()):
            raise Forbidden("This form is not one of ours.")
        return form_id

    async def _found(self, reference: str, team_id: str, user_id: str) -> SentForm:
        form_id = self.checked(reference)
        sent = await self.repository.find(form_id, self._now())
        if sent is None:
            raise NotFound("This form is over. Ask for it again.")
        if sent.team_id != team_id or (sent.user_id and sent.user_id != user_id):
            raise Forbidden("This form is for somebody else.")
        return sent

    async def open(self, reference: str, team_id: str, user_id: str, trigger_id: str) -> None:
        """Show it, within the three seconds that a trigger lives."""
        sent = await self._found(reference, team_id, user_id)
        if sent.done:
            raise Forbidden(_SENT_ALREADY)
        view = view_of(sent.form, reference)
        await self._workspaces.call(team_id, "views.open", trigger_id=trigger_id, view=view)

    async def options(self, reference: str, team_id: str, user_id: str, block_id: str, typed: str) -> dict[str, Any]:
        """Choices of a long list."""
        sent = await self._found(reference, team_id, user_id)
        return {"options": suggestions(sent.form, block_id, typed)}

    async def submit(self, workspace: Workspace, user_id: str, view: dict[str, Any]) -> dict[str, Any]:
        """What to answer: errors at their fields, or that the modal may close. Raises Unavailable to be asked again."""
        try:
            sent = await self._found(str(view.get("private_metadata", "")), workspace.team_id, user_id)
        except (Forbidden, NotFound) as refused:
            return {"response_action": "errors", "errors": {"f0": refused.message}}
        values, wrong = values_of(sent.form, view.get("state") or {})
        if wrong:
            return {"response_action": "errors", "errors": wrong}
        if not await self.repository.set_done(sent.form_id, True):
            return {"response_action": "errors", "errors": {"f0": _SENT_ALREADY}}
        try:
            await self._handover.take(await self._event(workspace, user_id, sent, values))
        except ServiceError:
            await self.repository.set_done(sent.form_id, False)
            raise
        return {"response_action": "clear"}

    async def _event(self, workspace: Workspace, user_id: str, sent: SentForm, values: dict[str, str]) -> Event:
        people = await self._people.known(workspace.team_id, [user_id])
        told = Told(workspace, {}, "", self._now(), people, await self._people.roles(workspace.team_id))
        submitted = Submitted(sent.module, sent.form.submit_to, values)
        return Event(
            event_id=f"slack:interaction:form:{sent.form_id}",
            message_type=MessageType.MODAL_SUBMIT,
            channel=sent.channel,
            occurred_at=self._now(),
            account=told.account(user_id),
            data={"form": msgspec.to_builtins(submitted), "form_id": sent.form_id},
        )
