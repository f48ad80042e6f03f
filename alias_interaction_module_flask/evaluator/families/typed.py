"""What was typed behind the command."""

from __future__ import annotations

import re
from urllib.parse import quote, quote_plus

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.registry import ALL, NIGHTBOT, STREAMELEMENTS, WADDLE, Family
from alias_interaction_module_flask.evaluator.template import Dialect
from alias_interaction_module_flask.evaluator.values import Origin, Said

family = Family("What was typed")

# What encodeURIComponent leaves alone beside letters, digits and `-_.~`.
_LEFT_ALONE = "!*'()"


@family.variable("word", usage="(written `$(1)`)", hidden=True)
def word(call: Call) -> Said:
    """The first, second, … word behind the command; in a script `null` when it is missing."""
    number = call.node.span[0] if call.node.span else 0
    if number == 0:
        return Said(call.execution.trigger, Origin.VIEWER)
    if number > len(call.words):
        return Said("", Origin.AUTHOR, missing=True)
    return Said(call.words[number - 1], Origin.VIEWER)


@family.variable("word.emote", dialects=STREAMELEMENTS, usage="(written `${1.emote}`)", hidden=True, asks=True)
async def emote(call: Call) -> Said:
    """The word, if it is an emote of this channel."""
    typed = word(call)
    names = await call.ask(call.world.emotes, "channel") if typed.text else ()
    return typed if typed.text in names else Said("", missing=True)


@family.variable("word.word", dialects=STREAMELEMENTS, usage="(written `${1.word}`)", hidden=True)
def plain_word(call: Call) -> Said:
    """The word, if it has only letters, digits and `_`."""
    typed = word(call)
    return typed if re.fullmatch(r"\w+", typed.text) else Said("", missing=True)


@family.variable("words", dialects=STREAMELEMENTS, usage="(written `${2:}`, `${2:4}`, `${:3}`)", hidden=True)
def words(call: Call) -> Said:
    """Words from one to another, both included; word 0 is the command itself."""
    first, last = call.node.span or (0, None)
    spoken = [call.execution.trigger, *call.words]
    return Said(" ".join(spoken[first : None if last is None else last + 1]), Origin.VIEWER)


@family.variable("query", dialects=NIGHTBOT)
def query(call: Call) -> Said:
    """Everything behind the command."""
    return Said(call.run.query, Origin.VIEWER)


@family.variable("args", "all_args", dialects=WADDLE)
def args(call: Call) -> Said:
    """Everything behind the command, like `$(query)`."""
    return query(call)


@family.variable("querystring", dialects=NIGHTBOT, usage="[text]", reads="raw")
def querystring(call: Call) -> Said:
    """The text, else everything behind the command, made fit for an address."""
    given = call.arguments[0] if call.arguments else query(call)
    return Said(quote(given.text, safe=_LEFT_ALONE, errors="replace"), given.origin)


@family.variable("pathescape", "pathencode", dialects=STREAMELEMENTS, usage="text", reads="text")
def pathescape(call: Call) -> str:
    """The text, made fit for the path of an address: a space becomes `%20`."""
    return quote(_given(call), safe="", errors="replace")


@family.variable("queryescape", "queryencode", dialects=STREAMELEMENTS, usage="text", reads="text")
def queryescape(call: Call) -> str:
    """The text, made fit for the query of an address: a space becomes `+`."""
    return quote_plus(_given(call), safe="", errors="replace")


def _given(call: Call) -> str:
    if not call.arguments:
        call.fail("text missing")
    return call.text()


@family.variable("command", dialects=NIGHTBOT)
def command(call: Call) -> Said:
    """The command as it was typed, with its prefix."""
    return Said(call.execution.trigger, Origin.VIEWER)


@family.variable("touser", dialects=ALL, asks=True)
async def touser(call: Call) -> Said:
    """The first word behind the command, else the caller; a mention becomes a name."""
    if not call.words:
        caller = call.execution.caller
        return Said(caller.name if caller else "", Origin.VIEWER)
    first = call.words[0]
    if first.startswith("<@") and first.endswith(">"):
        person = await call.ask(call.world.person, first)
        return Said(person.name if person else first, Origin.VIEWER)
    return Said(first.removeprefix("@") if call.dialect is Dialect.WADDLE else first, Origin.VIEWER)
