"""What people can type about ai."""

from __future__ import annotations

from ai_interaction_module_flask.service import Ai
from flask_core.commands import Call, CommandGroup, per_member
from flask_core.datamodels import GivenMember, Reply

commands = CommandGroup("ai")


@commands.command("ai")
async def show(call: Call[Ai], member: GivenMember) -> Reply:
    """Tell how much ai somebody has."""
    points = await call.service.of(call.community, member)
    return Reply.chat(f"{member.name} has {points} ai.")


@commands.command("ai give", cooldown=per_member(seconds=30))
async def give(call: Call[Ai], member: GivenMember) -> Reply:
    """Give somebody a point."""
    points = await call.service.give(call.community, member, by=call.member)
    return Reply.chat(f"{member.name} has {points} ai.")
