"""What people can type to the router itself."""

from __future__ import annotations

from flask_core.commands import Call, CommandGroup, Rest, per_member
from flask_core.datamodels import GivenMember, Reply, Role
from router_module_flask.answers import Answers

commands = CommandGroup("router")
_FREE = per_member(seconds=1)


@commands.command("help", cooldown=_FREE)
async def help_(call: Call[Answers], command: Rest | None = None) -> Reply:
    """Show how a command is used, or where to begin."""
    return Reply.chat(await call.service.help(call.community, call.member.role, call.channel, command))


@commands.command("commands", cooldown=_FREE)
async def list_commands(call: Call[Answers], page_or_module: str | None = None) -> Reply:
    """List what you may use here."""
    return Reply.chat(await call.service.listed(call.community, call.member.role, call.channel, page_or_module or "1"))


@commands.command("ping", cooldown=_FREE)
async def ping(call: Call[Answers]) -> Reply:
    """Tell how quickly the bot answers and how long it has been up."""
    return Reply.chat(call.service.ping(call.invocation.event.occurred_at))


@commands.command("why", role=Role.MODERATOR, cooldown=_FREE, usage="!why [@member|event id], or as a reply")
async def why(call: Call[Answers], about: GivenMember | None = None) -> Reply:
    """Tell why the bot said something, or why it stayed silent."""
    replied = call.invocation.event.reply_to
    said = await call.service.why(
        call.community, call.channel, about.name if about else "", replied.message_id if replied else ""
    )
    return Reply.chat(said, private=True, public_fallback="I cannot whisper here. The portal shows it under Traces.")


@commands.command("module list", role=Role.ADMIN, scope="community")
async def module_list(call: Call[Answers]) -> Reply:
    """List modules and whether they are on."""
    return Reply.chat(await call.service.modules(call.community, call.channel))


@commands.command("module on", role=Role.ADMIN, scope="community", usage="!module on <module> [here]")
async def module_on(call: Call[Answers], module: str, where: str | None = None) -> Reply:
    """Switch a module on, here or in the whole community."""
    channel = call.channel if where == "here" else ""
    return Reply.chat(await call.service.switch(call.community, module, channel, True, call.member.id))


@commands.command("module off", role=Role.ADMIN, scope="community", usage="!module off <module> [here]")
async def module_off(call: Call[Answers], module: str, where: str | None = None) -> Reply:
    """Switch a module off, here or in the whole community."""
    channel = call.channel if where == "here" else ""
    return Reply.chat(await call.service.switch(call.community, module, channel, False, call.member.id))
