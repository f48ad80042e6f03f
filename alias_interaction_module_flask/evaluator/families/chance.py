"""Dice, picks and oracles."""

from __future__ import annotations

import re

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.registry import STREAMELEMENTS, WADDLE, Family
from alias_interaction_module_flask.evaluator.values import Origin, Said

family = Family("Chance")

_RANGE = re.compile(r"\s*([+-]?\d{1,15})\s*(?:-|\.\.|\s)\s*([+-]?\d{1,15})\s*", re.ASCII)
_ONE = re.compile(r"\s*(\d{1,15})\s*", re.ASCII)
ANSWERS = (
    "It is certain.", "It is decidedly so.", "Without a doubt.", "Yes, definitely.", "You may rely on it.",
    "As I see it, yes.", "Most likely.", "Outlook good.", "Yes.", "Signs point to yes.",
    "Reply hazy, try again.", "Ask again later.", "Better not tell you now.", "Cannot predict now.",
    "Concentrate and ask again.", "Don't count on it.", "My reply is no.", "My sources say no.",
    "Outlook not so good.", "Very doubtful.",
)  # fmt: skip


@family.variable("random", "random.number", dialects=STREAMELEMENTS, usage="[a-b]", dotted=True)
def number(call: Call) -> str:
    """A whole number from a to b, both included; 1 to 100 without a range."""
    asked = " ".join(part for part in (call.dotted or "", call.rest()) if part)
    low, high = 1, 100
    if found := _RANGE.fullmatch(asked):
        low, high = sorted((int(found[1]), int(found[2])))
    elif one := _ONE.fullmatch(asked):
        low, high = sorted((1, int(one[1])))
    return str(call.chance().randint(low, high))


@family.variable("random.pick", dialects=STREAMELEMENTS, usage="'a' 'b' …")
def pick_quoted(call: Call) -> Said:
    """One of the arguments; a single one without quotes is a list with commas."""
    items = call.arguments
    if items and "," in call.rest() and not any(argument.quoted for argument in call.node.arguments):
        items = [Said(item.strip(), call.origin) for item in call.rest().split(",")]
    items = [item for item in items if item.text.strip()]
    return call.chance().choice(items) if items else Said("")


@family.variable("random.chatter", dialects=STREAMELEMENTS, asks=True)
async def chatter(call: Call) -> Said:
    """Somebody who wrote in the last ten minutes; the caller when nobody did."""
    there = await call.ask(call.world.chatters)
    caller = call.execution.caller
    chosen = call.chance().choice(list(there)) if there else caller
    return Said(chosen.name if chosen else "", Origin.VIEWER)


@family.variable("random.emote", dialects=STREAMELEMENTS, asks=True)
async def emote(call: Call) -> Said:
    """An emote of this channel."""
    names = await call.ask(call.world.emotes, "channel")
    return Said(call.chance().choice(list(names)) if names else "", Origin.EXTERNAL)


@family.variable("pick", dialects=WADDLE, usage="a | b | …", reads="piped", lazy=True)
async def pick(call: Call) -> Said:
    """One of the texts; only the chosen one is evaluated."""
    count = len(call.node.arguments)
    return await call.read(call.chance().randrange(count)) if count else Said("")


@family.variable("percent", dialects=WADDLE)
def percent(call: Call) -> str:
    """A number from 0 to 100."""
    return str(call.chance().randint(0, 100))


@family.variable("8ball", dialects=WADDLE)
def eight_ball(call: Call) -> str:
    """One of twenty answers to any question."""
    return call.chance().choice(ANSWERS)
