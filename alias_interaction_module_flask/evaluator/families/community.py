"""What the community has: points, quotes, songs, events, emotes."""

from __future__ import annotations

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.durations import long_form
from alias_interaction_module_flask.evaluator.families.people import person_of, place, watched
from alias_interaction_module_flask.evaluator.registry import STREAMELEMENTS, WADDLE, Family
from alias_interaction_module_flask.evaluator.values import Origin, Said
from alias_interaction_module_flask.evaluator.zones import UTC_ZONE

family = Family("The community")


@family.variable("points", dialects=WADDLE, usage="[name]", asks=True)
async def points(call: Call) -> str:
    """Points of the caller, or of who is named."""
    return str((await call.ask(call.world.standing, await person_of(call))).points)


@family.variable("points.rank", dialects=WADDLE, usage="[name]", asks=True)
async def points_rank(call: Call) -> str:
    """The place by points: `5/283`."""
    standing = await call.ask(call.world.standing, await person_of(call))
    return place(standing.place, standing.places)


@family.variable("reputation", dialects=WADDLE, usage="[name]", asks=True)
async def reputation(call: Call) -> str:
    """The reputation score."""
    return str((await call.ask(call.world.standing, await person_of(call))).score)


@family.variable("watchtime", dialects=WADDLE, usage="[name]", asks=True)
async def watchtime(call: Call) -> str:
    """How long somebody watched."""
    return watched((await call.ask(call.world.standing, await person_of(call))).watched)


@family.variable("followage", dialects=WADDLE, usage="[name]", asks=True)
async def followage(call: Call) -> str:
    """How long somebody follows this channel."""
    since = await call.ask(call.world.followed_since, await person_of(call))
    return "not following" if since is None else long_form(since, call.execution.now, UTC_ZONE, units=2)


@family.variable("accountage", dialects=WADDLE, usage="[name]", asks=True)
async def accountage(call: Call) -> str:
    """How old an account is."""
    since = await call.ask(call.world.created_at, await person_of(call))
    if since is None:
        call.fail("not known")
    return long_form(since, call.execution.now, UTC_ZONE, units=2)


@family.variable("mention", dialects=WADDLE, usage="name", asks=True)
async def mention(call: Call) -> Said:
    """Mention somebody as the platform does."""
    person = await person_of(call)
    if call.execution.platform in ("discord", "slack") and person.user_id:
        return Said(f"<@{person.user_id}>", Origin.VIEWER)
    return Said(f"@{person.name}" if person.name else "", Origin.VIEWER)


@family.variable("pointsname", dialects=STREAMELEMENTS, asks=True)
async def pointsname(call: Call) -> str:
    """What points are called here."""
    return await call.ask(call.world.points_name)


@family.variable("quote", dialects=STREAMELEMENTS, usage="[number]", asks=True)
async def quote(call: Call) -> Said:
    """A saved quote: `#3 text`."""
    number = call.text().removeprefix("#")
    if number and not (number.isascii() and number.isdigit() and len(number) < 10):
        return Said("")
    found = await call.ask(call.world.quote, int(number) if number else None)
    return Said(f"#{found[0]} {found[1]}" if found else "", Origin.EXTERNAL)


@family.variable("song", dialects=WADDLE, asks=True)
async def song(call: Call) -> Said:
    """The song that plays."""
    now = await call.ask(call.world.song)
    return Said(now.title if now else "", Origin.EXTERNAL)


@family.variable("song.requester", dialects=WADDLE, asks=True)
async def song_requester(call: Call) -> Said:
    """Who asked for the song that plays."""
    now = await call.ask(call.world.song)
    return Said(now.requester if now else "", Origin.EXTERNAL)


@family.variable("song.url", dialects=WADDLE, asks=True)
async def song_url(call: Call) -> Said:
    """Where the song that plays is found."""
    now = await call.ask(call.world.song)
    return Said(now.url if now else "", Origin.EXTERNAL)


@family.variable("queue.length", dialects=WADDLE, asks=True)
async def queue_length(call: Call) -> str:
    """How many songs wait."""
    return str(await call.ask(call.world.queue_length))


@family.variable("event.next", dialects=WADDLE, asks=True)
async def next_event(call: Call) -> Said:
    """The title of the next event."""
    found = await call.ask(call.world.next_event)
    return Said(found[0] if found else "", Origin.EXTERNAL)


@family.variable("event.next.in", dialects=WADDLE, asks=True)
async def next_event_in(call: Call) -> str:
    """How long until the next event."""
    found = await call.ask(call.world.next_event)
    return long_form(call.execution.now, found[1], UTC_ZONE, units=2) if found else ""


def _declare_emotes(name: str, source: str) -> None:
    async def emotes(call: Call) -> Said:
        return Said(" ".join(await call.ask(call.world.emotes, source)), Origin.EXTERNAL)

    emotes.__doc__ = f"Names of the channel's {name.removesuffix('emotes').upper()} emotes."
    family.variable(name, dialects=STREAMELEMENTS, asks=True)(emotes)


for _source in ("7tv", "bttv", "ffz", "twitch"):
    _declare_emotes(f"{_source}emotes", _source)
