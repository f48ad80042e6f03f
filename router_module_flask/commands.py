"""What people can type to the router itself."""

from __future__ import annotations

from typing import Literal

from flask_core.commands import Call, CommandGroup, Rest, per_member
from flask_core.datamodels import GivenMember, Reply, Role
from router_module_flask.chatting import Chatting

commands = CommandGroup("router")
_FREE = per_member(seconds=1)


@commands.command("help", cooldown=_FREE)
async def help_(call: Call[Chatting], command: Rest | None = None) -> Reply:
    """Show how a command is used, or where to begin."""
    if command is None:
        return Reply.chat(await call.service.answers.starters(call.member, call.community, call.channel))
    return Reply.chat(await call.service.answers.help(call.community, call.channel, command))


@commands.command("commands", cooldown=_FREE, usage="!commands [page], !commands <module> [page]")
async def list_commands(call: Call[Chatting], page_or_module: str = "1", page: int = 1) -> Reply:
    """List what you may use here."""
    module = "" if page_or_module.isdecimal() else page_or_module
    number = page if module else int(page_or_module[:6])
    return Reply.chat(await call.service.answers.listed(call.member, call.community, call.channel, module, number))


@commands.command("ping", cooldown=_FREE)
async def ping(call: Call[Chatting]) -> Reply:
    """Tell how quickly the bot answers and how long it has been up."""
    return Reply.chat(call.service.answers.ping(call.invocation.event.occurred_at))


@commands.command("why", role=Role.MODERATOR, cooldown=_FREE, usage="!why [@member|event id], or as a reply")
async def why(call: Call[Chatting], about: GivenMember | None = None) -> Reply:
    """Tell why the bot said something, or why it stayed silent."""
    replied = call.invocation.event.reply_to
    said = await call.service.answers.why(call.community, call.channel, about, replied.message_id if replied else "")
    return Reply.chat(said, private=True, public_fallback="I cannot whisper here. The portal shows it under Traces.")


@commands.command("module list", role=Role.ADMIN, scope="community")
async def module_list(call: Call[Chatting]) -> Reply:
    """List modules and whether they are on."""
    return Reply.chat(await call.service.answers.modules(call.community, call.channel))


@commands.command("module on", role=Role.ADMIN, scope="community", usage="!module on <module> [here]")
async def module_on(call: Call[Chatting], module: str, where: Literal["here"] | None = None) -> Reply:
    """Switch a module on, here or in the whole community."""
    return Reply.chat(await _switch(call, module, where, on=True))


@commands.command("module off", role=Role.ADMIN, scope="community", usage="!module off <module> [here]")
async def module_off(call: Call[Chatting], module: str, where: Literal["here"] | None = None) -> Reply:
    """Switch a module off, here or in the whole community."""
    return Reply.chat(await _switch(call, module, where, on=False))


async def _switch(call: Call[Chatting], module: str, where: str | None, *, on: bool) -> str:
    return await call.service.answers.switch(
        call.community, module, call.channel, on=on, here=bool(where), by=call.member.id
    )
