"""`$(twitch …)`: any Twitch channel, with a format of one's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from alias_interaction_module_flask.evaluator.calls import Call
from alias_interaction_module_flask.evaluator.durations import long_form
from alias_interaction_module_flask.evaluator.formats import filled
from alias_interaction_module_flask.evaluator.javascript_dates import date_text
from alias_interaction_module_flask.evaluator.registry import NIGHTBOT, Family
from alias_interaction_module_flask.evaluator.values import Origin, Said
from alias_interaction_module_flask.evaluator.world import Stream
from alias_interaction_module_flask.evaluator.zones import UTC_ZONE

family = Family("Twitch channels")

# Twitch does not tell these any more.
GONE = frozenset({"views", "resolution", "fps"})
_LIVE = (
    "{{displayName}} is currently live playing {{game}} with {{viewers}} viewers since {{uptimeAt}} ({{uptimeLength}})"
    " - {{url}}"
)
_OFFLINE = "{{displayName}} is offline, last playing {{game}} - {{url}}"


def _length(call: Call, at: datetime | None) -> str:
    return "" if at is None else long_form(at, call.execution.now, UTC_ZONE, between=", ")


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


FIELDS: dict[str, Callable[[Call, Stream], str]] = {
    "name": lambda _, on: on.login,
    "displayname": lambda _, on: on.display_name or on.login,
    "url": lambda _, on: f"https://www.twitch.tv/{on.login}",
    "status": lambda _, on: "live" if on.live else "offline",
    "title": lambda _, on: on.title,
    "game": lambda _, on: on.game,
    "tags": lambda _, on: ", ".join(on.tags),
    "createdat": lambda _, on: date_text(on.created_at),
    "createdlength": lambda call, on: _length(call, on.created_at),
    "viewers": lambda _, on: _number(on.viewers if on.live else 0),
    "followers": lambda _, on: _number(on.followers),
    "uptimeat": lambda _, on: date_text(on.started_at if on.live else None),
    "uptimelength": lambda call, on: _length(call, on.started_at if on.live else None),
    "subscribercount": lambda _, on: _number(on.subscribers),
}


@family.variable("twitch", dialects=NIGHTBOT, usage='channel ["format with {{fields}}"]', asks=True)
async def twitch(call: Call) -> Said:
    """A Twitch channel: live or not, what it plays, for how many; a format takes `{{uptimeLength}}` and others."""
    login = call.text(0).removeprefix("@").lower()
    on = await call.ask(call.world.stream, login) if login else None
    if on is None:
        call.fail("no such user")
    chosen = call.rest(1) or (_LIVE if on.live else _OFFLINE)
    return Said(filled(chosen, lambda field: _value(call, on, field)), Origin.EXTERNAL)


def _value(call: Call, on: Stream, field: str) -> str:
    found = FIELDS.get(field.lower())
    return found(call, on) if found else ""
