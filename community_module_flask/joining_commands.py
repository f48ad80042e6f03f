"""What people type to come in, to leave, and to let others in; these commands belong to those of the community."""

from __future__ import annotations

from community_module_flask.chatting import Chatting
from community_module_flask.commands import commands
from community_module_flask.invite_words import USAGE, read_invite
from flask_core.commands import Call, Rest
from flask_core.datamodels import GivenMember, Origin, Reply, Role

__all__ = ["commands"]


@commands.command("community join", usage="!community join [name or a word to the moderators]")
async def join(call: Call[Chatting], words: Rest | None = None) -> Reply:
    """Come into this community or the one you name; where moderators decide, ask them."""
    return Reply.chat(await call.service.joining.join(call.community, call.member, words or ""))


@commands.command("community leave")
async def leave(call: Call[Chatting]) -> Reply:
    """Leave this community; your points stay for your return."""
    return Reply.chat(await call.service.joining.leave(call.community, call.member))


@commands.command("community requests", role=Role.MODERATOR, scope="community")
async def requests(call: Call[Chatting], page: int = 1) -> Reply:
    """List who asks to come in."""
    said = await call.service.joining.requests(call.community, page)
    return Reply.chat(said, origin=Origin.EXTERNAL)


@commands.command("community accept", role=Role.MODERATOR, scope="community")
async def accept(call: Call[Chatting], number: int) -> Reply:
    """Let somebody in who asks."""
    return Reply.chat(await call.service.joining.decide(call.community, call.member, number, accept=True))


@commands.command("community deny", role=Role.MODERATOR, scope="community")
async def deny(call: Call[Chatting], number: int, reason: Rest | None = None) -> Reply:
    """Refuse somebody who asks; they may ask again after 7 days."""
    said = await call.service.joining.decide(call.community, call.member, number, accept=False, reason=reason or "")
    return Reply.chat(said)


@commands.command("community invite", role=Role.MODERATOR, scope="community", usage=USAGE)
async def invite(call: Call[Chatting], words: Rest | None = None) -> Reply:
    """Get a link that lets people in, or ask one member; the role is below your own."""
    return await call.service.joining.invite(call.community, call.member, read_invite(words or ""))


@commands.command("community add user", role=Role.MODERATOR, scope="community")
async def add_user(call: Call[Chatting], member: GivenMember) -> Reply:
    """Let a guest in, or ask somebody who left to come back."""
    return Reply.chat(await call.service.joining.add(call.community, call.member, member))


@commands.command("community remove user", role=Role.MODERATOR, scope="community")
async def remove_user(call: Call[Chatting], member: GivenMember, reason: Rest | None = None) -> Reply:
    """Remove a member below your own role."""
    return Reply.chat(await call.service.joining.remove(call.community, call.member, member, reason or ""))
