"""Forms: said as a button, opened by the one they are for, handed in as an event."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from discord_module_flask.answers import EPHEMERAL, INTERACTION
from discord_module_flask.forms.choices import choice_in, chosen, rows_of
from discord_module_flask.forms.custom_ids import CustomIds
from discord_module_flask.forms.pages import button, entered, modal, pages_of, trouble
from discord_module_flask.forms.repository import FormRepository, KeptForm
from discord_module_flask.slash.catalogue import Catalogue
from discord_module_flask.speaking import Speaking
from flask_core.auth import utc_now
from flask_core.contracts.module import Delivery
from flask_core.datamodels import Account, Chat, Event, Form, MessageType
from flask_core.delivering import Done, Unsupported

KEPT = timedelta(hours=24)
_MESSAGE, MODAL = 4, 9
_FOREIGN = "This button is not one of the bot's."

type Answer = dict[str, Any]


class Forms:
    """Kept until they are sent, for a day."""

    def __init__(
        self,
        repository: FormRepository,
        speaking: Speaking,
        catalogue: Catalogue,
        ids: CustomIds,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._repository = repository
        self._speaking = speaking
        self._catalogue = catalogue
        self._ids = ids
        self._now = now

    async def show(self, delivery: Delivery, form: Form) -> Done:
        """Say that there is a form, with the button that opens it. Raises Unsupported for a form of nobody."""
        module = await self._module(delivery.community_id, form.submit_to)
        if not module or delivery.account is None:
            raise Unsupported("Nobody takes this form.")
        form_id = hashlib.blake2b(delivery.idempotency_key.encode(), digest_size=12).hexdigest()
        kept = KeptForm(form_id, delivery.account.user_id, module, delivery.channel, form)
        await self._repository.keep(kept, self._now() + KEPT)
        text, field = f"**{form.title}**\n{form.description}".strip(), choice_in(form)
        if field is not None:
            text, rows = f"{text}\n{field.label}", rows_of(field, lambda name: self._ids.made(f"pick:{form_id}:{name}"))
        else:
            rows = button("Open form", self._id(form_id, 0))
        said = Chat(text, private=delivery.reply_to.startswith(INTERACTION))
        return await self._speaking.say(delivery, said, components=rows)

    async def _module(self, community_id: int, command: str) -> str:
        """Whose command it is; "" for nobody's. One that is not known yet may be new."""
        for fresh in (False, True):
            listed = await self._catalogue.in_community(community_id, fresh=fresh)
            found = (one.module for one in (listed.items if listed else ()) if one.card.path == command)
            if module := next(found, ""):
                return module
        return ""

    def _id(self, form_id: str, page: int) -> str:
        return self._ids.made(f"form:{form_id}:{page}")

    async def clicked(self, said: dict[str, Any], account: Account) -> Answer | Event:
        """The page that a button opens, the event that a choice is, or why it is neither."""
        custom_id = str(said["data"]["custom_id"])
        kept, name, refusal = await self._found(custom_id, account.user_id)
        if kept is None:
            return alone(refusal)
        if custom_id.startswith("pick:"):
            field = choice_in(kept.form)
            picked = chosen(field, name, [str(one) for one in said["data"].get("values") or ()]) if field else ""
            return self._event(kept, {kept.form.fields[0].name: picked}, said, account) if picked else alone(_FOREIGN)
        page = int(name)
        return {"type": MODAL, "data": modal(kept.form, page, self._id(kept.id, page), kept.values)}

    async def sent(self, said: dict[str, Any], account: Account) -> Answer | Event:
        """A page was sent: what to show, or the event once everything is filled in."""
        kept, name, refusal = await self._found(str(said["data"]["custom_id"]), account.user_id)
        if kept is None or not name.isdecimal():
            return alone(refusal or _FOREIGN)
        page = int(name)
        names = {field.name for field in kept.form.fields}
        given = {name: text for name, text in entered(said["data"]["components"]).items() if name in names}
        values = {**kept.values, **given}
        await self._repository.enter(kept.id, values)
        if not names <= values.keys() and page + 1 < pages_of(kept.form):
            text = f"Page {page + 1} of {pages_of(kept.form)} is kept."
            return alone(text, components=button("Continue", self._id(kept.id, page + 1)))
        if (wrong := trouble(kept.form, values)) is not None:
            return alone(wrong[1], components=button("Try again", self._id(kept.id, wrong[0])))
        return self._event(kept, values, said, account)

    def _event(self, kept: KeptForm, values: dict[str, str], said: dict[str, Any], account: Account) -> Event:
        submitted = {"module": kept.module, "command": kept.form.submit_to, "values": values}
        data = {"form": submitted, "message_id": f"{INTERACTION}{said['id']}", "interaction_id": said["id"]}
        # Two clicks are one answer: the event has the form's name.
        return Event(
            f"discord:form:{kept.id}", MessageType.MODAL_SUBMIT, kept.channel, self._now(), account, data=data
        )  # fmt: skip

    async def handed_in(self, event: Event) -> None:
        """The router has it."""
        await self._repository.forget(event.event_id.rpartition(":")[2])

    async def _found(self, custom_id: str, user_id: str) -> tuple[KeptForm | None, str, str]:
        """The form, and which page or choice of it is meant; else why there is none."""
        kind, _, rest = self._ids.opened(custom_id).partition(":")
        form_id, _, name = rest.partition(":")
        if kind not in {"form", "pick"}:
            return None, "", _FOREIGN
        kept = await self._repository.read(form_id, self._now())
        if kept is None:
            return None, "", "This form was sent already, or its time is over."
        if kept.user_id != user_id:
            return None, "", "This form is for somebody else."
        return kept, name, ""

    async def forget_old(self) -> None:
        """Forms that nobody filled in."""
        await self._repository.forget_old(self._now())


def alone(text: str, **more: Any) -> Answer:
    """A message that only the asker sees."""
    said = {"content": text, "flags": EPHEMERAL, "allowed_mentions": {"parse": []}, **more}
    return {"type": _MESSAGE, "data": said}
