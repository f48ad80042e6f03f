"""A text as Discord takes it: in parts on lines and words, code kept whole, times in each reader's own zone."""

from __future__ import annotations

import re
from datetime import datetime

LONGEST = 2_000
_TIME = re.compile(r"⟦t:([^⟧]{1,40})⟧")
_FENCE = "```"
_ROOM = 40


def with_times(text: str) -> str:
    """Times as Discord shows each reader their own."""
    return _TIME.sub(_shown, text) if "⟦t:" in text else text


def _shown(found: re.Match[str]) -> str:
    try:
        return f"<t:{int(datetime.fromisoformat(found[1]).timestamp())}:f>"
    except (ValueError, OverflowError):
        return found[1]


def parts_of(text: str, most: int) -> list[str]:
    """The messages that say `text`, each at most 2,000 characters; [] when `most` of them are not enough."""
    parts, opened, rest = list[str](), "", text.strip()
    while rest:
        if len(parts) == most:
            return []
        room = LONGEST - len(opened) - (_ROOM if len(rest) + len(opened) > LONGEST else 0)
        part, rest = _cut(rest, room)
        part = opened + part
        opened = _left_open(part)
        if opened and rest:
            part += f"\n{_FENCE}"
        elif not rest:
            opened = ""
        parts.append(part)
    return parts


def _cut(text: str, longest: int) -> tuple[str, str]:
    """What fits, ending with a line or else a word where there is one, and the rest."""
    if len(text) <= longest:
        return text, ""
    for gap in ("\n", " "):
        at = text.rfind(gap, 1, longest + 1)
        if at >= longest // 2:
            return text[:at], text[at + 1 :]
    return text[:longest], text[longest:]


def _left_open(part: str) -> str:
    """The line that opens the code block again which `part` leaves open; "" for none."""
    if part.count(_FENCE) % 2 == 0:
        return ""
    behind = part[part.rfind(_FENCE) + len(_FENCE) :]
    language = re.match(r"[\w+-]{0,20}(?=\n)", behind)
    return f"{_FENCE}{language[0] if language else ''}\n"
