"""Weather, games, music and a model: answers of services outside."""

from __future__ import annotations

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.formats import filled
from alias_interaction_module_flask.evaluator.registry import ALL, NIGHTBOT, STREAMELEMENTS, Family
from alias_interaction_module_flask.evaluator.values import Failed, Origin, Said
from alias_interaction_module_flask.evaluator.world import LookupFailed

family = Family("Services outside")

LONGEST_PROMPT = LONGEST_ANSWER = 400


@family.variable("weather", dialects=ALL, usage="place", reads="text", asks=True)
async def weather(call: Call) -> Said:
    """The weather at a place, in one line."""
    place = call.text().strip()[:100]
    found = await call.ask(call.world.weather, place) if place else None
    if found is None:
        call.fail("no such place")
    return Said(found.line, Origin.EXTERNAL)


@family.variable("lastfm", dialects=NIGHTBOT, usage='account ["format"]', asks=True)
async def lastfm(call: Call) -> Said:
    """What somebody hears on Last.fm; fields artist, title, url."""
    return await _profile(call, "lastfm")


@family.variable("steam", dialects=NIGHTBOT, usage='account ["format"]', asks=True)
async def steam(call: Call) -> Said:
    """A Steam account; fields name, realName, profileUrl, lastOnline, status, country, gameId, gameName, gameUrl, …"""
    return await _profile(call, "steam")


async def _profile(call: Call, source: str) -> Said:
    found = await call.ask(call.world.source, source, call.text()[:100]) if call.text() else None
    if found is None:
        call.fail("no such user")
    known = {name.lower(): value for name, value in found.fields.items()}
    layout = call.rest(1)
    return Said(filled(layout, lambda field: known.get(field.lower(), "")) if layout else found.line, Origin.EXTERNAL)


@family.variable("leagueoflegends", dialects=ALL, usage="Name#Tag region", asks=True)
async def league(call: Call) -> Said:
    """Somebody's rank in League of Legends."""
    return await _rank(call, "leagueoflegends")


@family.variable("teamfighttactics", dialects=ALL, usage="Name#Tag region", asks=True)
@family.variable("tft", dialects=STREAMELEMENTS, usage="region Name#Tag", asks=True)
async def tactics(call: Call) -> Said:
    """Somebody's rank in Teamfight Tactics."""
    return await _rank(call, "teamfighttactics")


async def _rank(call: Call, source: str) -> Said:
    """Both orders are in use; the one with `#` is the name."""
    words = [said.text for said in call.arguments if said.text]
    if len(words) < 2:
        call.fail("write Name#Tag and a region")
    regions = [word for word in (words[0], words[-1]) if "#" not in word]
    region = regions[0] if regions else words[-1]
    name = " ".join(words[1:] if region is words[0] else words[:-1])
    found = await call.ask(call.world.source, source, name[:100], region[:20].lower())
    if found is None:
        call.fail("no such user")
    return Said(found.line, Origin.EXTERNAL)


@family.variable("ai", dialects=STREAMELEMENTS, usage="prompt", reads="raw", asks=True)
async def ai(call: Call) -> Said:
    """What the community's model says to a prompt of at most 400 characters."""
    prompt = call.text().strip()[:LONGEST_PROMPT]
    if not prompt:
        return Said("")
    try:
        answer = await call.ask(call.world.answer, prompt)
    except LookupFailed as failed:
        raise Failed(failed.reason if failed.reason.startswith("(") else f"[ai: {failed.reason}]") from None
    return Said(answer[:LONGEST_ANSWER], Origin.EXTERNAL)
