"""What people can type about their community's own commands; aliases and counters are in their own files."""

from __future__ import annotations

from alias_interaction_module_flask.chatting import Alias
from flask_core.commands import Call, CommandGroup, Rest
from flask_core.datamodels import Invocation, Reply, Role


class OwnCommands(CommandGroup):
    """The declared ones, and behind them whatever the community made itself."""

    async def run(self, service: object, invocation: Invocation) -> Reply:
        """Run what the invocation names."""
        if invocation.command in self.commands:
            return await super().run(service, invocation)
        assert isinstance(service, Alias)
        return await service.running.run(invocation)


commands = OwnCommands("alias")


@commands.command("cmd", aliases=("cmd list", "command", "command list"))
async def listed(call: Call[Alias], page: int = 1) -> Reply:
    """List this community's own commands that you may use."""
    return Reply.chat(await call.service.listed(call.invocation, page))


@commands.command(
    "cmd add",
    aliases=("command add", "commands add", "addcom"),
    role=Role.MODERATOR,
    usage="!cmd add <name> [options] <text>",
)
async def add(call: Call[Alias], name: str, text: Rest) -> Reply:
    """Add a command: !cmd add hug -cd=10 $(user) hugs $(touser)."""
    return Reply.chat(await call.service.add(call.invocation, name, text))


@commands.command(
    "cmd edit",
    aliases=("command edit", "commands edit", "cmd update", "command update", "commands update", "editcom"),
    role=Role.MODERATOR,
    usage="!cmd edit <name> [options] <text>",
)
async def edit(call: Call[Alias], name: str, text: Rest) -> Reply:
    """Change the text of a command, or its options."""
    return Reply.chat(await call.service.edit(call.invocation, name, text))


@commands.command(
    "cmd options",
    aliases=("cmd opt", "cmd o", "command options", "command opt", "command o", "commands options"),
    role=Role.MODERATOR,
    usage="!cmd options <name> -role=… -cd=… -usercd=… -when=… -on=… -type=… -cost=… -enable -disable",
)
async def options(call: Call[Alias], name: str, given: Rest) -> Reply:
    """Change who may use a command, how often, when and where."""
    return Reply.chat(await call.service.options(call.invocation, name, given))


@commands.command(
    "cmd remove",
    aliases=(
        "cmd delete", "cmd del", "cmd rm", "command remove", "command delete", "command del", "command rm",
        "commands delete", "commands remove", "delcom",
    ),
    role=Role.MODERATOR,
)  # fmt: skip
async def remove(call: Call[Alias], name: str) -> Reply:
    """Remove a command; it can be brought back for 30 days."""
    return Reply.chat(await call.service.remove(call.invocation, name))


@commands.command("cmd restore", aliases=("command restore",), role=Role.MODERATOR)
async def restore(call: Call[Alias], name: str) -> Reply:
    """Bring a removed command back."""
    return Reply.chat(await call.service.restore(call.invocation, name))


@commands.command("cmd show", aliases=("cmd debug", "command show", "command debug"), role=Role.MODERATOR)
async def show(call: Call[Alias], name: str) -> Reply:
    """Show the text of a command, its options, and how often it was used."""
    return Reply.chat(await call.service.show(call.invocation, name), origin="external")


@commands.command("cmd test", aliases=("command test",), role=Role.MODERATOR)
async def test(call: Call[Alias], name: str, words: Rest = "") -> Reply:
    """Show what a command would say; nothing else happens."""
    return Reply.chat(await call.service.test(call.invocation, name, words), origin="external")
