"""What people can type about Slack."""

from __future__ import annotations

from typing import Literal

from flask_core.commands import Call, CommandGroup
from flask_core.datamodels import Reply, Role
from slack_module_flask.chatting import Chatting

commands = CommandGroup("slack")


@commands.command("slack status", role=Role.MODERATOR)
async def status(call: Call[Chatting]) -> Reply:
    """Tell how Slack is connected."""
    return Reply.chat(await call.service.status(call.invocation), private=True)


@commands.command("slack groupmap set", role=Role.ADMIN, scope="community")
async def groupmap_set(call: Call[Chatting], group: str, role: Literal["vip", "moderator"]) -> Reply:
    """Let members of a Slack user group count as VIPs or moderators."""
    return Reply.chat(await call.service.map_group(call.invocation, group, role))


@commands.command("slack groupmap list", role=Role.ADMIN)
async def groupmap_list(call: Call[Chatting]) -> Reply:
    """List user groups that count as something."""
    return Reply.chat(await call.service.groups(call.invocation))


@commands.command("slack groupmap off", role=Role.ADMIN, scope="community")
async def groupmap_off(call: Call[Chatting]) -> Reply:
    """Let no user group count as anything any more."""
    return Reply.chat(await call.service.unmap(call.invocation))
