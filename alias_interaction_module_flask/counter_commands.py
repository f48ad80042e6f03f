"""What people can type about counters."""

from __future__ import annotations

import re

from alias_interaction_module_flask.chatting import Alias
from alias_interaction_module_flask.commands import commands
from alias_interaction_module_flask.counting import add, set_to
from flask_core.commands import Call, Rest
from flask_core.datamodels import Reply, Role
from flask_core.errors import NotFound
from flask_core.grammar import UsageError

_NUMBER = re.compile(r"[+-]?[0-9]{1,16}", re.ASCII)
_USAGE_SET, _USAGE_ADD = "!counter set <name> <number>", "!counter add <name> [±number]"


@commands.command("counter")
async def show(call: Call[Alias], name: Rest) -> Reply:
    """Tell a number that this community counts."""
    counter = await call.service.counters.get(call.community, name)
    return Reply.chat(f"{counter.name}: {counter.value}", origin="external")


@commands.command("counter list", aliases=("counters",))
async def listed(call: Call[Alias]) -> Reply:
    """List what this community counts."""
    found = await call.service.counters.listed(call.community)
    if not found:
        raise NotFound("Nothing is counted yet. Moderators begin: !counter add deaths")
    told, more = ", ".join(f"{counter.name}: {counter.value}" for counter in found[:5]), len(found) - 5
    return Reply.chat(f"{told} (+{more} more)" if more > 0 else told, origin="external")


@commands.command("counter set", role=Role.MODERATOR, usage=_USAGE_SET)
async def set_number(call: Call[Alias], words: Rest) -> Reply:
    """Set a counter."""
    name, number = _split(words)
    if not name or number is None:
        raise UsageError(_USAGE_SET)
    await call.service.audit.note(call.community, call.member.id, "counter.set", name, str(number))
    return await set_to(call.service.counters, call.community, name, number)


@commands.command("counter add", aliases=("editcounter",), role=Role.MODERATOR, usage=_USAGE_ADD)
async def add_number(call: Call[Alias], words: Rest) -> Reply:
    """Add to a counter, 1 where nothing else is said."""
    name, number = _split(words)
    if not name:
        raise UsageError(_USAGE_ADD)
    return await add(call.service.counters, call.community, name, 1 if number is None else number)


@commands.command("counter remove", aliases=("counter delete", "counter rm"), role=Role.MODERATOR)
async def remove(call: Call[Alias], name: Rest) -> Reply:
    """Forget a counter."""
    counter = await call.service.counters.get(call.community, name)
    await call.service.counters.remove(call.community, name)
    await call.service.audit.note(call.community, call.member.id, "counter.remove", counter.name, str(counter.value))
    return Reply.chat(f"Forgot {counter.name}: it was {counter.value}.", origin="external")


def _split(words: str) -> tuple[str, int | None]:
    """The name, and the number behind it where there is one; names may have spaces."""
    name, _, last = words.strip().rpartition(" ")
    if name and _NUMBER.fullmatch(last):
        return name.strip(), int(last)
    return words.strip(), None
