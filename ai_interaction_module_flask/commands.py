"""What people can type about AI."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import msgspec

from ai_interaction_module_flask.answers_to_chat import Ai
from ai_interaction_module_flask.chatting import LONGEST_QUESTION
from flask_core.commands import Call, CommandGroup, Rest, per_channel, per_member
from flask_core.datamodels import Reply, Role
from flask_core.errors import InvalidInput

commands = CommandGroup("ai")
_ASKING = per_channel(seconds=3, member=15)
_WITHIN_SECONDS = 25.0


async def _ask(call: Call[Ai], question: str) -> Reply:
    if len(question) > LONGEST_QUESTION:
        raise InvalidInput("Please keep it under 1,000 characters.")
    arguments = {"question": question}
    return await call.service.ask(msgspec.structs.replace(call.invocation, arguments=arguments))


@commands.command("ai", aliases=("ask",), cooldown=_ASKING, timeout=_WITHIN_SECONDS)
async def ask(call: Call[Ai], question: Rest) -> Reply:
    """Ask the AI of this community."""
    return await _ask(call, question)


@commands.command("ai sources", cooldown=_ASKING, timeout=_WITHIN_SECONDS, usage="!ai sources")
async def sources(call: Call[Ai], more: Rest | None = None) -> Reply:
    """Tell which memories your last answer used."""
    if more:
        return await _ask(call, f"sources {more}")
    return Reply.chat(await call.service.chatting.sources(call.invocation))


@commands.command("ai forget", cooldown=_ASKING, timeout=_WITHIN_SECONDS, usage="!ai forget")
async def forget(call: Call[Ai], more: Rest | None = None) -> Reply:
    """Forget your conversation with the AI here."""
    if more:
        return await _ask(call, f"forget {more}")
    return Reply.chat(await call.service.chatting.forget(call.invocation))


@commands.command("ai status", cooldown=_ASKING, timeout=_WITHIN_SECONDS, usage="!ai status")
async def status(call: Call[Ai], more: Rest | None = None) -> Reply:
    """Tell whether AI is on, which model answers, and how much of today is used."""
    if more:
        return await _ask(call, f"status {more}")
    return Reply.chat(await call.service.chatting.status(call.invocation))


@commands.command(
    "translate",
    aliases=("tr",),
    cooldown=per_member(seconds=10),
    timeout=_WITHIN_SECONDS,
    usage="!translate [to] <text>",
)
async def translate(call: Call[Ai], text: Rest | None = None) -> Reply:
    """Translate a text, or the message that this replies to."""
    arguments = {"text": text or ""}
    return await call.service.ask(msgspec.structs.replace(call.invocation, arguments=arguments))


@commands.command("ai translate", role=Role.MODERATOR, usage="!ai translate on|off [language]")
async def translate_all(call: Call[Ai], switch: Literal["on", "off"], language: str | None = None) -> Reply:
    """Translate what is said in other languages in this channel, or end that."""
    service = call.service.translations
    return Reply.chat(await service.switch(call.invocation, on=switch == "on", language=language))


@commands.command("ai on", role=Role.MODERATOR)
async def on(call: Call[Ai]) -> Reply:
    """End a break of the AI in this channel."""
    return Reply.chat(await call.service.chatting.resume(call.invocation))


@commands.command("ai off", role=Role.MODERATOR)
async def off(call: Call[Ai], time: timedelta | None = None) -> Reply:
    """Pause the AI in this channel, for a time or until it is switched on again."""
    return Reply.chat(await call.service.chatting.pause(call.invocation, time))


@commands.command("ai auto", role=Role.MODERATOR)
async def auto(call: Call[Ai], switch: Literal["on", "off"]) -> Reply:
    """Allow or stop answers without a command in this channel."""
    return Reply.chat(await call.service.chatting.hush(call.invocation, quiet=switch == "off"))
