"""What owners can type to part with their community."""

from __future__ import annotations

from community_module_flask.chatting import Chatting
from community_module_flask.joining_commands import commands
from flask_core.commands import Call
from flask_core.datamodels import GivenMember, Reply, Role

__all__ = ["commands"]


@commands.command("community transfer", role=Role.OWNER, scope="community")
async def transfer(call: Call[Chatting], member: GivenMember) -> Reply:
    """Hand the community over; you and the new owner are asked privately."""
    return Reply.chat(await call.service.ending.transfer(call.community, call.member, member))


@commands.command("community agree")
async def agree(call: Call[Chatting], number: int) -> Reply:
    """Agree that a community is handed over."""
    return Reply.chat(await call.service.ending.agree(number, call.member))


@commands.command("community disagree")
async def disagree(call: Call[Chatting], number: int) -> Reply:
    """Say that a community is not handed over."""
    return Reply.chat(await call.service.ending.disagree(number, call.member))


@commands.command("community delete", role=Role.OWNER, scope="community")
async def delete(call: Call[Chatting], short_name: str = "") -> Reply:
    """Delete the community; asks for its short name first."""
    return Reply.chat(await call.service.ending.delete(call.community, call.member, short_name))
