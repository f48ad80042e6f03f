"""A text as Twitch takes it: one line, no accidental commands, in parts, times in the community's zone."""

from __future__ import annotations

import re

from flask_core.time_tokens import with_times

LONGEST = 490
"""Code points; Twitch takes 500, and whether it counts them so is not documented."""

_COMMANDS = ("/", ".", "!")
_JOINER = "\u2060"
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
