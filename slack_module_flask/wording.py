"""A text as Slack takes it: markup that means only what we mean, in parts, with times that readers see as theirs."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

from flask_core.time_tokens import with_times

LONGEST = 3_900
MOST_PARTS = 5
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MENTION = re.compile(r"&lt;@!?([A-Z0-9]{1,30})\.([A-Z0-9]{1,30})(?:\|[^&]{0,80})?&gt;")
_TIME = re.compile(r"⟦t:([^⟧]{1,40})⟧")
_BOLD = re.compile(r"\*\*([^*\n]{1,1000}?)\*\*")
_STRUCK = re.compile(r"~~([^~\n]{1,1000}?)~~")
_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\((https?://[^\s()|]{1,1500})\)")
_MARKED = re.compile(r"<([^<>|]{1,2000})(?:\|([^<>]{0,2000}))?>")
_JOINER = "\u2060"


def escaped(text: str) -> str:
    """Letters that Slack would read as its own markup, made letters: no `<!channel>` comes out of it."""
    return text.translate(_ESCAPES)


def mrkdwn(text: str, time_zone: str = "UTC", *, verbatim_start: bool = False) -> str:
    """Our text in Slack's markup. Members are mentioned where the text names them by account; nobody else is called."""
    safe = escaped(text)
    safe = _LINK.sub(r"<\2|\1>", safe)
    safe = _STRUCK.sub(r"~\1~", _BOLD.sub(r"*\1*", safe))
    safe = _MENTION.sub(lambda found: f"<@{found[2]}>", safe)
    safe = _TIME.sub(lambda found: _shown(found[1], time_zone), safe)
    return _JOINER + safe if safe.startswith("/") and not verbatim_start else safe


def _shown(said: str, time_zone: str) -> str:
    try:
        at = datetime.fromisoformat(said).astimezone(UTC)
    except (ValueError, OverflowError):
        return said
    otherwise = with_times(f"⟦t:{said}⟧", time_zone)
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{otherwise}>"


def divided(text: str, most: int = MOST_PARTS) -> tuple[list[str], str]:
    """At most `most` parts that Slack takes, cut at lines or words, and what is left over."""
    parts: list[str] = []
    rest = text
    while rest and len(parts) < most:
        part, rest = _cut(rest, LONGEST)
        parts.append(part)
    return parts, rest


def unmarked(text: str) -> str:
    """Our text in Slack's markup as plain text again: for files, where Slack reads no markup."""
    return html.unescape(_MARKED.sub(lambda found: _plainly(found[1], found[2] or ""), text))


def _plainly(what: str, label: str) -> str:
    if what.startswith("http"):
        return f"{label} ({what})"
    return label or what


def _cut(text: str, longest: int) -> tuple[str, str]:
    if len(text) <= longest:
        return text, ""
    at = max(text.rfind("\n", 1, longest + 1), 0)
    if at < longest // 2:
        at = max(text.rfind(" ", 1, longest + 1), 0)
    if at < longest // 2:
        # Not in the middle of `&lt;` or of a link.
        at = longest
        for opening, closing in (("&", ";"), ("<", ">")):
            begun = text.rfind(opening, at - 12 if opening == "&" else 0, at)
            if begun > longest // 2 and closing not in text[begun:at]:
                at = begun
        return text[:at], text[at:]
    return text[:at], text[at + 1 :]
