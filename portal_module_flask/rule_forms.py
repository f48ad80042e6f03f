"""The form of a moderation rule: out of a rule, and a rule out of what was typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, cast, get_args

from werkzeug.datastructures import MultiDict

from flask_core.contracts import rules
from flask_core.contracts.rules import Draft, Match, Rule, RuleAction
from flask_core.datamodels import MessageType, Platform, Role
from flask_core.errors import InvalidInput
from flask_core.grammar import duration_seconds

MATCHES: dict[str, str] = {
    "contains": "contains the pattern", "word": "has it as a whole word", "exact": "is exactly the pattern",
    "wildcard": "fits it, * and ? standing for anything", "regex": "fits a regular expression (RE2)",
}  # fmt: skip
ACTIONS: dict[type, str] = {
    rules.Delete: "delete", rules.Warn: "warn", rules.Timeout: "timeout", rules.Ban: "ban", rules.Block: "block",
    rules.RunLine: "command", rules.CallWebhook: "webhook",
}  # fmt: skip
TYPES: dict[str, str] = {
    "chatMessage": "chat lines", "slashCommand": "slash commands", "cheer": "cheers", "resub": "words of subscribers",
    "redemption": "redemptions", "donation": "donations",
}  # fmt: skip
_FALLBACK_TIMEOUT = "10m"


def form_of(rule: Draft, members: Sequence[str]) -> MultiDict[str, str]:
    """The fields as they would have been typed for `rule`; `members` are names of those whom it exempts."""
    fields = [
        ("name", rule.name), ("match", rule.match), ("pattern", rule.pattern), ("priority", str(rule.priority)),
        ("exempt_role", "" if rule.exempt.role is None else rule.exempt.role.word), ("exempt_label", rule.exempt.label),
        ("exempt_members", "\n".join(members)), ("expires_at", _local(rule.expires_at)),
    ]  # fmt: skip
    fields += [(name, "yes") for name in ("normalise", "stop", "enabled", "dry_run") if getattr(rule, name)]
    for name in ("channels", "platforms", "message_types"):
        fields += [(name, str(value)) for value in getattr(rule.scope, name)]
    for action in rule.actions:
        fields += [("do", ACTIONS[type(action)]), *_typed(action)]
    return MultiDict(fields)


def _typed(action: RuleAction) -> list[tuple[str, str]]:
    if isinstance(action, rules.Warn):
        return [("warn_text", action.text)]
    if isinstance(action, rules.Timeout):
        return [("timeout_time", _span(action.seconds))]
    if isinstance(action, rules.RunLine):
        return [("command_line", action.line), ("command_role", action.role.word)]
    if isinstance(action, rules.CallWebhook):
        return [("webhook_url", action.url), ("webhook_last4", action.last4)]
    return []


def draft_of(form: Any, members: tuple[str, ...], kept: Rule | None = None) -> Draft:
    """The rule that a form means; raises InvalidInput for what cannot be read. What the form cannot show stays."""
    role = form.get("exempt_role", "")
    return Draft(
        match=_match(form.get("match", "")),
        pattern=form.get("pattern", ""),
        actions=(*_actions(form), *(_hidden(kept) if kept is not None else ())),
        name=form.get("name", "").strip(),
        normalise="normalise" in form,
        scope=rules.Scope(
            tuple(form.getlist("channels")),
            tuple(Platform(name) for name in form.getlist("platforms") if name in set(Platform)),
            tuple(MessageType(name) for name in form.getlist("message_types") if name in set(MessageType)),
        ),
        exempt=rules.Exempt(Role.named(role) if role else None, form.get("exempt_label", "").strip(), members),
        priority=_whole(form.get("priority", "100")),
        stop="stop" in form,
        enabled="enabled" in form,
        dry_run="dry_run" in form,
        expires_at=_moment(form.get("expires_at", "")),
    )


def _actions(form: Any) -> list[RuleAction]:
    wanted = set(form.getlist("do"))
    return [made(form) for word, made in _MADE.items() if word in wanted]


def _timeout(form: Any) -> rules.Timeout:
    seconds = duration_seconds(form.get("timeout_time", "").strip() or _FALLBACK_TIMEOUT)
    if seconds is None:
        raise InvalidInput("Say how long a timeout is: 30s, 10m, 2h or 7d.")
    return rules.Timeout(seconds)


# In the order in which they are done.
_MADE: dict[str, Callable[[Any], RuleAction]] = {
    "delete": lambda form: rules.Delete(),
    "warn": lambda form: rules.Warn(form.get("warn_text", "").strip()),
    "timeout": _timeout,
    "ban": lambda form: rules.Ban(),
    "block": lambda form: rules.Block(),
    "command": lambda form: rules.RunLine(
        form.get("command_line", "").strip(), Role.named(form.get("command_role", "viewer"))
    ),
    "webhook": lambda form: rules.CallWebhook(form.get("webhook_url", "").strip(), form.get("webhook_secret", "")),
}


def _hidden(kept: Rule) -> tuple[RuleAction, ...]:
    """Actions beyond the first of each kind: programs may write them, and the form shows the first only."""
    kinds = [type(action) for action in kept.actions]
    return tuple(action for at, action in enumerate(kept.actions) if type(action) in kinds[:at])


def _match(text: str) -> Match:
    if text not in get_args(Match):
        raise InvalidInput("Choose how the pattern is compared.")
    return cast(Match, text)


def _whole(text: str) -> int:
    digits = text.strip()
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 6:
        raise InvalidInput("A priority is a number from 1 (first) to 1000.")
    return int(digits)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC) if text.strip() else None
    except ValueError:
        raise InvalidInput("Write the end of the rule as 2027-01-31T20:00.") from None


def _local(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


def _span(seconds: int) -> str:
    told = ""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")):
        count, seconds = divmod(seconds, size)
        told += f"{count}{unit}" if count else ""
    return told


def acts(rule: Draft) -> str:
    """What a rule does, in a few words."""
    return ", ".join(
        f"timeout {_span(action.seconds)}" if isinstance(action, rules.Timeout) else ACTIONS[type(action)]
        for action in rule.actions
    )
