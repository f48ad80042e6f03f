"""StreamElements' spam filters: banned words in groups, links, capitals, symbols, emotes, long paragraphs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alias_interaction_module_flask.imports.levels import streamelements_role
from alias_interaction_module_flask.imports.reading import listed, texted, whole, worded
from alias_interaction_module_flask.imports.rows import Filter, Note, Row
from alias_interaction_module_flask.imports.screening import MOST_DOMAINS, filter_row, ladder, within, word_rows
from flask_core.datamodels import Role

type Values = dict[str, bool | int | list[str]]

_WORDS = ("bannedWords", "bannedPhrases", "blacklist")


def rows(filters: dict[str, Any]) -> Iterator[Row]:
    """All of them; each has what it lets pass, how long it silences, and limits of its own."""
    for word in _WORDS:
        yield from _words(word, filters.get(word))
    for kind, make in _MAKERS.items():
        item = filters.get(kind)
        if isinstance(item, dict):
            name, values = make(item)
            base, notes = _base(name, item)
            made = Filter(name, base.ladder, base.exempt_role, base.message, base.silent, values)
            limits = (Note("check_limits"),) if kind != "links" else ()
            yield filter_row(kind, f"{kind}, {_seconds(item)} s", made, *notes, *limits)


def _words(word: str, given: Any) -> Iterator[Row]:
    groups = listed(given, "groups", "items") or ([given] if isinstance(given, dict) else [])
    phrases = [phrase for group in groups for phrase in worded(group.get("words") or group.get("phrases"))]
    if phrases:
        base, notes = _base("words", groups[0])
        yield from word_rows(word, phrases, _seconds(groups[0]), base, *notes)


def _base(name: str, item: dict[str, Any]) -> tuple[Filter, tuple[Note, ...]]:
    exempt = item.get("accessLevel", item.get("exempt", 500))
    role, notes = streamelements_role(exempt)
    if role is Role.VIEWER:
        role, notes = Role.MODERATOR, (Note("level_unknown", str(exempt)),)
    message, silent = texted(item.get("message"))[:200], item.get("silent") is True
    return Filter(name, ladder(_seconds(item)), role.word, message, silent), notes


def _seconds(item: dict[str, Any]) -> int:
    given = item.get("timeout", item.get("duration", item.get("length")))
    return max(whole(given.get("duration") if isinstance(given, dict) else given), 0)


def _links(item: dict[str, Any]) -> tuple[str, Values]:
    allow = worded(item.get("allow") or item.get("whitelist"))[:MOST_DOMAINS]
    return "links", {"allow": list(allow), "deny": worded(item.get("block") or item.get("blacklist"))[:MOST_DOMAINS]}


def _caps(item: dict[str, Any]) -> tuple[str, Values]:
    values: Values = {"letters": within(whole(item.get("minimum"), 10), 1, 200)}
    if "percent" in item or "percentage" in item:
        values["percent"] = within(whole(item.get("percent", item.get("percentage")), 70), 0, 99)
    return "caps", values


def _symbols(item: dict[str, Any]) -> tuple[str, Values]:
    values: Values = {"row": within(whole(item.get("amount"), 10), 3, 200)}
    if "percent" in item or "percentage" in item:
        values["percent"] = within(whole(item.get("percent", item.get("percentage")), 50), 0, 99)
    return "symbols", values


def _emotes(item: dict[str, Any]) -> tuple[str, Values]:
    return "emotes", {"most": within(whole(item.get("amount"), 15), 0, 100)}


def _paragraph(item: dict[str, Any]) -> tuple[str, Values]:
    return "length", {"longest": within(whole(item.get("amount", item.get("maximum")), 400), 20, 4_000)}


_MAKERS = {"links": _links, "caps": _caps, "symbols": _symbols, "emotes": _emotes, "paragraph": _paragraph}
