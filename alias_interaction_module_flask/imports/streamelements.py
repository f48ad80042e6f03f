"""Reads what StreamElements' API answers; pure, like its neighbour for Nightbot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from alias_interaction_module_flask.imports import built_ins, streamelements_filters
from alias_interaction_module_flask.imports.entries import row_of
from alias_interaction_module_flask.imports.levels import streamelements_role
from alias_interaction_module_flask.imports.reading import cooldown, listed, named, texted, whole, worded
from alias_interaction_module_flask.imports.rows import Command, Counter, Note, Row
from alias_interaction_module_flask.imports.timing import Found, Rhythm, clamped, timer_rows
from alias_interaction_module_flask.imports.triggers import contains, matches
from alias_interaction_module_flask.models import Style, When, Wish

_WAYS: dict[str, Style] = {
    "say": "say", "mention": "mention", "reply": "reply", "whisper": "whisper", "action": "me", "me": "me",
}  # fmt: skip
_MINUTE = 60


def rows(fetched: dict[str, Any]) -> Iterator[Row]:
    """All rows; `fetched` has answers by what they are about: commands, default, timers, filters, counters."""
    for item in listed(fetched.get("commands"), "commands"):
        yield from _command(item)
    for item in listed(fetched.get("default"), "commands"):
        yield built_ins.row(texted(item.get("commandId")) or texted(item.get("command")), texted(item.get("command")))
    for item in listed(fetched.get("timers"), "timers"):
        yield from _timer(item)
    filters = fetched.get("filters")
    if isinstance(filters, dict):
        yield from streamelements_filters.rows(filters)
    for item in listed(fetched.get("counters"), "counters"):
        name, notes = named(texted(item.get("_id")) or texted(item.get("name")))
        value = whole(item.get("value") if "value" in item else item.get("count"))
        yield Row("counter", name, name, str(value), Counter(name, value), notes)


def _command(item: dict[str, Any]) -> Iterator[Row]:
    written, text = texted(item.get("command")), texted(item.get("reply"))
    name, renamed = named(written)
    role, about_role = streamelements_role(item.get("accessLevel"))
    given = item.get("cooldown")
    both: dict[str, Any] = given if isinstance(given, dict) else {}
    channel, about_channel = cooldown(both.get("global"), 5)
    member, about_member = cooldown(both.get("user"), 0)
    way, about_way = _way(texted(item.get("type")) or "say")
    cost = max(whole(item.get("cost")), 0)
    when, enabled = _when(item)
    wish = Wish(
        "text", name, text, "streamelements", role, cooldown_channel=channel, cooldown_member=member, when=when,
        style=way, cost=cost, enabled=enabled, hidden=item.get("hidden") is True,
    )  # fmt: skip
    about_cost = (Note("check_price", str(cost)),) if cost else ()
    notes = (*renamed, *about_role, *about_channel, *about_member, *about_way, *about_cost)
    made = row_of(texted(item.get("_id")) or name, f"!{written.removeprefix('!')} {text}".strip(), wish, notes)
    yield made
    if isinstance(made.becomes, Command):
        yield from _other_names(item, made, made.becomes.wish)


def _other_names(item: dict[str, Any], made: Row, wish: Wish) -> Iterator[Row]:
    for number, other in enumerate(worded(item.get("aliases"))):
        name, renamed = named(other)
        if name != wish.name:
            alias = Wish(
                "alias", name, f"!{wish.name}", "streamelements", wish.role, cooldown_channel=0, enabled=wish.enabled,
                hidden=True,
            )  # fmt: skip
            key, shown = f"{made.external_id}:alias:{number}", f"!{name} → !{wish.name}"
            yield Row("alias", key, name, shown, Command(alias), renamed)
    for number, keyword in enumerate(worded(item.get("keywords"))):
        yield contains(made, keyword, number)
    if expression := texted(item.get("regex")):
        yield matches(made, expression)


def _way(word: str) -> tuple[Style, tuple[Note, ...]]:
    known = _WAYS.get(word.lower())
    return (known, ()) if known else ("say", (Note("type_unknown", word[:30]),))


def _when(item: dict[str, Any]) -> tuple[When, bool]:
    """What is absent is true."""
    online, offline = item.get("enabledOnline") is not False, item.get("enabledOffline") is not False
    enabled = item.get("enabled") is not False and (online or offline)
    if online == offline:
        return "always", enabled
    return ("online" if online else "offline"), enabled


def _timer(item: dict[str, Any]) -> Iterator[Row]:
    live, dark = (_state(item.get(word)) for word in ("online", "offline"))
    texts = worded(item.get("messages")) or worded(item.get("message"))
    every, about = clamped((live or dark or 5) * _MINUTE)
    offline_every, _ = clamped(dark * _MINUTE) if live and dark and live != dark else (0, ())
    lines = min(max(whole(item.get("chatLines")), 0), 1_000)
    one: Literal["live", "offline"] = "live" if live else "offline"
    rhythm = Rhythm(every, offline_every, lines, every if lines else 0, one if bool(live) != bool(dark) else "always")
    enabled = item.get("enabled") is not False and bool(live or dark)
    found = Found(
        texted(item.get("_id")), texted(item.get("name")), tuple(texts), "", "streamelements", enabled, about
    )  # fmt: skip
    yield from timer_rows(found, rhythm)


def _state(given: Any) -> int:
    """Minutes between two messages; 0 while the stream is in a state in which it keeps silent."""
    if not isinstance(given, dict) or given.get("enabled") is False:
        return 0
    return max(whole(given.get("interval"), 5), 1)
