"""This channel and others: what is on, since when, for how many."""

from __future__ import annotations

from collections.abc import Callable

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.durations import long_form
from alias_interaction_module_flask.evaluator.registry import ALL, STREAMELEMENTS, Family
from alias_interaction_module_flask.evaluator.values import Origin, Said
from alias_interaction_module_flask.evaluator.world import LookupFailed, Stream
from alias_interaction_module_flask.evaluator.zones import UTC_ZONE

family = Family("Channels")

NOT_LIVE, NO_GAME = "not live", "no game"
_NUMBERS = frozenset({"viewers", "followers", "subs", "subpoints", "chatters"})


@family.variable("channel", dialects=ALL)
def channel(call: Call) -> str:
    """The channel's name; on Twitch the login."""
    return call.execution.channel_name


@family.variable("channel.display_name", "channel.alias", dialects=STREAMELEMENTS)
def display_name(call: Call) -> str:
    """The channel's name as people read it."""
    return call.execution.channel_display_name or call.execution.channel_name


@family.variable("channel.id", dialects=STREAMELEMENTS)
def own_id(call: Call) -> str:
    """The community's number here."""
    return str(call.execution.community_id)


def _number(value: int | None) -> str:
    return "0" if value is None else str(value)


def uptime(call: Call, on: Stream) -> str:
    """`2 hours 15 minutes`, or `not live`."""
    if not on.live or on.started_at is None:
        return NOT_LIVE
    return long_form(on.started_at, call.execution.now, UTC_ZONE, units=2)


_FIELDS: dict[str, tuple[str, Callable[[Call, Stream], str]]] = {
    "viewers": ("How many watch, or `not live`.", lambda _, on: _number(on.viewers) if on.live else NOT_LIVE),
    "followers": ("How many follow.", lambda _, on: _number(on.followers)),
    "subs": ("How many subscribe.", lambda _, on: _number(on.subscribers)),
    "subpoints": ("Subscriber points.", lambda _, on: _number(on.subscriber_points)),
    "chatters": ("How many are in the chat.", lambda _, on: _number(on.chatters)),
    "title": ("The title of the stream.", lambda _, on: on.title),
    "game": ("What is played; `no game` without one.", lambda _, on: on.game or NO_GAME),
    "uptime": ("How long the stream runs; `not live` while offline.", uptime),
}  # fmt: skip


async def _field(call: Call, login: str, field: str) -> Said:
    """One field of a channel; empty where there are no streams."""
    try:
        on = await call.ask(call.world.stream, login)
    except LookupFailed:
        return Said("0" if field in _NUMBERS else "error")
    text = "" if on is None else _FIELDS[field][1](call, on)
    return Said(text, Origin.EXTERNAL if field in ("title", "game") else Origin.AUTHOR)


def _declare(field: str, about: str) -> None:
    async def of_channel(call: Call) -> Said:
        return await _field(call, "", field)

    async def of_named(call: Call) -> Said:
        return await _field(call, call.text(0).removeprefix("@").lower(), field)

    of_channel.__doc__ = of_named.__doc__ = about
    family.variable(f"channel.{field}", dialects=STREAMELEMENTS, asks=True)(of_channel)
    if field in ("title", "game", "uptime"):
        family.variable(field, dialects=STREAMELEMENTS, usage="[channel]", asks=True)(of_named)


for _name, (_about, _) in _FIELDS.items():
    _declare(_name, _about)


@family.variable("status", dialects=STREAMELEMENTS, asks=True)
async def status(call: Call) -> Said:
    """The title of the stream."""
    return await _field(call, "", "title")
