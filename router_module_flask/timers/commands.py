"""What moderators can type about timers."""

from __future__ import annotations

from datetime import timedelta

from flask_core.commands import Call, Rest
from flask_core.datamodels import Reply, Role
from router_module_flask.chatting import Chatting
from router_module_flask.commands import commands

__all__ = ["commands"]


@commands.command("timer add", role=Role.MODERATOR, usage='!timer add <name> <every> "<text>"')
async def add(call: Call[Chatting], name: str, every: timedelta, text: Rest) -> Reply:
    """Say something here again and again: every 5m to 24h, when people are talking."""
    return Reply.chat(await call.service.timers.add(call.invocation, name, every, text))


@commands.command("timer list", role=Role.MODERATOR)
async def list_timers(call: Call[Chatting]) -> Reply:
    """List the timers of this community."""
    return Reply.chat(await call.service.timers.listed(call.community))


@commands.command("timer on", role=Role.MODERATOR)
async def switch_on(call: Call[Chatting], name: str) -> Reply:
    """Switch a timer on."""
    return Reply.chat(await call.service.timers.switch(call.invocation, name, on=True))


@commands.command("timer off", role=Role.MODERATOR)
async def switch_off(call: Call[Chatting], name: str) -> Reply:
    """Switch a timer off."""
    return Reply.chat(await call.service.timers.switch(call.invocation, name, on=False))


@commands.command("timer run", role=Role.MODERATOR)
async def run(call: Call[Chatting], name: str) -> Reply:
    """Let a timer speak now, however quiet it is."""
    return Reply.chat(await call.service.timers.run(call.invocation, name))


@commands.command("timer remove", role=Role.MODERATOR)
async def remove(call: Call[Chatting], name: str) -> Reply:
    """Remove a timer."""
    return Reply.chat(await call.service.timers.remove(call.invocation, name))
