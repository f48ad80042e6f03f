"""What is answered in chat: to commands always, to everything else only when all is well."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ai_interaction_module_flask.asking import Asking, Question, Said
from ai_interaction_module_flask.budget_repository import day_of
from ai_interaction_module_flask.channels import FOR_EVER, Channels
from ai_interaction_module_flask.choices import CommunityChoices
from ai_interaction_module_flask.cleaning import EMPTY
from ai_interaction_module_flask.events import LENGTH, facts_of, filled, task_of
from ai_interaction_module_flask.ports import AWAY
from ai_interaction_module_flask.providers import NotSetUp
from ai_interaction_module_flask.triggers import Hearing, Kind, without_name
from flask_core.community_settings import CommunitySettings
from flask_core.datamodels import Chat, Invocation, MessageType, Origin, Reply, Role, Trigger
from flask_core.errors import Forbidden, InvalidInput, ServiceError
from flask_core.shared_state import SharedState
from flask_core.time_tokens import time_token

log = logging.getLogger(__name__)

LONGEST_QUESTION = 1_000
NOT_SET_UP = "AI isn't set up here yet."
_SET_UP_SECONDS, _EVENT_SECONDS = 600.0, 20.0
_MENTION_WAITS = (3.0, 15.0)
_GREETS = {
    "greeting": "The member above greets everybody. Greet them back in one short sentence.",
    "farewell": "The member above says goodbye. Say goodbye to them in one short sentence.",
}


@dataclass(frozen=True, slots=True)
class Chatting:
    """Makes the reply to an invocation, whatever happens."""

    asking: Asking
    channels: Channels
    settings: CommunitySettings[CommunityChoices]
    shared: SharedState
    hearing: Hearing
    public_url: str
    now: Callable[[], datetime]

    async def reply(self, invocation: Invocation) -> Reply:
        """The whole reply to a question or an event."""
        choices, _ = await self.settings.read(invocation.community.id)
        if invocation.trigger is Trigger.EVENT:
            return await self._unasked(invocation, choices)
        return await self._asked(invocation, choices)

    async def _asked(self, invocation: Invocation, choices: CommunityChoices) -> Reply:
        text = str(invocation.arguments.get("question") or "").strip()
        try:
            await self._check(invocation, choices)
            said = await self.asking.ask(_question(invocation, "ask", text, talks=True, tools=True), choices)
        except NotSetUp:
            return await self._not_set_up(invocation)
        except ServiceError as refusal:
            return Reply.chat(refusal.message)
        except Exception:  # The edge of an answer: a retry of this execution must not ask a model again.
            log.exception("a question could not be answered")
            return Reply.chat(AWAY)
        return Reply.chat(_phrased(said, choices.prefix), origin=Origin.EXTERNAL)

    async def _check(self, invocation: Invocation, choices: CommunityChoices) -> None:
        if not choices.enabled:
            raise Forbidden("AI is switched off here.")
        needed = Role.named(choices.ask_role)
        if invocation.member.role < needed:
            raise Forbidden(f"Only {needed.word}s can ask. You are {invocation.member.role.word} here.")
        until = (await self.channels.of(invocation.community.id, invocation.channel.key)).paused_until
        if until is not None:
            raise Forbidden("AI is paused here." if until >= FOR_EVER else _break_until(until))

    async def _not_set_up(self, invocation: Invocation) -> Reply:
        if invocation.member.role >= Role.MODERATOR:
            where = f": {self.public_url}/c/{invocation.community.id}/ai" if self.public_url else " in the portal."
            return Reply.chat(f"{NOT_SET_UP} An owner can connect a model{where}")
        first = await self.shared.claim_once(f"ai:not set up:{invocation.channel.key}", _SET_UP_SECONDS)
        return Reply.chat(NOT_SET_UP) if first else Reply()

    async def answers(self, invocation: Invocation) -> bool:
        """Whether a line or event is one that gets an answer, now or at another time."""
        choices, _ = await self.settings.read(invocation.community.id)
        return self.hearing.kind_of(invocation.event, choices.triggers) is not None

    async def wanted(self, invocation: Invocation) -> bool:
        """Whether a line or event is answered at all, and it is time for it; cheap, and before anything is kept."""
        choices, _ = await self.settings.read(invocation.community.id)
        kind = self.hearing.kind_of(invocation.event, choices.triggers)
        if kind is None or not choices.enabled or (kind == "question" and not self.hearing.lucky(choices.triggers)):
            return False
        if kind != "event" and invocation.member.role < Role.named(choices.ask_role):
            return False
        here = await self.channels.of(invocation.community.id, invocation.channel.key)
        if here.paused_until is not None or here.quiet:
            return False
        if not await self.asking.providers.places(invocation.community.id, choices) and kind != "event":
            return False
        return not await self.shared.cooldown(_waits(invocation, kind, choices))

    async def _unasked(self, invocation: Invocation, choices: CommunityChoices) -> Reply:
        event = invocation.event
        reply = choices.triggers.event(event.message_type.value)
        happened = event.message_type is not MessageType.CHAT
        try:
            said = await self.asking.ask(_heard(invocation, self.hearing.kind_of(event, choices.triggers)), choices)
        except Exception as error:  # The edge of an answer that nobody asked for: it is never an excuse.
            if not isinstance(error, ServiceError):
                log.exception("an event could not be answered")
            if happened and reply is not None and reply.fallback:
                words = filled(reply.fallback, facts_of(event))
                return Reply(actions=(Chat(words, reply=False, origin=Origin.EXTERNAL),))
            return Reply()
        if said.outcome != "said" or said.text == EMPTY:
            return Reply()
        text = said.text if happened else _phrased(said, choices.prefix)
        return Reply.chat(text, reply=not happened, origin=Origin.EXTERNAL)

    async def status(self, invocation: Invocation) -> str:
        """Whether AI is on, with which model, and how much of today is used."""
        community_id = invocation.community.id
        choices, _ = await self.settings.read(community_id)
        places = await self.asking.providers.places(community_id, choices)
        if not choices.enabled:
            return "AI is switched off here."
        if not places:
            return NOT_SET_UP
        until = (await self.channels.of(community_id, invocation.channel.key)).paused_until
        if until is not None:
            return "AI is paused here." if until >= FOR_EVER else _break_until(until)
        spent, _ = await self.asking.budgets.spent(community_id, day_of(self.now()))
        most = min(choices.budget.answers, self.asking.config.max_answers_per_day)
        place = await self.asking.providers.answering(places)
        return f"AI is on: {place.model} ({place.kind}), {spent} of {most} answers used today."

    async def sources(self, invocation: Invocation) -> str:
        """The memories that the member's last answer used."""
        talked = await self.asking.conversations.of_member(*_place(invocation))
        if not talked:
            return "There is no answer of mine for you here in the last 30 minutes."
        return f"I used {', '.join(talked[-1].sources)}." if talked[-1].sources else "I used no memories."

    async def forget(self, invocation: Invocation) -> str:
        """Forget the member's own conversation here."""
        await self.asking.conversations.forget(*_place(invocation))
        return "I forgot our conversation here."

    async def pause(self, invocation: Invocation, time: timedelta | None) -> str:
        """Pause AI in this channel, for a time or until somebody ends it."""
        if time is not None and not timedelta(minutes=1) <= time <= timedelta(days=30):
            raise InvalidInput("A break lasts from a minute to 30 days.")
        until = FOR_EVER if time is None else self.now() + time
        await self.channels.pause(invocation.community.id, invocation.channel.key, until, invocation.member.id)
        return f"AI is paused in this channel{'' if time is None else f' for {_span(time)}'}."

    async def resume(self, invocation: Invocation) -> str:
        """End a pause."""
        await self.channels.pause(invocation.community.id, invocation.channel.key, None, invocation.member.id)
        return "AI is on in this channel."

    async def hush(self, invocation: Invocation, *, quiet: bool) -> str:
        """Stop or allow answers without a command."""
        await self.channels.hush(invocation.community.id, invocation.channel.key, quiet=quiet, by=invocation.member.id)
        return f"I answer {'commands only' if quiet else 'on my own again'} in this channel."


