"""What people can type about alias."""

from __future__ import annotations

from alias_interaction_module_flask.service import Alias
from flask_core.commands import Call, CommandGroup, per_member
from flask_core.datamodels import GivenMember, Reply

commands = CommandGroup("alias")


@commands.command("alias")
async def show(call: Call[Alias], member: GivenMember) -> Reply:
    """Tell how much alias somebody has."""
    points = await call.service.of(call.community, member)
    return Reply.chat(f"{member.name} has {points} alias.")


@commands.command("alias give", cooldown=per_member(seconds=30))
async def give(call: Call[Alias], member: GivenMember) -> Reply:
    """Give somebody a point."""
    points = await call.service.give(call.community, member, by=call.member)
    return Reply.chat(f"{member.name} has {points} alias.")
