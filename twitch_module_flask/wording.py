"""A text as Twitch takes it: one line, no accidental commands, in parts, times in the community's zone."""

from __future__ import annotations

import re

from flask_core.time_tokens import with_times

LONGEST = 490
"""Code points; Twitch takes 500, and whether it counts them so is not documented."""

_COMMANDS = ("/", ".", "!")
_JOINER = "\u2060"
_INVISIBLE = "\U000e0000"
_MOST_VARIED = 8
_BREAKS = re.compile(r"\s*\n\s*")


def lines_of(text: str, *, time_zone: str, most: int, verbatim_start: bool = False) -> list[str]:
    """The chat lines that say `text`: at most `most`, the last of them ending in … when words are left over."""
    plain = _BREAKS.sub(" · ", with_times(text, time_zone).strip())
    if plain.startswith(_COMMANDS) and not verbatim_start:
        plain = _JOINER + plain
    parts: list[str] = []
    while plain and len(parts) < most:
        last = len(parts) == most - 1
        part, plain = _cut(plain, LONGEST - 1 if last and len(plain) > LONGEST else LONGEST)
        parts.append(f"{part}…" if last and plain else part)
    return parts


def _cut(text: str, longest: int) -> tuple[str, str]:
    """What fits, ending with a word where there is one, and the rest."""
    if len(text) <= longest:
        return text, ""
    at = text.rfind(" ", 1, longest + 1)
    if at < longest // 2:
        return text[:longest], text[longest:]
    return text[:at], text[at + 1 :]


def halves(text: str) -> list[str]:
    """A line as two lines."""
    first, rest = _cut(text, len(text) // 2 + 1)
    return [part for part in (first, rest) if part]


def varied(text: str, times: int) -> str:
    """The same words with an ending that nobody sees: another one for each time that they were said already."""
    return f"{text} {_INVISIBLE * min(times, _MOST_VARIED)}" if times else text
