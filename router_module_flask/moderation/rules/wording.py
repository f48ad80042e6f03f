"""How rules are told in words: in traces, in chat and in the audit."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask_core.contracts import rules
from flask_core.contracts.rules import Draft, RuleAction

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
_PLAIN = {rules.Delete: "delete", rules.Ban: "ban", rules.Block: "block", rules.CallWebhook: "webhook"}


def span(seconds: int) -> str:
    """`90 s` is told as `1m30s`, fourteen days as `14d`."""
    told = ""
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        told += f"{count}{unit}" if count else ""
    return told or "0s"


def act(action: RuleAction) -> str:
    """One action; addresses and secrets stay out of it."""
    if isinstance(action, rules.Timeout):
        return f"timeout {span(action.seconds)}"
    if isinstance(action, rules.Warn):
        return "warn"
    if isinstance(action, rules.RunLine):
        return f"run {action.line.split(maxsplit=1)[0]}"
    return _PLAIN[type(action)]


def acts(rule: Draft) -> str:
    """All actions: `delete, timeout 10m`."""
    return ", ".join(map(act, rule.actions))


def state(rule: Draft) -> str:
    """`off`, `dry run` or `live`."""
    if not rule.enabled:
        return "off"
    return "dry run" if rule.dry_run else "live"


def described(rule: Draft) -> str:
    """The rule in one line: `contains “spam” → delete (live)`."""
    return f"{rule.match} “{rule.pattern}” → {acts(rule)} ({state(rule)})"


def settings_of(rule: Draft) -> dict[str, Any]:
    """The whole rule for the audit: of addresses their host, of exempt members how many, of secrets nothing."""
    scope, exempt = rule.scope, rule.exempt
    return {
        "name": rule.name,
        "match": rule.match,
        "pattern": rule.pattern,
        "normalise": rule.normalise,
        "actions": list(map(_in_full, rule.actions)),
        "channels": scope.channels,
        "platforms": scope.platforms,
        "message_types": scope.message_types,
        "exempt_role": "" if exempt.role is None else exempt.role.word,
        "exempt_label": exempt.label,
        "exempt_members": len(exempt.members),
        "priority": rule.priority,
        "stop": rule.stop,
        "state": state(rule),
        "expires_at": rule.expires_at,
    }


def _in_full(action: RuleAction) -> str:
    if isinstance(action, rules.Warn):
        return f"warn “{action.text}”"
    if isinstance(action, rules.RunLine):
        return f"run {action.line} as {action.role.word}"
    if isinstance(action, rules.CallWebhook):
        return f"webhook {urlsplit(action.url).hostname} (secret …{action.last4})"
    return act(action)
