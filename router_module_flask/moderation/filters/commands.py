"""What moderators can type about filters."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from flask_core.commands import Call, Rest, per_member
from flask_core.datamodels import GivenMember, Reply, Role
from router_module_flask.chatting import Chatting
from router_module_flask.commands import commands

__all__ = ["commands"]

_MINUTE = timedelta(seconds=60)
_USAGE = "!filter <name> on|off|show [key=value …]"


@commands.command("permit", role=Role.MODERATOR, cooldown=per_member(seconds=1), usage="!permit <member> [60s]")
async def permit(call: Call[Chatting], member: GivenMember, time: timedelta = _MINUTE) -> Reply:
    """Let a member post one link."""
    seconds = round(time.total_seconds())
    return Reply.chat(await call.service.filters.permit(call.invocation, member, seconds))


@commands.command("filter", role=Role.MODERATOR, cooldown=per_member(seconds=1), usage=_USAGE)
async def set_filter(
    call: Call[Chatting],
    name: Literal["links", "caps", "symbols", "length", "repeats", "emotes", "words", "first_message", "flood"],
    what: Literal["on", "off", "show"],
    settings: Rest = "",
) -> Reply:
    """Switch a filter on or off, or show and change how it is set."""
    return Reply.chat(await call.service.filters.set(call.invocation, name, what, settings))
