"""Turns what modules want done into deliveries: whose job it is, how urgent, until when."""

from __future__ import annotations

from flask_core.contracts.module import Priority
from flask_core.datamodels import (
    MAX_ACTIONS,
    Action,
    Chat,
    Event,
    Form,
    General,
    GrantRole,
    Media,
    Moderate,
    PlatformRequest,
    Reply,
    Ticker,
)
from router_module_flask.models import Outgoing, Speaker

_DISPLAYS = frozenset({Media, Ticker, General})
_FOR_TRIGGERS = frozenset({Chat, Moderate, GrantRole, PlatformRequest})
_SAID = frozenset({Chat, Form})
_CARDS = frozenset({Media, General})
_FIRST_OF_ALL = frozenset({Moderate, GrantRole})
_EXPIRES = {Priority.MODERATION: 600.0, Priority.REPLY: 60.0, Priority.ALERT: 300.0, Priority.TIMER: 60.0}
_ON_SCREEN = 60.0
_TRIGGER_OF = {"console": "portal"}
BOT = "router"
WEBHOOKS = "webhooks"
WITH_FORMS = frozenset({"discord", "slack"})
WITH_CARDS = WITH_FORMS


def module_for(action: Action, channel: str) -> str | None:
    """The module that carries `action` out for `channel`, or None when nobody does."""
    return _carrier(action, channel.partition(":")[0])


def _carrier(action: Action, platform: str) -> str | None:
    if type(action) in _FOR_TRIGGERS:
        return _TRIGGER_OF.get(platform, platform)
    if type(action) in _DISPLAYS:
        return "browser_source"
    # Where forms cannot be shown, one was made a link before.
    return platform if isinstance(action, Form) and platform in WITH_FORMS else None


def priority_of(action: Action, otherwise: int) -> int:
    """Moderation and roles go before everything; the rest as asked."""
    return Priority.MODERATION if type(action) in _FIRST_OF_ALL else otherwise


def lifetime(priority: int, action: Action | None = None) -> float:
    """Seconds after which an undelivered action makes no sense any more; what is shown is old after a minute."""
    return _ON_SCREEN if type(action) in _DISPLAYS else _EXPIRES.get(priority, 60.0)


def say(event: Event, speaker: Speaker, text: str, *, private: bool = False) -> Outgoing:
    """The router's own answer to `event`, such as a refusal."""
    (answer,) = outgoing(event, speaker, f"{event.event_id}:router", BOT, Reply.chat(text, private=private))
    return answer


def outgoing(
    event: Event,
    speaker: Speaker,
    execution_id: str,
    source: str,
    reply: Reply,
    priority: int = Priority.REPLY,
) -> list[Outgoing]:
    """One delivery per action of `reply` that somebody can carry out, in order.

    What is only shown on screen is also shown in the channel where it can be: else nobody there sees an answer.
    """
    platform, actions = event.platform, reply.actions[:MAX_ACTIONS]
    silent = platform in WITH_CARDS and event.account and not any(type(action) in _SAID for action in actions)
    deliveries: list[Outgoing] = []
    for index, action in enumerate(actions):
        key = f"{execution_id}:{index}"
        if silent and type(action) in _CARDS:
            deliveries.append(_delivery(event, speaker, f"{key}:card", source, platform, action, priority))
        module = _carrier(action, platform)
        if module is not None:
            deliveries.append(_delivery(event, speaker, key, source, module, action, priority))
    return deliveries


def _delivery(
    event: Event, speaker: Speaker, key: str, source: str, module: str, action: Action, priority: int
) -> Outgoing:
    community, urgency = speaker.context.community, priority_of(action, priority)
    return Outgoing(
        source=source,
        key=key,
        community_id=community.id,
        channel=event.channel,
        module=module,
        action=action,
        priority=urgency,
        expires_in=lifetime(urgency, action),
        event_id=event.event_id,
        reply_to=event.data.get("message_id", ""),
        account=event.account,
        time_zone=community.time_zone,
        locale=community.locale,
        simulated=event.channel.startswith("console:"),
    )
