"""What timers of all bots become: the router's own, and a command where their text has variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from alias_interaction_module_flask.imports.entries import row_of
from alias_interaction_module_flask.imports.rows import Note, Row, Timer
from alias_interaction_module_flask.imports.scanning import caller_words, has_variables
from alias_interaction_module_flask.models import Dialect, Wish
from flask_core.contracts.timers import TimerSettings
from flask_core.datamodels import Role

_SHORTEST, _LONGEST, _TEXTS, _TEXT, _COMMAND = 300, 86_400, 10, 500, 200
_UNUSUAL = re.compile(r"[^a-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a timer speaks; times in seconds."""

    every: int
    offline_every: int = 0
    lines: int = 0
    lines_within: int = 0
    stream: Literal["always", "live", "offline"] = "always"


@dataclass(frozen=True, slots=True)
class Found:
    """A timer of another bot: `texts` that take turns, or a command `line`."""

    external_id: str
    name: str
    texts: tuple[str, ...]
    line: str
    dialect: Dialect
    enabled: bool
    notes: tuple[Note, ...]


def clamped(seconds: int) -> tuple[int, tuple[Note, ...]]:
    """Seconds that a timer may have."""
    kept = min(max(seconds, _SHORTEST), _LONGEST)
    return kept, () if kept == seconds else (Note("timer_clamped", f"{kept // 60} min"),)


def timer_rows(found: Found, rhythm: Rhythm) -> Iterator[Row]:
    """The timer; a text with variables becomes a command that it runs, for texts alone are said as they are."""
    name = _UNUSUAL.sub("-", found.name.lower()).strip("-")[:25] or "timer"
    key, line, said = found.external_id or name, found.line, tuple(text for text in found.texts if text)
    original = (line or " / ".join(said))[:_TEXT]
    notes = [*found.notes, *_about_callers((*said, line), found.dialect)]
    if any(has_variables(text, found.dialect) for text in said):
        if len(said) > 1:
            notes.append(Note("timer_variables"))
        wish = Wish("text", f"timer-{name}", said[0], found.dialect, Role.MODERATOR, cooldown_channel=0, hidden=True)
        yield row_of(f"{key}:timer", said[0], wish, ())
        said, line = (), f"!{wish.name}"
    if impossible := _impossible(said, line):
        yield Row("timer", key, name, original, None, (impossible,))
        return
    if len(said) > _TEXTS:
        notes.append(Note("too_many", str(_TEXTS)))
    settings = TimerSettings(
        rhythm.every, said[:_TEXTS], line, offline_every=rhythm.offline_every, lines=rhythm.lines,
        lines_within=rhythm.lines_within, stream=rhythm.stream,
    )  # fmt: skip
    yield Row("timer", key, name, original, Timer(name, settings, found.enabled), tuple(dict.fromkeys(notes)))


def _about_callers(texts: tuple[str, ...], dialect: Dialect) -> Iterator[Note]:
    for text in texts:
        yield from (Note("timer_caller", word) for word in caller_words(text, dialect))


def _impossible(said: tuple[str, ...], line: str) -> Note | None:
    if not said and not line:
        return Note("empty_text")
    if len(line) > _COMMAND:
        return Note("text_too_long", str(_COMMAND))
    return Note("text_too_long", str(_TEXT)) if any(len(text) > _TEXT for text in said) else None
