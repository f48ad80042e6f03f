"""What people can type about reminders."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from flask_core.commands import Call, Rest, per_member
from flask_core.datamodels import ArgumentKind, Reply, Role
from memories_interaction_module_flask.chatting import Memories, by
from memories_interaction_module_flask.commands import commands

__all__ = ["commands"]


@commands.command("remind me", aliases=("remindme",), cooldown=per_member(seconds=2))
async def remind_me(call: Call[Memories], when_and_what: Rest) -> Reply:
    """Remind you of something: in 2h30m, tomorrow 18:00, every monday 20:00; end with privately."""
    return Reply.chat(await call.service.reminding.remind_me(call.invocation, when_and_what))


@commands.command("remind here", role=Role.MODERATOR, cooldown=per_member(seconds=2))
async def remind_here(call: Call[Memories], when_and_what: Rest) -> Reply:
    """Remind this channel of something, once or again and again."""
    return Reply.chat(await call.service.reminding.remind_here(call.invocation, when_and_what))


@commands.command("remind", role=Role.MODERATOR, cooldown=per_member(seconds=2))
async def remind_there(
    call: Call[Memories], channel: Annotated[str, ArgumentKind.CHANNEL], when_and_what: Rest
) -> Reply:
    """Remind another channel of this community of something."""
    return Reply.chat(await call.service.reminding.remind_there(call.invocation, channel, when_and_what))


@commands.command("reminders")
async def list_own(call: Call[Memories]) -> Reply:
    """List your reminders."""
    return Reply.chat(await call.service.reminding.listed(call.invocation, here=False), private=True)


@commands.command("reminders here", role=Role.MODERATOR)
async def list_here(call: Call[Memories]) -> Reply:
    """List this channel's reminders."""
    return Reply.chat(await call.service.reminding.listed(call.invocation, here=True))


@commands.command("reminder cancel")
async def cancel(call: Call[Memories], number: str) -> Reply:
    """End a reminder of yours."""
    return Reply.chat(await call.service.reminding.cancel(call.invocation, number, by(call.invocation)))


@commands.command("reminder snooze")
async def snooze(call: Call[Memories], number: str, time: timedelta) -> Reply:
    """Say a reminder once more, later."""
    return Reply.chat(await call.service.reminding.snooze(call.invocation, number, time, by(call.invocation)))


@commands.command("reminder renew")
async def renew(call: Call[Memories], number: str) -> Reply:
    """Let a recurring reminder go on for another year."""
    return Reply.chat(await call.service.reminding.renew(call.invocation, number, by(call.invocation)))


@commands.command("reminder move")
async def move(call: Call[Memories], number: str, when: Rest) -> Reply:
    """Give a reminder another time."""
    return Reply.chat(await call.service.reminding.move(call.invocation, number, when, by(call.invocation)))
