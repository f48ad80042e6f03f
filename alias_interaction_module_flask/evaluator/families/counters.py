"""Counters, which count while a text is evaluated, in the order in which they stand."""

from __future__ import annotations

import re

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.registry import (
    ONLY_NIGHTBOT,
    ONLY_STREAMELEMENTS,
    STREAMELEMENTS,
    WADDLE,
    Family,
)

family = Family("Counters")

LARGEST = 10**15
_CHANGE = re.compile(r"([+-]?)(\d{1,16})", re.ASCII)


@family.variable("count", dialects=ONLY_NIGHTBOT, ordered=True)
async def uses(call: Call) -> str:
    """How often the command was used, this time included; it counts once, however often it stands in the text."""
    if call.run.counted is None:
        call.run.counted = await _change(call, call.execution.name, add=1)
    return str(call.run.counted)


@family.variable("count", dialects=ONLY_STREAMELEMENTS, usage="[counter] [+n, -n or n]", ordered=True)
async def count(call: Call) -> str:
    """Add one (or `n`) to the command's counter or the one named, or set it, and tell the value."""
    name = call.text(0) or call.execution.name
    change = _CHANGE.fullmatch(call.text(1, "+1"))
    if change is None or int(change[2]) > LARGEST:
        return str(await current(call, name))
    number = int(f"{change[1]}{change[2]}")
    value = await (_change(call, name, add=number) if change[1] else _change(call, name, set_to=number))
    return str(value)


@family.variable("count", dialects=WADDLE, usage="[counter] [+n, -n or n]", ordered=True)
async def count_here(call: Call) -> str:
    """Count the uses of the command, once per use; with a counter's name add to it, or set it, at every place."""
    return await count(call) if call.arguments else await uses(call)


@family.variable("getcount", dialects=STREAMELEMENTS, usage="[counter]", ordered=True)
async def getcount(call: Call) -> str:
    """Tell the value of a counter without changing it."""
    return str(await current(call, call.text(0) or call.execution.name))


async def current(call: Call, name: str) -> int:
    """The value now, changes of this execution included; 0 for a counter that does not exist."""
    known = call.run.counters.get(name.lower())
    if known is None:
        known = await call.ask(call.world.counter, name)
    return known or 0


async def _change(call: Call, name: str, *, add: int = 0, set_to: int | None = None) -> int:
    if call.execution.test:
        value = await current(call, name) + add if set_to is None else set_to
    else:
        value = await call.run.lookups.change(call.world.change_counter(name, add=add, set_to=set_to))
    call.run.counters[name.lower()] = value
    return value
