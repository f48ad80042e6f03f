"""`/waddlebot …`: like a command in chat, but answered to the asker, and helpful when it means nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from flask_core.auth import utc_now
from flask_core.datamodels import Account, Event, MessageType, Role
from flask_core.errors import ServiceError
from flask_core.handover import Handover
from slack_module_flask.behind import Behind
from slack_module_flask.entities import as_command, plain
from slack_module_flask.events import Told
from slack_module_flask.feedback import Feedback
from slack_module_flask.handbook import NOWHERE, Handbook
from slack_module_flask.inviting import Inviting
from slack_module_flask.models import Workspace, channel_key
from slack_module_flask.news import News
from slack_module_flask.people import People
from slack_module_flask.responses import Responses
from slack_module_flask.wording import escaped

log = logging.getLogger(__name__)

_ANYWHERE = frozenset({"!whoami", "!verify", "!community", "!link"})
_STARTERS = 12
_LATER = "I will answer as soon as I can."
_NO_COMMUNITY = "This channel belongs to no community yet."


class Slash:
    """What Slack sends for a command is acknowledged empty; the answer follows by its `response_url`."""

    def __init__(
        self,
        handover: Handover,
        people: People,
        responses: Responses,
        handbook: Handbook,
        feedback: Feedback,
        inviting: Inviting,
        news: News,
        behind: Behind,
        *,
        transport: str,
        public_url: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._handover = handover
        self._people = people
        self._responses = responses
        self._handbook = handbook
        self._feedback = feedback
        self._inviting = inviting
        self._news = news
        self._behind = behind
        self._transport = transport
        self._public_url = public_url
        self._now = now

    async def take(self, workspace: Workspace, payload: dict[str, Any]) -> None:
        """One command. Raises KeyError for other fields than Slack's, Unavailable when it could not be kept."""
        team, channel_id, user = workspace.team_id, str(payload["channel_id"]), str(payload["user_id"])
        trigger = str(payload["trigger_id"])
        text = plain(str(payload.get("text") or ""), team).strip()
        name = await self._responses.keep(trigger, team, channel_id, user, str(payload.get("response_url") or ""))
        channel = channel_key(team, channel_id, user)
        self._behind.start("a hint", self._inviting.hint(team, channel_id, user, name))
        if text.lower().lstrip("!") == "feedback" and await self._in_community(channel):
            opening = partial(self._feedback.open, team, channel_id, trigger)
            self._behind.start("a form for feedback", self._responses.or_say(name, opening))
            return
        said = await self._own_answer(channel, text, team)
        if said is not None:
            self._behind.start("an answer", self._responses.say(name, {"text": said}))
            return
        account = await self.account(workspace, user, payload)
        with_router = await self._handover.take(
            Event(
                event_id=f"slack:interaction:{trigger}",
                message_type=MessageType.SLASH_COMMAND,
                channel=channel,
                occurred_at=self._now(),
                account=account,
                text=as_command(text),
                data={"message_id": name, **({"direct": True} if channel_id.startswith("D") else {})},
            )
        )
        if not with_router:
            self._behind.start("a word of comfort", self._responses.say(name, {"text": _LATER}))

    async def account(self, workspace: Workspace, user: str, payload: dict[str, Any]) -> Account:
        """Who typed it."""
        people = await self._people.known(workspace.team_id, [user])
        roles = await self._people.roles(workspace.team_id)
        told = Told(workspace, payload, "", self._now(), people, roles)
        return told.account(user)

    async def _in_community(self, channel: str) -> bool:
        try:
            return (await self._handbook.context(channel)).community.id != NOWHERE
        except ServiceError as error:
            log.info("nobody knows whose channel it is: %s", error.code)
            return False

    async def _own_answer(self, channel: str, text: str, team_id: str) -> str | None:
        """What we say ourselves; None for what the router answers, also while it cannot be asked."""
        word = text.split(maxsplit=1)[0].lower().lstrip("!") if text.split() else "help"
        try:
            if word == "help":
                return await self._help(channel)
            if word == "status" and len(text.split()) == 1:
                return await self._status(channel, team_id)
            context, line = await self._handbook.context(channel), as_command(text)
            if context.community.id == NOWHERE and f"!{word}" not in _ANYWHERE:
                return f"{_NO_COMMUNITY} An admin can attach it in the portal."
            if await self._handbook.knows(context.community.id, channel, line):
                return None
        except ServiceError as error:
            log.info("a command is not looked at before it is kept: %s", error.code)
            return None
        return f"I do not know «{escaped(word[:60])}». /waddlebot help lists what works here."

    async def _help(self, channel: str) -> str:
        context = await self._handbook.context(channel)
        here = _NO_COMMUNITY if context.community.id == NOWHERE else f"This is *{escaped(context.community.name)}*."
        known = await self._handbook.commands(context.community.id, channel)
        # Of several that begin with the same word, the first.
        shown = {
            one.card.path.split()[0]: one
            for one in reversed(known)
            if not one.card.hidden and one.card.role == Role.VIEWER
        }
        lines = [
            f"• `/waddlebot {escaped((one.typed or one.card.usage).lstrip('!'))}` – {escaped(one.card.help)}"
            for one in [shown[word] for word in sorted(shown)][:_STARTERS]
        ]
        more = f"\nEverything: {self._public_url}/c/{context.community.id}/commands" if self._public_url else ""
        if context.community.id != NOWHERE:
            lines.append("• `/waddlebot feedback` – tell the moderators what you think")
        return "\n".join([here, *lines]) + more

    async def _status(self, channel: str, team_id: str) -> str:
        context = await self._handbook.context(channel)
        if context.community.id == NOWHERE:
            here = _NO_COMMUNITY
        else:
            known = await self._handbook.commands(context.community.id, channel)
            modules = sorted({one.module for one in known})
            here = f"*{escaped(context.community.name)}*. Modules: {escaped(', '.join(modules))}."
        last = await self._news.last(team_id)
        ago = f"last event {max(0, round((self._now() - last).total_seconds()))} s ago" if last else "no event yet"
        return f"{here}\n{self._transport}, {ago}"
