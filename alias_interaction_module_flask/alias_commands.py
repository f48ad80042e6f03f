"""What people can type about short names for other commands."""

from __future__ import annotations

from alias_interaction_module_flask.chatting import Alias
from alias_interaction_module_flask.commands import commands
from flask_core.commands import Call, Rest
from flask_core.datamodels import Reply, Role


@commands.command("alias", aliases=("alias list",))
async def listed(call: Call[Alias], page: int = 1) -> Reply:
    """List short names and what they run."""
    return Reply.chat(await call.service.aliases(call.invocation, page), origin="external")


@commands.command("alias add", role=Role.MODERATOR, usage="!alias add <name> <command line>")
async def add(call: Call[Alias], name: str, line: Rest) -> Reply:
    """Let a short name run a command line: !alias add w !weather."""
    return Reply.chat(await call.service.alias(call.invocation, name, line))


@commands.command("alias edit", role=Role.MODERATOR, usage="!alias edit <name> <command line>")
async def edit(call: Call[Alias], name: str, line: Rest) -> Reply:
    """Let a short name run another command line."""
    return Reply.chat(await call.service.lead_elsewhere(call.invocation, name, line))


@commands.command("alias remove", aliases=("alias rm", "alias delete", "alias del"), role=Role.MODERATOR)
async def remove(call: Call[Alias], name: str) -> Reply:
    """Remove a short name; it can be brought back for 30 days."""
    return Reply.chat(await call.service.remove(call.invocation, name, "alias"))


@commands.command("alias show", role=Role.MODERATOR)
async def show(call: Call[Alias], name: str) -> Reply:
    """Show what a short name runs and how often it was used."""
    return Reply.chat(await call.service.show(call.invocation, name, "alias"), origin="external")
