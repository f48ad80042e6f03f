"""Slack's text as everybody else reads it, and the beginning that speaks to the bot."""

from __future__ import annotations

import html
import re
from typing import Any

_ENTITY = re.compile(r"<([@#!]?)([^<>|\s]{1,2000}(?:\s[^<>|]{0,500})?)(?:\|([^<>]*))?>")
_PLAIN_COMMAND = re.compile(r"[!#]\S")
_MOST = 10_000


def plain(text: str, team_id: str) -> str:
    """`<https://a|b>` as its address, `<#C1|general>` as #general, and whom it mentions as `<@team.user>`."""
    return html.unescape(_ENTITY.sub(lambda found: _entity(found, team_id), text))[:_MOST]


def _entity(found: re.Match[str], team_id: str) -> str:
    kind, name, label = found[1], found[2], found[3] or ""
    if kind == "@":
        return f"&lt;@{team_id}.{name}&gt;"
    if kind == "#":
        return f"#{label or name}"
    if kind == "!":
        word = name.partition("^")[0]
        return label if label else f"@{word}"
    return name.removeprefix("mailto:")


def addressed(text: str, team_id: str, bot_user_id: str) -> str | None:
    """What is said to the bot when a line begins with its name; None when it does not."""
    name = f"<@{team_id}.{bot_user_id}>"
    stripped = text.lstrip()
    return stripped[len(name) :].lstrip(" ,:") if stripped.startswith(name) else None


def as_command(text: str) -> str:
    """The words as a command line: `quote 3` is `!quote 3`."""
    return text if _PLAIN_COMMAND.match(text) or not text else f"!{text}"


def flattened(message: dict[str, Any]) -> str:
    """The text of a message; of one that has blocks only, what stands in them."""
    text = message.get("text") or ""
    return text if text else "\n".join(_texts(message.get("blocks"), 6))[:_MOST]


def _texts(part: Any, depth: int) -> list[str]:
    if depth == 0:
        return []
    if isinstance(part, list):
        return [text for one in part[:100] for text in _texts(one, depth - 1)]
    if not isinstance(part, dict):
        return []
    if isinstance(part.get("text"), str):
        return [part["text"]]
    return [text for name in ("text", "fields", "elements") for text in _texts(part.get(name), depth - 1)]
