"""What people do with slash commands: understood, answered at once, handed to the router."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from discord_module_flask.answers import EPHEMERAL, INTERACTION, Answers
from discord_module_flask.events import key_of, made_at
from discord_module_flask.feedback.service import NAME as FEEDBACK
from discord_module_flask.feedback.service import Feedbacks
from discord_module_flask.forms.service import Answer, Forms, alone
from discord_module_flask.places import Fields, Guilds
from discord_module_flask.servers.hearing import commands_are_for
from discord_module_flask.slash.catalogue import Catalogue
from discord_module_flask.slash.lines import line_of, walked
from discord_module_flask.wording import LONGEST
from flask_core.auth import utc_now
from flask_core.datamodels import Account, Event, MessageType
from flask_core.errors import InvalidInput, ServiceError
from flask_core.handover import Handover

log = logging.getLogger(__name__)

PING, COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 1, 2, 3, 4, 5
_DEFERRED, _UPDATED, _CHOICES = 5, 7, 8
_GONE = "This command is no longer available here."
_THREADS = frozenset({10, 11, 12})


class Interactions:
    """`answer` gives what is shown at once; the router's answer comes later and takes its place."""

    def __init__(
        self,
        guilds: Guilds,
        catalogue: Catalogue,
        answers: Answers,
        handover: Handover,
        forms: Forms,
        feedback: Feedbacks,
        readable: Callable[[], bool],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._guilds = guilds
        self._catalogue = catalogue
        self._answers = answers
        self._handover = handover
        self._forms = forms
        self._feedback = feedback
        self._readable = readable
        self._now = now

    async def take(self, said: Fields) -> None:
        """One that came over the gateway. Raises Unavailable when it can be kept nowhere."""
        try:
            answer, kept = await self.answer(said)
        except (KeyError, TypeError, ValueError):
            log.error("an interaction has other fields than Discord's")
            return
        try:
            await self._answers.at_once(said, answer)
            if not kept:
                await self._answers.waits(said["id"])
        except ServiceError as error:
            log.warning("an interaction is not answered at once: %s", error.code)

    async def answer(self, said: Fields) -> tuple[Answer, bool]:
        """What to show at once, and whether nothing has to be added until the router answers."""
        if said["type"] == PING:
            return {"type": PING}, True
        if said["type"] == AUTOCOMPLETE:
            return self._suggested(said), True
        if said["type"] == COMPONENT:
            return await self._clicked(said)
        if said["type"] == MODAL:
            return await self._sent(said)
        return await self._commanded(said)

    async def _commanded(self, said: Fields) -> tuple[Answer, bool]:
        if said["data"]["name"] == FEEDBACK:
            return self._feedback.page(said["guild_id"]), True
        try:
            line = await self._line(said)
        except InvalidInput as refused:
            return alone(refused.message), True
        if not line:
            return alone(await self._status(said)), True
        event, settings = self._event(said, line), self._guilds.setup_of(said["guild_id"]).settings
        assert event.account is not None
        if not commands_are_for(event.account.platform_role, event.channel, settings):
            return alone(f"Commands are for {' '.join(f'<#{one}>' for one in settings.commands_in)} here."), True
        self._catalogue.used(said["guild_id"], line)
        await self._answers.remember(said, ephemeral=settings.ephemeral)
        kept = await self._handover.take(event)
        return {"type": _DEFERRED, **({"data": {"flags": EPHEMERAL}} if settings.ephemeral else {})}, kept

    async def _clicked(self, said: Fields) -> tuple[Answer, bool]:
        """A page to open, or a choice: it is shown in the place of what could be chosen, and the answer follows."""
        came = await self._forms.clicked(said, self.account(said))
        if not isinstance(came, Event):
            return came, True
        message = said.get("message") or {}
        await self._answers.remember(said, ephemeral=bool(message.get("flags", 0) & EPHEMERAL), follows=True)
        kept = await self._handover.take(came)
        await self._forms.handed_in(came)
        picked = ", ".join(came.data["form"]["values"].values())
        shown = f"{message.get('content') or ''}\n✓ {picked}"[:LONGEST]
        return {"type": _UPDATED, "data": {"content": shown, "components": [], "allowed_mentions": {"parse": []}}}, kept

    async def _sent(self, said: Fields) -> tuple[Answer, bool]:
        """A page of a form: what to show, or what waits for the router's answer."""
        if str(said["data"]["custom_id"]).startswith(f"{FEEDBACK}:"):
            return await self._feedback.sent(said, self.account(said)), True
        came = await self._forms.sent(said, self.account(said))
        if not isinstance(came, Event):
            return came, True
        await self._answers.remember(said, ephemeral=True)
        kept = await self._handover.take(came)
        await self._forms.handed_in(came)
        return {"type": _DEFERRED, "data": {"flags": EPHEMERAL}}, kept

    async def _line(self, said: Fields) -> str:
        """What it stands for; "" for what is answered here. Raises InvalidInput with a sentence for the member."""
        path, given = walked(said["data"])
        if path == ("waddlebot", "status"):
            return ""
        if path[0] == "waddlebot":
            return "!help"
        if path == ("command",):
            name = str(given.get("name", "")).strip()
            typed = name if name.startswith(("!", "#")) else f"!{name}"
            return f"{typed} {given.get('args', '')}".strip()
        listed = self._catalogue.known(said["guild_id"]) or await self._catalogue.of(said["guild_id"], timeout=1.0)
        leaf = listed.menu.leaves.get(path) if listed else None
        if leaf is None:
            raise InvalidInput(_GONE)
        return line_of(leaf, given)

    def _event(self, said: Fields, line: str) -> Event:
        _, given = walked(said["data"])
        channel, place = self.place(said)
        data: Fields = {
            **place, "message_id": f"{INTERACTION}{said['id']}", "interaction_id": said["id"], "options": given,
        }  # fmt: skip
        return Event(
            f"discord:interaction:{said['id']}", MessageType.SLASH_COMMAND, channel, made_at(said["id"]),
            self.account(said), line, data=data,
        )  # fmt: skip

    def place(self, said: Fields) -> tuple[str, Fields]:
        """The channel key; a thread's is that of its channel."""
        channel = said.get("channel") or {}
        if channel.get("type") in _THREADS and channel.get("parent_id"):
            return key_of(said["guild_id"], channel["parent_id"]), {"thread_id": said["channel_id"]}
        return key_of(said["guild_id"], said["channel_id"]), {}

    def account(self, said: Fields) -> Account:
        """Who it is; Discord itself says what they may do in this channel."""
        member = said["member"]
        return self._guilds.account(said["guild_id"], member["user"], member, int(member["permissions"]))

    def _suggested(self, said: Fields) -> Answer:
        try:
            _, given = walked(said["data"])
            role = self.account(said).platform_role
            names = self._catalogue.suggestions(said["guild_id"], str(given.get("name", "")), role)
        except (KeyError, TypeError, ValueError):
            names = []
        return {"type": _CHOICES, "data": {"choices": [{"name": name[:100], "value": name[:100]} for name in names]}}

    async def _status(self, said: Fields) -> str:
        listed, name = self._catalogue.known(said["guild_id"]), await self._catalogue.called(said["guild_id"])
        text = "message text readable" if self._readable() else "message text not readable, slash commands only"
        modules = len({one.module for one in listed.items}) if listed else 0
        return f"Community «{name or '…'}», {modules} modules with commands, {text}."
