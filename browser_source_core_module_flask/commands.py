"""What people can type about the overlay."""

from __future__ import annotations

from browser_source_core_module_flask.screens import Screens
from flask_core.commands import Call, CommandGroup, Rest, per_member
from flask_core.contracts.browser_source import Control
from flask_core.datamodels import Reply, Role, Ticker

commands = CommandGroup("browser_source")
_MODERATOR = Role.MODERATOR


@commands.command("overlay", aliases=("overlay status",), role=_MODERATOR)
async def status(call: Call[Screens]) -> Reply:
    """Tell which pages are connected, what shows and what waits."""
    return Reply.chat(await call.service.status(call.community))


@commands.command("overlay test", role=_MODERATOR)
async def test(call: Call[Screens], what: str = "follow") -> Reply:
    """Show a test alert, ticker or card."""
    return Reply.chat((await call.service.test(call.community, what, _stage(call))).said)


@commands.command("overlay skip", role=_MODERATOR)
async def skip(call: Call[Screens], lane: str = "") -> Reply:
    """Take what shows off the screen."""
    return Reply.chat(await _control(call, "skip", lane))


@commands.command("overlay clear", role=_MODERATOR)
async def clear(call: Call[Screens], lane: str = "") -> Reply:
    """Drop everything that shows or waits."""
    return Reply.chat(await _control(call, "clear", lane))


@commands.command("overlay pause", role=_MODERATOR)
async def pause(call: Call[Screens]) -> Reply:
    """Keep items back until resumed."""
    return Reply.chat(await _control(call, "pause"))


@commands.command("overlay resume", role=_MODERATOR)
async def resume(call: Call[Screens]) -> Reply:
    """Go on showing."""
    return Reply.chat(await _control(call, "resume"))


@commands.command("overlay replay", role=_MODERATOR)
async def replay(call: Call[Screens], number: int | None = None) -> Reply:
    """Show an item of the last 24 hours again; alone, the newest alert."""
    return Reply.chat((await call.service.replay(call.community, number)).said)


@commands.command("ticker", role=_MODERATOR, cooldown=per_member(seconds=1))
async def ticker(call: Call[Screens], text: Rest) -> Reply:
    """Run a line over the overlay."""
    key = f"ticker:{call.invocation.execution_id}"
    account = call.invocation.event.platform, call.invocation.member.account.user_id
    shown = await call.service.ticker(call.community, Ticker(text), key, _stage(call), account)
    place = "next" if not shown.place else f"{shown.place + 1}. in line"
    return Reply.chat(f"Ticker item #{shown.number} is {place}.")


async def _control(call: Call[Screens], act: str, lane: str = "") -> str:
    asked = Control(call.community, act, lane.lower(), _stage(call))  # type: ignore[arg-type]
    return (await call.service.control(asked)).said


def _stage(call: Call[Screens]) -> str:
    """The playground has a screen of its own."""
    return "preview" if call.invocation.event.platform == "console" else "live"
