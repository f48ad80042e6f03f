"""What people can type about a Discord server."""

from __future__ import annotations

from typing import Literal

from discord_module_flask.chatting import Chatting
from flask_core.commands import Call, CommandGroup, per_member
from flask_core.datamodels import GivenMember, Reply, Role
from flask_core.executions import apart

commands = CommandGroup("discord")

_DOING = per_member(seconds=3)
_SECONDS = 15.0


@commands.command("rolemap list", role=Role.ADMIN, cooldown=_DOING)
async def rolemap_list(call: Call[Chatting]) -> Reply:
    """List roles of the server that count as something here."""
    return Reply.chat(await call.service.roles(call.invocation))


@commands.command("rolemap set", role=Role.ADMIN, scope="community", cooldown=_DOING, timeout=_SECONDS)
async def rolemap_set(call: Call[Chatting], role: str, counts_as: Literal["subscriber", "vip", "moderator"]) -> Reply:
    """Let members with a role of the server count as subscribers, VIPs or moderators."""
    return Reply.chat(await apart(call.service.map_role(call.invocation, role, counts_as)))


@commands.command("rolemap off", role=Role.ADMIN, scope="community", cooldown=_DOING, timeout=_SECONDS)
async def rolemap_off(call: Call[Chatting], role: str) -> Reply:
    """Let a role of the server count as nothing any more."""
    return Reply.chat(await apart(call.service.unmap_role(call.invocation, role)))


@commands.command("voice", cooldown=_DOING)
async def voice(call: Call[Chatting], member: GivenMember | None = None) -> Reply:
    """Tell how long you, or somebody else, were in voice channels this week."""
    return Reply.chat(await call.service.voice(call.invocation, member))


@commands.command("discord status", role=Role.MODERATOR, cooldown=_DOING)
async def status(call: Call[Chatting]) -> Reply:
    """Tell how the bot is connected to this server, and which permissions it lacks."""
    return Reply.chat(await call.service.status(call.invocation), private=True)
