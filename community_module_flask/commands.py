"""What people can type about their community."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from community_module_flask.chatting import Chatting
from flask_core.commands import Call, CommandGroup, Rest
from flask_core.datamodels import GivenMember, Reply, Role

commands = CommandGroup("community")


@commands.command("community", aliases=("community help",))
async def overview(call: Call[Chatting]) -> Reply:
    """Show where you are and what you can do about it."""
    return Reply.chat(await call.service.info(call.community, call.member))


@commands.command("community list")
async def list_own(call: Call[Chatting]) -> Reply:
    """List the communities you belong to."""
    return Reply.chat(await call.service.list_own(call.member))


@commands.command("community info")
async def info(call: Call[Chatting], name: Rest | None = None) -> Reply:
    """Show a community: members, channels, how to join."""
    return Reply.chat(await call.service.info(call.community, call.member, name))


@commands.command("community create")
async def create(call: Call[Chatting], name: Rest) -> Reply:
    """Make a community and attach this channel, if it is yours."""
    return Reply.chat(await call.service.create(call.member, call.channel, name))


@commands.command("community attach")
async def attach(call: Call[Chatting], name: Rest) -> Reply:
    """Attach this channel, which is yours, to a community where you are admin."""
    return Reply.chat(await call.service.attach(call.member, call.channel, name))


@commands.command("community attach server")
async def attach_server(call: Call[Chatting], name: Rest) -> Reply:
    """Attach this whole Discord server or Slack workspace to a community where you are admin."""
    return Reply.chat(await call.service.attach_server(call.member, call.channel, name))


@commands.command("community channels", role=Role.MODERATOR, scope="community")
async def channels(call: Call[Chatting]) -> Reply:
    """List attached channels."""
    return Reply.chat(await call.service.channels(call.community))


@commands.command("community members", scope="community")
async def list_members(call: Call[Chatting], page: int = 1) -> Reply:
    """List members and their roles, ten a page."""
    return Reply.chat(await call.service.list_members(call.community, call.member, page))


@commands.command("community role", role=Role.ADMIN, scope="community")
async def set_role(call: Call[Chatting], member: GivenMember, role: str) -> Reply:
    """Assign a role below your own."""
    return Reply.chat(await call.service.set_role(call.community, call.member, member, role))


@commands.command("community ban", role=Role.MODERATOR, scope="community")
async def ban(
    call: Call[Chatting], member: GivenMember, time: timedelta | None = None, reason: Rest | None = None
) -> Reply:
    """Ban a member from the community, for a time or without end."""
    return Reply.chat(await call.service.ban(call.community, call.member, member, time, reason or ""))


@commands.command("community unban", role=Role.MODERATOR, scope="community")
async def unban(call: Call[Chatting], member: GivenMember) -> Reply:
    """Lift a ban."""
    return Reply.chat(await call.service.unban(call.community, call.member, member))


@commands.command("community set", role=Role.ADMIN, scope="community")
async def change(
    call: Call[Chatting], what: Literal["name", "description", "join", "public", "timezone"], value: Rest
) -> Reply:
    """Change the name, a text, the time zone, or who may come in."""
    return Reply.chat(await call.service.change(call.community, call.member, what, value))
