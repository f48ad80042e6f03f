"""What a rule does about a line: deliveries for the platform, webhooks for others, command lines for modules."""

from __future__ import annotations

import re

from flask_core.contracts import rules
from flask_core.contracts.module import Priority
from flask_core.contracts.rules import Rule, RuleAction
from flask_core.datamodels import Event, Moderate, PlatformRequest, Reply, Role
from router_module_flask.delivering.addressing import WEBHOOKS, lifetime, outgoing
from router_module_flask.dispatch import as_one_argument
from router_module_flask.invocations import execution_id_of
from router_module_flask.models import Line, Outgoing, Speaker

SOURCE = "rules"
WEBHOOK = "webhook"
_SLOT = re.compile(r"\{(user|text)\}")


def moderate_of(rule: Rule, action: RuleAction, event: Event) -> Moderate | None:
    """What the platform is asked for; None for what is no platform's job, or has nobody and nothing to act on."""
    who = event.account.user_id if event.account is not None else ""
    message_id = str(event.data.get("message_id", ""))
    reason = rule.name or f"Rule #{rule.number}"
    if isinstance(action, rules.Delete) and message_id:
        return Moderate("delete", who, message_id, reason=reason)
    if not who:
        return None
    if isinstance(action, rules.Warn):
        return Moderate("warn", who, message_id, reason=action.text)
    if isinstance(action, rules.Timeout):
        return Moderate("timeout", who, message_id, action.seconds, reason)
    return Moderate("ban", who, message_id, reason=reason) if isinstance(action, rules.Ban) else None


def delivery_of(rule: Rule, index: int, moderate: Moderate, event: Event, speaker: Speaker) -> Outgoing:
    """The delivery that carries out action `index`; the same event never leads to it twice."""
    key = execution_id_of(event.event_id, f"rule {rule.number} action {index}")
    (made,) = outgoing(event, speaker, key, SOURCE, Reply((moderate,)))
    return made


def webhook_of(rule: Rule, index: int, event: Event, speaker: Speaker) -> Outgoing:
    """The call that waits in the outbox; address and secret are looked up when it is made."""
    account = event.account
    told = {
        "rule": rule.number, "action": index, "name": rule.name, "event_id": event.event_id, "channel": event.channel,
        "message_type": event.message_type, "message_id": event.data.get("message_id", ""), "text": event.text,
        "user_id": account.user_id if account else "", "user": account.name if account else "",
        "occurred_at": event.occurred_at.isoformat(),
    }  # fmt: skip
    return Outgoing(
        source=SOURCE,
        key=execution_id_of(event.event_id, f"rule {rule.number} action {index}"),
        community_id=speaker.community_id,
        channel=event.channel,
        module=WEBHOOKS,
        action=PlatformRequest(WEBHOOK, told),
        priority=Priority.ALERT,
        expires_in=lifetime(Priority.MODERATION),
        event_id=event.event_id,
        account=account,
        simulated=event.platform == "console",
    )


def line_of(rule: Rule, index: int, action: rules.RunLine, role: Role, event: Event) -> Line:
    """The command line with who wrote and what was written as one quoted argument each."""
    filled = filled_in(action.line, event.account.name if event.account else "somebody", event.text)
    return Line(filled, role, f"rule {rule.number}" if not index else f"rule {rule.number}.{index}")


def filled_in(line: str, user: str, text: str) -> str:
    """The line with its slots filled, in one pass: what stands in a text is never a slot itself."""
    values = {"user": user, "text": text}
    return _SLOT.sub(lambda slot: as_one_argument(values[slot[1]]), line)


def has_slots(text: str) -> bool:
    """Whether something is filled in here."""
    return _SLOT.search(text) is not None
