"""Forms: a link for one member where the platform has none, and what was filled in as a command of the module."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from flask_core.auth import utc_now
from flask_core.contracts import forms
from flask_core.datamodels import Action, Chat, Event, Form, Invocation, MessageType, Reply
from flask_core.errors import InvalidInput, ServiceError
from flask_core.grammar import bind_values
from flask_core.operations import Caller, Endpoints
from flask_core.service_client import ServiceClient
from router_module_flask.delivering.addressing import WITH_FORMS
from router_module_flask.models import FoundCommand
from router_module_flask.ports import Directory, EventLog

FORM = "form"
_ASK = "{}: please fill this in within 30 minutes: {}"
_ELSEWHERE = "{}: I cannot whisper here. Sign in as yourself and fill it in within 30 minutes: {}"
_NOWHERE = "This form is for you alone, and I cannot whisper here. Link your account in the portal and ask again."
_NO_ADDRESS = "This needs a form, and this bot has no public address for one."
_AWAY = "This needs a form, and the portal is not answering right now."


class FormLinks:
    """Asks portal to show the forms that a platform cannot show."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def shown(self, module: str, invocation: Invocation, reply: Reply) -> Reply:
        """The reply with a link in the place of every form that nobody could see."""
        if invocation.event.platform in WITH_FORMS or not any(isinstance(a, Form) for a in reply.actions):
            return reply
        actions = [
            await self._link(module, invocation, action, index) if isinstance(action, Form) else action
            for index, action in enumerate(reply.actions)
        ]
        return msgspec.structs.replace(reply, actions=tuple(actions))

    async def _link(self, module: str, invocation: Invocation, form: Form, index: int) -> Action:
        asked = forms.MakeForm(
            key=f"{invocation.execution_id}:{index}",
            community_id=invocation.community.id,
            community_name=invocation.community.name,
            module=module,
            channel=invocation.channel.key,
            account=invocation.member.account,
            form=form,
            person_id=invocation.member.person_id or "",
        )
        try:
            made = await self._client.call("portal", forms.MAKE, asked)
        except ServiceError:
            return Chat(_AWAY)
        if not made.url:
            return Chat(_NO_ADDRESS)
        elsewhere = _ELSEWHERE.format(form.title, made.public_url) if made.public_url else _NOWHERE
        return Chat(_ASK.format(form.title, made.url), private=True, public_fallback=elsewhere)


def form_endpoints(log: EventLog, now: Callable[[], datetime] = utc_now) -> Endpoints:
    """Where portal hands in what was filled in: an event of the member, like any other."""
    api = Endpoints()

    @api.offers(forms.FILLED_IN)
    async def filled(asked: forms.FilledIn, _: Caller) -> forms.Arrived:
        event = Event(
            event_id=f"form:{asked.form_id}",
            message_type=MessageType.MODAL_SUBMIT,
            channel=asked.channel,
            occurred_at=now(),
            account=asked.account,
            data={FORM: msgspec.to_builtins(asked.submitted)},
        )
        (new,) = await log.append([event])
        return forms.Arrived(new)

    return api


def filled_in(directory: Directory, event: Event, community_id: int) -> FoundCommand | None:
    """The command that a form leads to, with its values as arguments; None for a form of nobody.

    Raises UsageError when the values do not fit the command.
    """
    given: Any = event.data.get(FORM)
    if given is None:
        return None
    try:
        submitted = msgspec.convert(given, forms.Submitted)
    except msgspec.ValidationError:
        raise InvalidInput("This form cannot be read.") from None
    card = directory.card(submitted.module, submitted.command, community_id)
    if card is None:
        return None
    arguments = bind_values(card, submitted.values)
    return FoundCommand(submitted.module, card, card.path, "", arguments, answers="form")
