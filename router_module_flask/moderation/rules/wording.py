"""How rules are told in words: in traces, in chat and in the audit."""

from __future__ import annotations

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
