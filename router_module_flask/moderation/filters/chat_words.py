"""How filters are set and told in one line of chat: `ladder=warn,5m role=vip allow=+youtube.com`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_core.contracts.filters import Filter, Option, PutFilter
from flask_core.errors import InvalidInput
from flask_core.grammar import clean

_PAIR = re.compile(r"""([a-z_]+)=(?:"([^"]*)"|“([^”]*)”|(\S*))(?:\s+|$)""")
_YES, _NO = frozenset({"yes", "on", "true"}), frozenset({"no", "off", "false"})
_EVERYBODY = frozenset({"", "all", "everywhere", "none"})
_SHOWN = 5


def change_of(view: Filter, community_id: int, line: str, enabled: bool | None) -> PutFilter:
    """The change that `key=value …` means; raises InvalidInput for a key that this filter does not have."""
    options = {option.name: option for option in view.options}
    fields: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for key, text in _pairs(line):
        if key in options:
            values[key] = _value(options[key], text)
        elif key in _COMMON:
            name, read = _COMMON[key]
            fields[name] = read(text, getattr(view, name))
        else:
            known = ", ".join((*options, *_COMMON))
            raise InvalidInput(f"{view.name} has no {key}. It has: {known}.")
    return PutFilter(community_id, view.name, view.version, enabled=enabled, values=values, **fields)


def _pairs(line: str) -> Iterable[tuple[str, str]]:
    line, at = clean(line), 0
    while at < len(line):
        found = _PAIR.match(line, at)
        if found is None:
            raise InvalidInput('Settings are written key=value, with spaces key="two words".')
        yield found[1], found[2] or found[3] or found[4] or ""
        at = found.end()


def _value(option: Option, text: str) -> Any:
    if option.kind == "number":
        if not re.fullmatch(r"[0-9]{1,6}", text):
            raise InvalidInput(f"{option.name} is a number from {option.lowest} to {option.highest}.")
        if not option.lowest <= int(text) <= option.highest:
            raise InvalidInput(f"{option.name} goes from {option.lowest} to {option.highest}.")
        return int(text)
    if option.kind == "switch":
        return _switch(option.name, text)
    words = _list(text, tuple(option.value))
    for word in words:
        if option.choices and word not in option.choices:
            raise InvalidInput(f"{option.name} can be {', '.join(option.choices)}.")
    return words


def _switch(name: str, text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise InvalidInput(f"{name} is yes or no.")
    return text.lower() in _YES


def _list(text: str, now: tuple[str, ...]) -> tuple[str, ...]:
    """A list by commas; `+word` and `-word` change the one there is."""
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    if words and all(word[0] in "+-" and len(word) > 1 for word in words):
        gone = {word[1:] for word in words}
        return (*(word for word in now if word not in gone), *(word[1:] for word in words if word[0] == "+"))
    return () if text.lower() in _EVERYBODY else words


_COMMON: dict[str, tuple[str, Any]] = {
    "role": ("exempt_role", lambda text, _: text.lower()),
    "label": ("exempt_label", lambda text, _: "" if text.lower() == "none" else text),
    "ladder": ("ladder", _list),
    "message": ("message", lambda text, _: text),
    "silent": ("silent", lambda text, _: _switch("silent", text)),
    "channels": ("channels", _list),
    "platforms": ("platforms", _list),
}


def told(view: Filter) -> str:
    """How a filter is set, in one line."""
    parts = [f"{option.name} {_words(option.value)}" for option in view.options]
    parts.append("held for a moderator" if view.holds else " → ".join(view.ladder))
    parts.append(f"exempt {view.exempt_role}{f' or label {view.exempt_label}' if view.exempt_label else ''}")
    places = (*view.platforms, *view.channels)
    if places:
        parts.append(f"in {_words(places)}")
    if view.silent:
        parts.append("silent")
    return f"{view.name} {'on' if view.enabled else 'off'}: {'; '.join(parts)}."


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        more = f" (+{len(value) - _SHOWN} more)" if len(value) > _SHOWN else ""
        return (", ".join(value[:_SHOWN]) or "none") + more
    return str(value)
