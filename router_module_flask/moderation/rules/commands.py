"""What moderators can type about rules."""

from __future__ import annotations

from typing import Literal

from flask_core.commands import Call, Rest, per_member
from flask_core.contracts.rules import Match
from flask_core.datamodels import Reply, Role
from router_module_flask.chatting import Chatting
from router_module_flask.commands import commands

__all__ = ["commands"]

_SOON = per_member(seconds=1)


@commands.command(
    "rule add",
    role=Role.MODERATOR,
    cooldown=_SOON,
    usage='!rule add exact|contains|word|regex|wildcard "<pattern>" warn|delete|timeout|ban|block|command [what]',
)
async def add(
    call: Call[Chatting],
    match: Match,
    pattern: str,
    action: Literal["warn", "delete", "timeout", "ban", "block", "command"],
    args: Rest | None = None,
) -> Reply:
    """Watch for words; a new rule is a dry run until you switch it live."""
    return Reply.chat(await call.service.rule_desk.add(call.invocation, match, pattern, action, args or ""))


@commands.command("rule list", role=Role.MODERATOR, cooldown=_SOON)
async def list_rules(call: Call[Chatting]) -> Reply:
    """List rules in the order in which they act."""
    return Reply.chat(await call.service.rule_desk.listed(call.community))


@commands.command("rule test", role=Role.MODERATOR, cooldown=_SOON, usage='!rule test "<text>"')
async def test(call: Call[Chatting], text: Rest) -> Reply:
    """Tell which rules match a text."""
    return Reply.chat(await call.service.rule_desk.test(call.community, text))


@commands.command("rule on", role=Role.MODERATOR, cooldown=_SOON)
async def switch_on(call: Call[Chatting], number: int) -> Reply:
    """Switch a rule on."""
    return Reply.chat(await call.service.rule_desk.switch(call.invocation, number, enabled=True))


@commands.command("rule off", role=Role.MODERATOR, cooldown=_SOON)
async def switch_off(call: Call[Chatting], number: int) -> Reply:
    """Switch a rule off."""
    return Reply.chat(await call.service.rule_desk.switch(call.invocation, number, enabled=False))


@commands.command("rule live", role=Role.MODERATOR, cooldown=_SOON)
async def live(call: Call[Chatting], number: int) -> Reply:
    """Let a rule act that was a dry run."""
    return Reply.chat(await call.service.rule_desk.switch(call.invocation, number, enabled=True, dry_run=False))


@commands.command("rule remove", role=Role.MODERATOR, cooldown=_SOON)
async def remove(call: Call[Chatting], number: int) -> Reply:
    """Forget a rule."""
    return Reply.chat(await call.service.rule_desk.remove(call.invocation, number))