def _place(invocation: Invocation) -> tuple[int, str, str]:
    return invocation.community.id, invocation.channel.key, invocation.member.id


def _question(invocation: Invocation, kind: str, text: str, **more: object) -> Question:
    member = invocation.member
    return Question(
        invocation.execution_id, invocation.community, invocation.channel.key, member.id, member.name, kind, text,
        exempt=member.role >= Role.MODERATOR, role=member.role, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def _heard(invocation: Invocation, kind: Kind | None) -> Question:
    event = invocation.event
    if kind == "event":
        name = facts_of(event)["user"]
        question = _question(
            invocation, f"event:{event.message_type.value}", f"({event.message_type.value})", task=task_of(event),
            length=LENGTH, memories=False,
        )  # fmt: skip
        # Who gifts a hundred subscriptions has not asked a hundred questions.
        return replace(question, name=name, exempt=True)
    text = without_name(event)[:LONGEST_QUESTION]
    greets = kind in _GREETS
    return _question(
        invocation,
        kind or "mention",
        text or "hello",
        talks=kind == "mention",
        task=_GREETS.get(kind or "", ""),
        memories=not greets,
        tools=not greets,
    )


def _waits(invocation: Invocation, kind: Kind, choices: CommunityChoices) -> list[tuple[str, float]]:
    """Buckets that have to be ready."""
    channel, member = invocation.channel.key, invocation.member.id
    if kind == "event":
        return [(f"ai:event:{channel}", _EVENT_SECONDS)]
    if kind == "mention":
        here, own = _MENTION_WAITS
        return [(f"ai:mention:{channel}", here), (f"ai:mention:{channel}:{member}", own)]
    waits = choices.cooldowns
    return [(f"ai:auto:{channel}", waits.channel), (f"ai:auto:{channel}:{member}", waits.member)]


def _phrased(said: Said, prefix: str) -> str:
    sources = f" (from {', '.join(said.sources)})" if said.sources else ""
    did = f" (used {', '.join(said.used)})" if said.used else ""
    return f"{prefix}{said.text}{sources}{did}"


def _break_until(until: datetime) -> str:
    return f"AI is taking a break until {time_token(until)}."


def _span(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    parts = ((minutes // 1_440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute"))
    return " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count)
