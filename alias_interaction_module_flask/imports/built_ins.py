"""The commands that other bots bring along, and what does the same here."""

from __future__ import annotations

from alias_interaction_module_flask.imports.reading import named
from alias_interaction_module_flask.imports.rows import Command, Note, Row
from alias_interaction_module_flask.models import Wish

OURS = {
    "accountage": "accountage", "commands": "commands", "command": "cmd", "filters": "filter", "spam": "filter",
    "followage": "followage", "game": "game", "category": "game", "help": "help", "marker": "marker", "nuke": "nuke",
    "permit": "permit", "ping": "ping", "quote": "quote", "quotes": "quote", "setgame": "setgame",
    "settitle": "settitle", "status": "title", "title": "title", "uptime": "uptime", "clip": "clip",
    "alias": "alias", "counters": "counter", "editcounter": "counter", "module": "module", "vip": "vip",
    "viewers": "viewers", "timer": "timer", "timers": "timer", "cmd": "cmd",
}  # fmt: skip


def row(name: str, shown: str = "") -> Row:
    """A command that the other bot brought along: ours if there is one, under its other name if it had one."""
    own, _ = named(name)
    typed, _ = named(shown or name)
    ours = OURS.get(own)
    if ours is None:
        return Row("built_in", own, own, f"!{typed}", None, (Note("no_equivalent", f"!{typed}"),))
    if typed not in {own, ours}:
        alias = Wish("alias", typed, f"!{ours}")
        return Row("built_in", own, typed, f"!{typed}", Command(alias), (Note("built_in", f"!{ours}"),))
    return Row("built_in", own, own, f"!{typed}", None, (Note("built_in", f"!{ours}"),), fixed="ok")
