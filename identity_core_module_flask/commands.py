"""What people type about who they are."""

from __future__ import annotations

from typing import Literal

from flask_core.commands import Call, CommandGroup
from flask_core.datamodels import Reply
from identity_core_module_flask.chatting import Chatting

commands = CommandGroup("identity")


def _privately(text: str) -> Reply:
    return Reply.chat(text, private=True, public_fallback="I wrote to you privately.")


@commands.command("whoami")
async def whoami(call: Call[Chatting]) -> Reply:
    """Tell which account you speak with, and what it is linked with."""
    return Reply.chat(await call.service.whoami(call.invocation))


@commands.command("identity", aliases=("identity help",))
async def explain(call: Call[Chatting]) -> Reply:
    """Tell how accounts are linked."""
    return Reply.chat(call.service.help())


@commands.command("identity status")
async def status(call: Call[Chatting]) -> Reply:
    """List your linked accounts and open requests."""
    return _privately(await call.service.status(call.invocation))


@commands.command("identity link", timeout=8)
async def link(call: Call[Chatting], platform: Literal["twitch", "discord", "slack"], name: str) -> Reply:
    """Link your account on another platform: a code is sent to it."""
    return Reply.chat(await call.service.link(call.invocation, platform, name))


@commands.command("identity unlink")
async def unlink(
    call: Call[Chatting],
    platform: Literal["twitch", "discord", "slack"],
    name: str | None = None,
    sure: str | None = None,
) -> Reply:
    """Unlink an account of yours."""
    return _privately(await call.service.unlink(call.invocation, platform, name or "", sure or ""))


@commands.command("identity confirm")
async def confirm(call: Call[Chatting]) -> Reply:
    """Say yes to the account that answered your code."""
    return _privately(await call.service.confirm(call.invocation))


@commands.command("identity primary")
async def primary(call: Call[Chatting], platform: Literal["twitch", "discord", "slack"]) -> Reply:
    """Take your name from your account on this platform."""
    return Reply.chat(await call.service.primary(call.invocation, platform))


@commands.command("identity data", timeout=8)
async def data(call: Call[Chatting]) -> Reply:
    """Get a link to what is kept about you, to see, take and erase it."""
    return _privately(await call.service.data(call.invocation))


@commands.command("verify")
async def verify(call: Call[Chatting], code: str, sure: Literal["yes"] | None = None) -> Reply:
    """Answer a code that links this account."""
    return _privately(await call.service.verify(call.invocation, code, sure or ""))
