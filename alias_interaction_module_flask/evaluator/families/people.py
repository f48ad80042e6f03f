"""Somebody: the caller, or who is named; what the community knows about them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.durations import short_form
from alias_interaction_module_flask.evaluator.registry import STREAMELEMENTS, Family
from alias_interaction_module_flask.evaluator.values import Origin, Said
from alias_interaction_module_flask.evaluator.world import Person
from flask_core.datamodels import Role

family = Family("Somebody")

LEVELS = {
    Role.VIEWER: 100, Role.SUBSCRIBER: 250, Role.REGULAR: 300, Role.VIP: 400, Role.MODERATOR: 500, Role.ADMIN: 1000,
    Role.OWNER: 1500,
}  # fmt: skip

_LONGEST_NAME = 100

type Field = Callable[[Call, Person], Awaitable[Said]]


async def person_of(call: Call) -> Person:
    """Who is named, a bare name when nobody is known under it; else the caller."""
    name = call.rest().strip()[:_LONGEST_NAME]
    if name:
        found = await call.ask(call.world.person, name)
        return found or Person(name.removeprefix("@"))
    return call.execution.caller or Person("")


@family.variable("sender", "source", dialects=STREAMELEMENTS)
def sender(call: Call) -> Said:
    """The caller's name."""
    caller = call.execution.caller
    return Said(caller.name if caller else "", Origin.VIEWER)


@family.variable("user", dialects=STREAMELEMENTS, usage="[name]", asks=True)
async def user(call: Call) -> Said:
    """The name of the caller, or of who is named."""
    return Said((await person_of(call)).name, Origin.VIEWER)


async def _name(call: Call, person: Person) -> Said:
    """The name in small letters."""
    return Said((person.login or person.name).lower(), Origin.VIEWER)


async def _points(call: Call, person: Person) -> Said:
    """Points of the community."""
    return Said(str((await call.ask(call.world.standing, person)).points))


async def _points_rank(call: Call, person: Person) -> Said:
    """The place by points, such as `5/283`."""
    standing = await call.ask(call.world.standing, person)
    return Said(place(standing.place, standing.places))


async def _alltime_rank(call: Call, person: Person) -> Said:
    """The place by points ever earned."""
    standing = await call.ask(call.world.standing, person)
    return Said(place(standing.all_time_place, standing.all_time_places))


async def _level(call: Call, person: Person) -> Said:
    """100 viewer, 250 subscriber, 300 regular, 400 vip, 500 moderator, 1000 admin, 1500 owner."""
    if person is call.execution.caller:
        return Said(str(LEVELS[call.execution.role]))
    return Said(str(LEVELS[await call.ask(call.world.role, person) if person.user_id else Role.VIEWER]))


async def _lastseen(call: Call, person: Person) -> Said:
    """How long ago somebody was here."""
    return Said(_ago(call, (await call.ask(call.world.activity, person)).seen))


async def _lastactive(call: Call, person: Person) -> Said:
    """How long ago somebody wrote."""
    return Said(_ago(call, (await call.ask(call.world.activity, person)).wrote))


async def _time_online(call: Call, person: Person) -> Said:
    """How long somebody watched."""
    return Said(watched((await call.ask(call.world.standing, person)).watched))


async def _time_online_rank(call: Call, person: Person) -> Said:
    """The place by watch time."""
    standing = await call.ask(call.world.standing, person)
    return Said(place(standing.watch_place, standing.watch_places))


async def _not_kept(call: Call, person: Person) -> Said:
    """Not kept here: always empty."""
    return Said("")


def place(number: int | None, of: int) -> str:
    """`5/283`; `-/283` for somebody without a place."""
    return f"{'-' if number is None else number}/{of}"


def watched(seconds: int) -> str:
    """Watch time in its two largest units."""
    return short_form(timedelta(seconds=seconds))


def _ago(call: Call, at: datetime | None) -> str:
    return "never" if at is None else short_form(call.execution.now - at)


_FIELDS: dict[str, Field] = {
    "name": _name, "points": _points, "points_rank": _points_rank, "points_alltime_rank": _alltime_rank,
    "level": _level, "lastseen": _lastseen, "lastactive": _lastactive, "time_online": _time_online,
    "time_online_rank": _time_online_rank, "time_offline": _not_kept, "time_offline_rank": _not_kept,
    "lastmessage": _not_kept,
}  # fmt: skip


def _declare(field: str, meaning: Field) -> None:
    note = "not_kept_here" if meaning is _not_kept else ""
    asks = meaning not in (_name, _level, _not_kept)

    async def of_caller(call: Call) -> Said:
        return await meaning(call, call.execution.caller or Person(""))

    async def of_somebody(call: Call) -> Said:
        return await meaning(call, await person_of(call))

    of_caller.__doc__ = of_somebody.__doc__ = meaning.__doc__
    family.variable(f"sender.{field}", f"source.{field}", dialects=STREAMELEMENTS, asks=asks, note=note)(of_caller)
    family.variable(f"user.{field}", dialects=STREAMELEMENTS, usage="[name]", asks=True, note=note)(of_somebody)


for _named, _meaning in _FIELDS.items():
    _declare(_named, _meaning)
